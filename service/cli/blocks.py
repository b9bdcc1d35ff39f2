"""Records for people: as lines, or one block each where they have more to say.

    48213  2026-10-04T10:22:33Z  sighting-reported (offences)  open
        who    G. Sample, guard, Synthetic Security
        why    drawn at random

What is longer than a terminal is wide goes on below, at a space; what has none is never broken: ids
are to be copied. Where there is no terminal each thing has a line of its own, however long.
"""

import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from shutil import get_terminal_size

_INDENT = 4
_LEAST = 12
"""Characters that a text has at the least before it goes on below."""

Fields = Sequence[tuple[str, object]]


def say_blocks(blocks: Sequence[tuple[str, Fields]]) -> None:
    """Write blocks on stdout: the line that leads each, and its fields; empty ones are left out."""
    width = _width()
    for lead, fields in blocks:
        _write(_lines(lead, fields, width))


def say_rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write rows on stdout, aligned; the last column alone goes on below.

    A column in which nothing stands is left out.
    """
    cells = [columns, *([printable(cell) for cell in row] for row in rows)]
    used = [place for place in range(len(columns)) if any(row[place] for row in cells[1:])]
    if not used:
        return
    *whole, last = used
    widths = {place: max(len(row[place]) for row in cells) for place in whole}
    width = _width()
    for row in cells:
        begin = "".join(f"{row[place]:<{widths[place]}}  " for place in whole)
        _write(line.rstrip() for line in _wrapped(begin, row[last], width))


def second(text: str | None) -> str:
    """Return a time as JSON has it, cut to its second; nothing if there is none."""
    return f"{text[:_SECONDS]}Z" if text else ""


_SECONDS = len("2026-11-24T12:00:00")


def _width() -> int | None:
    return get_terminal_size().columns if sys.stdout.isatty() else None


def _write(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def _lines(lead: str, fields: Fields, width: int | None) -> Iterator[str]:
    yield from _wrapped("", printable(lead), width)
    told = [(name, printable(value)) for name, value in fields if value not in (None, "")]
    names = max((len(name) for name, _ in told), default=0)
    for name, text in told:
        yield from _wrapped(f"{' ' * _INDENT}{name:<{names}}  ", text, width)


def _wrapped(begin: str, text: str, width: int | None) -> Iterator[str]:
    if width is None or len(begin) + len(text) <= width:
        yield begin + text
        return
    room = max(width - len(begin), _LEAST)
    for line in textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False):
        yield begin + line
        begin = " " * len(begin)


def printable(value: object) -> str:
    """Return a text of which a terminal carries nothing out: control marks are spelled."""
    text = str(value)
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
