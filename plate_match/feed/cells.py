"""Lines of a delimited file -> the cells of its rows."""

import csv
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from plate_match.errors import UnreadableHotlist
from plate_match.feed.lines import Line

MOST_LINES = 10
"""Lines one row may span; a quote that is not closed spoils no more than its own line."""

QUOTES = "quotes: one is missing, or out of place"


class Cells(NamedTuple):
    """The cells of one row, blanks around them taken off; with a `fault` there are none."""

    number: int
    cells: list[str]
    fault: str = ""


def names_in(header: Line, delimiter: str) -> list[str]:
    """Return the names above the columns.

    Raises:
        UnreadableHotlist: the quotes do not match.
    """
    try:
        cells = next(csv.reader([header.text], delimiter=delimiter, strict=True))
    except csv.Error:
        raise UnreadableHotlist("the quotes in the header do not match") from None
    return [name.strip() for name in cells]


class Table:
    """The rows of a delimited file; a quoted cell may hold line breaks.

    Where that gives no whole row the first line is at fault alone, and reading goes on with
    the next: `_ahead` holds what was looked at meanwhile.
    """

    def __init__(
        self, lines: Iterator[Line], delimiter: str, *, width: int | None = None, least: int = 1
    ) -> None:
        """Read rows of as many cells as the header has, or else the first row of at least so many.

        Args:
            lines: what comes after the header.
            delimiter: one character.
            width: how many cells the header has; None: there is none.
            least: how many cells a row must have where there is no header.
        """
        self._lines = lines
        self._delimiter = delimiter
        self._width = width
        self._least = least
        self._like = "the first row" if width is None else "the header"
        self._ahead: deque[Line] = deque()

    def __iter__(self) -> Iterator[Cells]:
        """Yield every row that is not blank, once."""
        while line := (self._ahead.popleft() if self._ahead else next(self._lines, None)):
            if line.fault:
                yield Cells(line.number, [], line.fault)
            elif line.text.strip():
                yield self._row(line)

    def _row(self, line: Line) -> Cells:
        reader = csv.reader(self._spanned(line), delimiter=self._delimiter, strict=True)
        try:
            cells = next(reader)
        except csv.Error:
            return Cells(line.number, [], QUOTES)
        more = reader.line_num - 1
        if fault := self._miscounted(len(cells)):
            return Cells(line.number, [], QUOTES if more else fault)
        for _ in range(more):
            self._ahead.popleft()
        return Cells(line.number, [cell.strip() for cell in cells])

    def _miscounted(self, count: int) -> str:
        if self._width is None:
            if count < self._least:
                return f"columns: {count}, where at least {self._least} are needed"
            self._width = count
        return (
            ""
            if count == self._width
            else f"columns: {count}, where {self._like} has {self._width}"
        )

    def _spanned(self, line: Line) -> Iterator[str]:
        """Yield the line, then those after it that its row may go on in."""
        yield line.text + "\n"
        for place in range(MOST_LINES - 1):
            if place == len(self._ahead):
                self._ahead.extend(islice(self._lines, 1))
            if place == len(self._ahead) or self._ahead[place].fault:
                return
            yield self._ahead[place].text + "\n"
