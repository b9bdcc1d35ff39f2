"""The file of `--reads` -> its rows, each where it begins; whichever process has time reads it."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from plate_match.feed.lines import Line, line_of
from service.cli.chunks import Chunk, chunks, line_at, lines_in
from service.cli.said import Fault
from service.cli.terminal import Refused, WrongUse

NEEDED = ("id", "read")
WEIGHED = (*NEEDED, "source", "char_conf", "make", "colour", "country")


class Row(NamedTuple):
    """A row that could be taken apart: where it begins, its line, its cells by column."""

    offset: int
    number: int
    cells: Mapping[str, str]


class Reject(NamedTuple):
    """A row that cannot be matched; `id` is empty where the row could not be taken apart.

    `unread` is the row, if nothing but its read is at fault and its id has no other look.
    """

    id: str
    reason: str
    unread: Row | None = None


@dataclass(frozen=True, slots=True)
class ReadsFile:
    """A file of reads.

    Attributes:
        path: of a regular file: it is read twice.
        columns: the names in its header.
        delimiter: comma or semicolon.
        body: where the line after the header begins, in bytes; `first` is its number.
        state: size and time of change of the file when it was opened.
    """

    path: Path
    columns: tuple[str, ...]
    delimiter: str
    body: int
    first: int
    state: tuple[int, int]

    def check(self) -> None:
        """Make sure that the file is what it was when it was opened.

        Raises:
            Refused: it is not.
        """
        if _state(self.path) != self.state:
            raise Refused("the reads: the file has changed on the way; nothing was written")

    def unused(self, *used: str) -> list[str]:
        """Return the columns that play no part."""
        return [name for name in self.columns if name not in (*WEIGHED, *used)]

    def chunks(self) -> Iterator[Chunk]:
        """Yield the lines after the header in chunks, not yet counted."""
        return chunks(self.path, self.body)

    def rows(self, chunk: Chunk) -> Iterator[Row | Reject]:
        """Yield the rows of a chunk; a blank line is none."""
        lines = lines_in(self.path, chunk)
        for number, (offset, raw) in enumerate(lines, start=chunk.first):
            line = line_of(number, raw)
            if line.fault or line.text.strip():
                yield self.row(offset, line)

    def row_at(self, offset: int) -> Row | Reject:
        """Return the row that begins at this byte; its line is not counted."""
        return self.row(offset, line_of(0, line_at(self.path, offset)))

    def row(self, offset: int, line: Line) -> Row | Reject:
        """Return what a line is."""
        try:
            cells = self._cells(line)
        except Fault as fault:
            return Reject("", f"line {line.number}: {fault}")
        return Row(offset, line.number, dict(zip(self.columns, cells, strict=True)))

    def _cells(self, line: Line) -> list[str]:
        if line.fault:
            raise Fault(line.fault)
        cells = cells_of(line.text, self.delimiter)
        if len(cells) != len(self.columns):
            raise Fault(f"has {len(cells)} cells, the header {len(self.columns)}")
        return cells


def open_reads(path: Path, *needed: str) -> ReadsFile:
    """Look at the header of a file of reads, which must have these columns too.

    Raises:
        WrongUse: it is no such file; the message names everything that is wrong.
    """
    if not path.is_file():
        raise WrongUse("the reads: they are read twice, so give a regular file")
    try:
        state = _state(path)
        header, body = _header(path)
        delimiter = ";" if header.text.count(";") > header.text.count(",") else ","
        columns = tuple(name.strip() for name in cells_of(header.text, delimiter))
    except OSError as error:
        raise WrongUse(f"the reads: the file cannot be read: {error.strerror}") from None
    except Fault as fault:
        raise WrongUse(f"the reads: the header: {fault}") from None
    faults = list(_faults(columns, needed))
    if header.fault or faults:
        raise WrongUse(f"the reads: the header: {header.fault or '; '.join(faults)}")
    return ReadsFile(path, columns, delimiter, body, header.number + 1, state)


def _state(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_size, state.st_mtime_ns


def _faults(columns: Sequence[str], needed: Sequence[str]) -> Iterator[str]:
    for name in (*NEEDED, *needed):
        if name not in columns:
            yield f"the column {name} is missing"
    for name in (*WEIGHED, *needed):
        if columns.count(name) > 1:
            yield f"the column {name} occurs twice"


def _header(path: Path) -> tuple[Line, int]:
    """Return the first line that is not blank, and where the next begins."""
    number, begin = 0, 0
    for chunk in chunks(path, 0):
        lines = list(lines_in(path, chunk))
        ends = [offset for offset, _ in lines[1:]] + [chunk.end]
        for (_, raw), end in zip(lines, ends, strict=True):
            number, begin = number + 1, end
            line = line_of(number, raw)
            if line.fault or line.text.strip():
                return line, begin
    return Line(number, ""), begin


def cells_of(text: str, delimiter: str) -> list[str]:
    """Take one line apart; a row never spans lines, so a stray quote spoils only its own.

    Raises:
        Fault: quotes do not go together.
    """
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        raise Fault("quotes: one is missing, or out of place") from None
