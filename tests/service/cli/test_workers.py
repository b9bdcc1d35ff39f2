import os
import signal
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from multiprocessing import Pipe, active_children

import pytest

from service.cli import workers
from service.cli.terminal import Refused
from service.cli.workers import answer, cores, in_order

LARGE = 1 << 20
"""Bytes; more than a pipe holds."""


def slower_if_even(number: int) -> int:
    time.sleep(0 if number % 2 else 0.01)
    return number * number


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_what_is_made_comes_in_the_order_of_the_tasks(count: int) -> None:
    made = list(in_order(slower_if_even, range(40), workers=count))
    assert made == [number**2 for number in range(40)]
    assert list(in_order(slower_if_even, [], workers=count)) == []
    assert active_children() == []


def test_tasks_and_what_is_made_of_them_may_be_large() -> None:
    tasks = [bytes([number]) * LARGE for number in range(9)]
    assert list(in_order(bytes, tasks, workers=2)) == tasks


def test_no_more_is_asked_for_than_may_be_ahead() -> None:
    asked = 0

    def tasks() -> Iterator[float]:
        nonlocal asked
        for _ in range(1000):
            asked += 1
            yield 0.3 if asked == 1 else 0

    with closing(in_order(time.sleep, tasks(), workers=2)) as made:
        next(made)
    assert asked <= workers.AHEAD * 2 + 1


def test_nobody_is_left_when_the_end_comes_early() -> None:
    with closing(in_order(time.sleep, iter(lambda: 0.01, None), workers=2)) as made:
        next(made)
        assert active_children() != []
    assert active_children() == []


def test_a_worker_that_is_killed_ends_the_whole_even_with_much_under_way() -> None:
    made = in_order(bytes, iter(lambda: b"x" * LARGE, None), workers=2)
    next(made)
    os.kill(active_children()[0].pid or 0, signal.SIGKILL)
    with pytest.raises(Refused, match="ended before its time"):
        deque(made)
    assert active_children() == []


def test_workers_may_be_spawned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "START", "spawn")
    assert list(in_order(bytes, range(5), workers=2)) == [bytes(size) for size in range(5)]
    assert active_children() == []


def test_a_machine_that_does_not_tell_which_cores_are_ours_has_them_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert cores() == (os.cpu_count() or 1)


def test_a_worker_leaves_interrupts_to_the_one_who_gives_out_work_and_ends_with_it() -> None:
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    ours, theirs = Pipe()

    def end(_: object) -> None:
        ours.close()

    try:
        with theirs:
            ours.send("task")
            answer(end, theirs)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
