"""Tasks -> what is made of each, in their order, by a process on every core.

On Linux the workers are forked: they share what this process has built, such as an index, page
by page. That is safe where no other thread runs, and none does in the commands that use it.
Elsewhere they are spawned and each gets a copy: macOS has libraries that do not survive a fork,
and Windows has no fork.
"""

import gc
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Generic, Literal, TypeVar

from service.cli.terminal import Refused

AHEAD = 4
"""Tasks a worker that may be done or under way before the first of them; bounds the memory."""

START: Literal["fork", "spawn"] = "fork" if sys.platform == "linux" else "spawn"

_ENDS = (signal.SIGINT, signal.SIGTERM)

_Task = TypeVar("_Task")
_Made = TypeVar("_Made")


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(
    work: Callable[[_Task], _Made], tasks: Iterable[_Task], *, workers: int
) -> Generator[_Made]:
    """Yield what `work` makes of each task, in the order of the tasks.

    A single worker is this process itself; more are processes of their own. Close the generator to
    end early: however it ends, its workers have ended by then, and they do not outlive this
    process either.

    Raises:
        Refused: a worker has ended before its time.
    """
    if workers <= 1:
        yield from map(work, tasks)
        return
    with _workers(work, workers) as pipes:
        desk = _Desk[_Task, _Made](pipes)
        for number, task in enumerate(tasks):
            while desk.is_full(number):
                yield from desk.take()
            desk.give(number, task)
        while desk.under_way:
            yield from desk.take()


class _Desk(Generic[_Task, _Made]):
    """Where tasks are given out, one at a time to a worker, and what is made of them is put."""

    def __init__(self, pipes: list[Connection]) -> None:
        self.under_way: dict[Connection, int] = {}
        self._free = list(pipes)
        self._most = AHEAD * len(pipes)
        self._made: dict[int, _Made] = {}
        self._told = 0

    def is_full(self, number: int) -> bool:
        """Whether the task of this number has to wait."""
        return not self._free or number - self._told >= self._most

    def give(self, number: int, task: _Task) -> None:
        """Give a task to a worker that has none."""
        pipe = self._free.pop()
        self.under_way[pipe] = number
        with _working():
            pipe.send(task)

    def take(self) -> Iterator[_Made]:
        """Wait for a worker, and yield what is due."""
        ready = wait(self.under_way)
        for pipe in [pipe for pipe in self.under_way if pipe in ready]:
            with _working():
                self._made[self.under_way.pop(pipe)] = pipe.recv()
            self._free.append(pipe)
        while self._told in self._made:
            yield self._made.pop(self._told)
            self._told += 1


@contextmanager
def _working() -> Iterator[None]:
    """Translate what a pipe raises whose other end is gone, perhaps in the middle of something."""
    try:
        yield
    except (EOFError, OSError):
        raise Refused("a worker has ended before its time; nothing was written") from None


@contextmanager
def _workers(work: Callable[[_Task], _Made], count: int) -> Iterator[list[Connection]]:
    """Start the workers and yield a pipe to each."""
    context = get_context("fork") if START == "fork" else get_context("spawn")
    process: BaseProcess
    processes: list[BaseProcess] = []
    pipes: list[Connection] = []
    gc.freeze()  # What a collector never looks at, it never copies into a worker.
    try:
        for _ in range(count):
            ours, theirs = context.Pipe()
            pipes.append(ours)
            with theirs, _signals_held():
                process = context.Process(target=answer, args=(work, theirs), daemon=True)
                processes.append(process)
                process.start()
        yield pipes
    finally:
        for process in processes:
            if process.is_alive():
                process.kill()
                process.join()
        for pipe in pipes:
            pipe.close()
        gc.unfreeze()


@contextmanager
def _signals_held() -> Iterator[None]:
    """While a worker is forked, let no signal reach it that this process would answer."""
    if START != "fork":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def answer(work: Callable[[_Task], _Made], pipe: Connection) -> None:
    """Work at what comes through the pipe, until its other end is closed.

    Not longer than the process at that end, in whatever way it ends: other workers may have
    inherited the end itself.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if START == "fork":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
    Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, ConnectionError):
        while True:
            pipe.send(work(pipe.recv()))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
