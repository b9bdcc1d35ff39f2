"""One size -> figures. Each part runs in a fresh process, so that memory is its own."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, cycle, islice, zip_longest
from pathlib import Path
from time import perf_counter

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from benchmarks.speed import figures
from benchmarks.speed.clock import Bounds, Call, alone, in_turn
from benchmarks.speed.figures import Fact, Figures, Timed
from benchmarks.speed.ours import Ours, Prepared, Whole, everybody, exhaustively, prepared
from benchmarks.speed.peers import EDITS, PEERS, Peer
from benchmarks.speed.reads import MISS, Case
from plate_match.channel import Source

SCAN = 0.02
"""Seconds of a call from which on a peer is timed in turn only: our microseconds between two
of its scans do not change them."""

CLEAN = 17
"""Of twenty reads in bulk, those of vehicles that are not wanted, read right."""

_PART = 50_000

STATUS = Path("/proc/self/statm")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure at one size.

    Attributes:
        size: plates on the list.
        plates: file of an array of them.
        cases: reads by class.
        seconds: budget of a cell.
        least: reads of a class that a slow peer is asked at least.
        source: what the reads are reported as.
    """

    size: int
    plates: Path
    cases: Mapping[str, Sequence[Case]]
    seconds: float
    least: int
    source: Source = Source.CAMERA

    @property
    def bounds(self) -> Bounds:
        """Those of a cell."""
        return Bounds(self.seconds, self.least)

    def texts(self) -> list[str]:
        """Return the plates on the list; made in parts, so that little else is in memory."""
        plates = np.load(self.plates, mmap_mode="r")
        parts = (plates[begin : begin + _PART].tolist() for begin in range(0, self.size, _PART))
        return [plate.decode() for part in parts for plate in part]


def of_ours(plan: Plan) -> Figures:
    """Measure our search: to build, to hold, to ask."""
    texts = plan.texts()
    Ours.build(texts[:100])  # what is made once in a process is not the index's
    before = resident()
    ours = Ours.build(texts)
    found = Figures(facts=_built(plan.size, figures.OURS, ours.seconds))
    found.facts.append(Fact(plan.size, figures.OURS, figures.GROWN, resident() - before))
    found.facts.append(Fact(plan.size, figures.OURS, figures.HELD, ours.own_bytes))
    for kind, cases in plan.cases.items():
        looks = [prepared(case.read, plan.source) for case in cases]
        subjects: dict[str, list[Call]] = {
            figures.SEARCH: [partial(ours.search, look) for look in looks],
            figures.TYPED: [partial(ours.typed, case.read, plan.source) for case in cases],
            figures.EVERYBODY: [partial(everybody, look) for look in looks],
        }
        for who, calls in subjects.items():
            times = alone(calls, plan.bounds)
            found.timed.append(Timed(plan.size, who, kind, figures.ALONE, times))
    return found


def of_exactness(plan: Plan) -> Figures:
    """Compare our lists with those of scoring every plate, the classes in turn."""
    texts = plan.texts()
    ours = Ours.build(texts)
    compared, differ = 0, 0
    ends = perf_counter() + 10 * plan.seconds
    for case in chain.from_iterable(zip_longest(*plan.cases.values())):
        if compared >= len(plan.cases) and perf_counter() > ends:
            break
        if case is not None:
            look = prepared(case.read, plan.source)
            compared += 1
            differ += ours.ten(look) != exhaustively(look, texts)
    return Figures(
        facts=[
            Fact(plan.size, figures.OURS, figures.COMPARED, compared),
            Fact(plan.size, figures.OURS, figures.DIFFER, differ),
        ]
    )


def of_peer(plan: Plan, name: str) -> Figures:
    """Measure a peer, by itself and in turn with our search."""
    before = resident()
    texts = plan.texts()
    listed = resident() - before
    ours = Ours.build(texts)
    before = resident()
    with PEERS[name](texts) as peer:
        found = Figures(facts=_built(plan.size, name, peer.seconds))
        if peer.in_process:
            found.facts.append(Fact(plan.size, name, figures.GROWN, listed + resident() - before))
        if peer.own_bytes is not None:
            found.facts.append(Fact(plan.size, name, figures.HELD, peer.own_bytes))
        for cases in plan.cases.values():
            asked = [case for case in cases if peer.asks(case.read)]
            if asked:
                found.add(_beside(plan, name, peer=peer, ours=ours, cases=asked))
    return found


def _beside(plan: Plan, name: str, *, peer: Peer, ours: Ours, cases: Sequence[Case]) -> Figures:
    """Measure a peer on reads of one class."""
    found = Figures()
    kind, looks = cases[0].kind, [prepared(case.read, plan.source) for case in cases]
    answers: list[list[str]] = []

    def searched(read: str) -> None:
        answers.append(peer.search(read))

    pairs: list[tuple[Call, Call]] = [
        (partial(searched, case.read), partial(ours.search, look))
        for case, look in zip(cases, looks, strict=True)
    ]
    ours.search(looks[0])
    theirs, mine = in_turn(pairs, plan.bounds)
    found.timed.append(Timed(plan.size, name, kind, figures.IN_TURN, theirs))
    found.timed.append(Timed(plan.size, figures.beside(name), kind, figures.IN_TURN, mine))
    same = _same(ours, looks, answers)
    found.facts.append(Fact(plan.size, name, figures.SAME, same, kind))
    if theirs.median < SCAN:
        calls: list[Call] = [partial(peer.search, case.read) for case in cases]
        times = alone(calls, plan.bounds)
        found.timed.append(Timed(plan.size, name, kind, figures.ALONE, times))
    return found


def _same(ours: Ours, looks: Sequence[Prepared], answers: Sequence[Sequence[str]]) -> float:
    """Return how often a peer's answers are the exact ten, in any order; of the first reads."""
    judged = list(zip(looks, answers, strict=False))[:200]
    return sum(set(ours.ten(look)) == set(answer) for look, answer in judged) / len(judged)


def of_whole(plan: Plan) -> Figures:
    """Measure everything from a text to an answer, one read at a time and in bulk."""
    texts = plan.texts()
    whole = Whole.build(texts, plan.source)
    found = Figures()
    for kind, cases in plan.cases.items():
        calls = [partial(whole.search, whole.for_an_answer(case.read)) for case in cases]
        times = alone(calls, plan.bounds)
        found.timed.append(Timed(plan.size, figures.FOR_AN_ANSWER, kind, figures.ALONE, times))
    for who, ask in ((figures.MATCH, whole.match), (figures.EXPLAINED, whole.explained)):
        for kind, cases in plan.cases.items():
            times = alone([partial(ask, case.read) for case in cases], plan.bounds)
            found.timed.append(Timed(plan.size, who, kind, figures.ALONE, times))
    stream = in_bulk(plan.cases)
    found.facts.append(_rate(plan, figures.BULK, stream=stream, answer=whole.bulk))

    def crossed(reads: Sequence[str]) -> object:
        return cdist(
            reads, texts, scorer=OSA.distance, score_cutoff=EDITS, dtype=np.uint8, workers=1
        )

    found.facts.append(_rate(plan, figures.CDIST_BULK, stream=stream, answer=crossed))
    return found


def in_bulk(cases: Mapping[str, Sequence[Case]]) -> list[str]:
    """Return a stream of reads: 17 of 20 clean and not wanted, the rest of all other classes."""
    garbled = [case.read for kind, some in cases.items() if kind != MISS for case in some]
    clean, dirty = cycle([case.read for case in cases[MISS]]), cycle(garbled[::7])
    return [
        read
        for _ in range(max(len(garbled) // 3, 1))
        for read in (*islice(clean, CLEAN), *islice(dirty, 20 - CLEAN))
    ]


def _rate(
    plan: Plan, who: str, *, stream: Sequence[str], answer: Callable[[Sequence[str]], object]
) -> Fact:
    """Return reads a second, over parts of the stream, for ten times the budget of a cell."""
    part = 64 if plan.size <= 100_000 else 8
    begin, done = perf_counter(), 0
    while done < len(stream) and perf_counter() - begin < 10 * plan.seconds:
        answer(stream[done : done + part])
        done += part
    rate = min(done, len(stream)) / (perf_counter() - begin)
    return Fact(plan.size, who, figures.RATE, rate)


def _built(size: int, who: str, seconds: float) -> list[Fact]:
    return [Fact(size, who, figures.BUILT, seconds)]


def resident() -> int:
    """Return the bytes of memory that this process has; 0 where that cannot be seen."""
    if not STATUS.exists():
        return 0
    return int(STATUS.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
