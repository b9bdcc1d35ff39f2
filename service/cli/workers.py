"""Tasks -> what is made of each, in their order, by a process on every core."""

import os
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_all_start_methods, get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Generic, TypeVar

from service.cli.terminal import Refused

AHEAD = 4
"""Tasks a core that may be done or under way before the first of them; bounds the memory."""

_Task = TypeVar("_Task")
_Made = TypeVar("_Made")


def in_order(work: Callable[[_Task], _Made], tasks: Iterable[_Task]) -> Generator[_Made]:
    """Yield what `work` makes of each task, in the order of the tasks.

    Close the generator to end early: however it ends, its workers have ended by then, and they
    do not outlive this process either.

    Raises:
        Refused: a worker has ended before its time.
    """
    with _workers(work) as pipes:
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
def _workers(work: Callable[[_Task], _Made]) -> Iterator[list[Connection]]:
    """Start a worker for each core and yield a pipe to each."""
    # Forked workers share the memory of this process; elsewhere each gets a copy.
    forks = "fork" in get_all_start_methods()
    context = get_context("fork") if forks else get_context("spawn")
    process: BaseProcess
    processes: list[BaseProcess] = []
    pipes: list[Connection] = []
    try:
        for _ in range(os.cpu_count() or 1):
            ours, theirs = context.Pipe()
            pipes.append(ours)
            with theirs:
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


def answer(work: Callable[[_Task], _Made], pipe: Connection) -> None:
    """Work at what comes through the pipe, until its other end is closed.

    Not longer than the process at that end, in whatever way it ends: other workers may have
    inherited the end itself.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, ConnectionError):
        while True:
            pipe.send(work(pipe.recv()))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
