"""SIGINT and SIGTERM -> the run unwinds, so that what it has begun is cleared away."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from service.cli.terminal import say


class Interrupts:
    """What was told to this process while it works."""

    def __init__(self) -> None:
        self.told: list[int] = []
        self._finished = False

    def check(self) -> None:
        """End where that was in vain before: what is raised during a fork goes unheard."""
        if self.told:
            sys.exit(128 + self.told[0])

    def finish(self) -> None:
        """From here on nothing is waited for: let what is done be put in place, all of it."""
        self.check()
        self._finished = True

    def end(self, number: int, _: object) -> None:
        """Unwind this process, once."""
        if not self.told and not self._finished:
            self.told.append(number)
            self.check()


@contextmanager
def unwinding(lost: str) -> Iterator[Interrupts]:
    """While inside, let signals unwind this process; then say what that means."""
    interrupts = Interrupts()
    before = {one: signal.signal(one, interrupts.end) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupts
    except SystemExit:
        if interrupts.told:
            say(f"plate-match: {signal.Signals(interrupts.told[0]).name}: {lost}")
        raise
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
