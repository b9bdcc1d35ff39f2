"""Calls -> how long they took: each by itself in a loop, and two in turn on the same reads."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, perf_counter_ns

import numpy as np

ROUNDS = 7
"""Times that a quick call is repeated; its least time counts, which takes out preemption."""

Call = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of `reads` different calls; with fewer than a hundred `p99` is the longest."""

    reads: int
    median: float
    p99: float

    @classmethod
    def of(cls, nanoseconds: Sequence[int]) -> "Times":
        """Sum up what was taken; at least one call."""
        taken = np.array(nanoseconds) / 1e9
        return cls(len(taken), float(np.median(taken)), float(np.quantile(taken, 0.99)))


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long to go on: for `seconds`, but over at least so many reads."""

    seconds: float
    least: int


def alone(calls: Sequence[Call], bounds: Bounds, rounds: int = ROUNDS) -> Times:
    """Time calls one after the other, in rounds over all of them; the least of each counts.

    The first round decides how many calls there are, the bounds how many rounds.
    """
    with _quiet():
        calls[0]()
        ends = perf_counter() + bounds.seconds
        least = _within(calls, bounds)
        for _ in range(rounds - 1):
            if perf_counter() > ends:
                break
            again = [_taken(call) for call in calls[: len(least)]]
            least = [min(pair) for pair in zip(least, again, strict=True)]
    return Times.of(least)


def in_turn(pairs: Sequence[tuple[Call, Call]], bounds: Bounds) -> tuple[Times, Times]:
    """Time both calls of each pair, the first before the second, once.

    What the first did to the processor's caches is what the second finds.
    """
    first: list[int] = []
    second: list[int] = []
    with _quiet():
        ends = perf_counter() + bounds.seconds
        for one, other in pairs:
            if len(first) >= bounds.least and perf_counter() > ends:
                break
            first.append(_taken(one))
            second.append(_taken(other))
    return Times.of(first), Times.of(second)


def _within(calls: Sequence[Call], bounds: Bounds) -> list[int]:
    ends = perf_counter() + bounds.seconds
    taken: list[int] = []
    for call in calls:
        if len(taken) >= bounds.least and perf_counter() > ends:
            break
        taken.append(_taken(call))
    return taken


def _taken(call: Call) -> int:
    begin = perf_counter_ns()
    call()
    return perf_counter_ns() - begin


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the collector of cycles out, as `timeit` does."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
