"""How commands speak: results on stdout, messages and progress on stderr."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from service import clock

PLAIN_WIDTH = 100
"""Characters a line where there is no terminal to tell its width."""

PATIENCE = 1.0
"""Seconds a command may work without a word."""

_OVERWRITTEN_EVERY, _PLAIN_EVERY = 0.2, 5.0
_ERASE = "\r\x1b[2K"


class WrongUse(Exception):
    """The arguments do not go together, or name what cannot be read: exit code 2."""


class Refused(Exception):
    """What was asked for was refused or failed: exit code 1."""


def say(message: str) -> None:
    """Write a message for a person."""
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


def line_of_stdin(option: str) -> str:
    """Return the first line of standard input, stripped.

    Raises:
        WrongUse: it is no text; the message names the option that asked for it.
    """
    try:
        line = sys.stdin.readline().strip()
        line.encode()
    except UnicodeError:
        raise WrongUse(f"{option}: standard input is no UTF-8 text") from None
    return line


def say_rejects(rejects: Iterable[tuple[str, str]], *, rejected: int, shown: int = 5) -> None:
    """Write how many rows were refused, and where and why the first of them."""
    if not rejected:
        return
    say(f"{rejected:,} rows were refused:" if rejected > 1 else "1 row was refused:")
    for where, reason in islice(rejects, shown):
        say(f"  {where}: {reason}")
    if rejected > shown:
        say(f"  and {rejected - shown:,} more")


def say_json(document: object) -> None:
    """Write a result as one line of JSON."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")
    sys.stdout.flush()


def page() -> Console:
    """Return what results for people are written with; plain and wide where it is no terminal.

    Markup and emoji are off: what is shown comes from files.
    """
    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    return Console(markup=False, emoji=False, highlight=False, width=width)


def table(*columns: str, numbers: Sequence[str] = ()) -> Table:
    """Return an empty table; the columns named in `numbers` are set to the right."""
    empty = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        empty.add_column(name, justify="right" if name in numbers else "left", overflow="fold")
    return empty


def moment(at: int) -> str:
    """Return a time for people: to the second, UTC."""
    return clock.to_text(at - at % clock.SECOND)


class Progress:
    """Says on stderr how far a command is, once it has taken longer than a second.

    A terminal sees one line that is written over and goes away at the end; elsewhere a plain
    line is written every few seconds.
    """

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._what = ""
        self._done = self._total = 0
        self._due = clock() + PATIENCE
        self._open = False

    def phase(self, what: str, total: int = 0) -> None:
        """Begin a step; `total` is what `advance` will add up to, 0 if nobody knows."""
        self._what, self._done, self._total = what, 0, total
        if self._clock() >= self._due:
            self._write()

    def advance(self, amount: int = 1) -> None:
        """Tell that so much more is done."""
        self._done += amount
        if self._clock() >= self._due:
            self._write()

    def end(self) -> None:
        """Leave a clean line behind."""
        if self._open:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._open = False

    def _write(self) -> None:
        share = f" {min(self._done / self._total, 1):4.0%}" if self._total else ""
        text = f"{self._what} ...{share}"
        self._open = self._stream.isatty()
        self._stream.write(f"{_ERASE}{text}" if self._open else f"{text}\n")
        self._stream.flush()
        self._due = self._clock() + (_OVERWRITTEN_EVERY if self._open else _PLAIN_EVERY)


@contextmanager
def progress() -> Iterator[Progress]:
    """Open the progress of a command."""
    shown = Progress()
    try:
        yield shown
    finally:
        shown.end()
