"""Lines of the file of `--reads` -> looks at vehicles, and rejects with their reason."""

import csv
import json
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

import numpy as np

from plate_match.channel import Source
from plate_match.errors import PlateMatchError
from plate_match.feed.lines import Line, read_lines
from plate_match.feed.read import read_pieces
from plate_match.report import Look, Report, read_of, symbols_of
from service.cli.terminal import WrongUse

_NEEDED = ("id", "read")
_WEIGHED = (*_NEEDED, "source", "char_conf", "country")
_NOT_YET = ("make", "colour")
_SEVERAL = "several rows have this id; several looks at one vehicle cannot be weighed together yet"
_SEPARATORS = re.compile(r"[|\s]+")
_COUNTRY = re.compile(r"[A-Za-z]{2}")

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Row:
    """One row that can be matched."""

    id: str
    report: Report


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that cannot; `id` is empty where the row could not be taken apart."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadsFile:
    """A file of reads, streamed anew each time it is asked for.

    Attributes:
        path: of a regular file: it is read twice.
        columns: the names in its header.
        delimiter: comma or semicolon.
    """

    path: Path
    columns: tuple[str, ...]
    delimiter: str

    @property
    def unused(self) -> list[str]:
        """The columns that play no part in matching."""
        return [name for name in self.columns if name not in (*_WEIGHED, *_NOT_YET)]

    def lines(self) -> Iterator[Line]:
        """Yield the lines after the header that are not blank."""
        lines = _written(read_lines(read_pieces(self.path)))
        next(lines)
        return lines

    def looks(
        self, lines: Iterable[Line], *, source: Source, survey: "Survey"
    ) -> Iterator["Row | Reject"]:
        """Yield what each line is.

        Args:
            lines: some of `lines()`.
            source: of rows that name none.
            survey: of this file.
        """
        for line in lines:
            try:
                row = self.row(line)
            except _Fault as fault:
                yield Reject("", f"line {line.number}: {fault}")
                continue
            try:
                yield Row(row["id"], _report(row, source=source, survey=survey))
            except _Fault as fault:
                yield Reject(row["id"], f"line {line.number}: {fault}")

    def row(self, line: Line) -> Mapping[str, str]:
        """Return the cells of a line by column.

        Raises:
            _Fault: the line is no row of this file.
        """
        if line.fault:
            raise _Fault(line.fault)
        cells = _cells(line.text, self.delimiter)
        if len(cells) != len(self.columns):
            raise _Fault(f"has {len(cells)} cells, the header {len(self.columns)}")
        return dict(zip(self.columns, cells, strict=True))

    def survey(self) -> "Survey":
        """Look through the whole file, in eight bytes a row."""
        rows = 0
        digests = array("Q")
        for line in self.lines():
            rows += 1
            try:
                digests.append(_digest(self.row(line)["id"]))
            except _Fault:
                continue
        values, counts = np.unique(np.array(digests), return_counts=True)
        return Survey(rows, frozenset(values[counts > 1].tolist()))


@dataclass(frozen=True, slots=True)
class Survey:
    """What must be known of a whole file before its first row: how many rows, which ids repeat."""

    rows: int
    repeated: frozenset[int]

    def repeats(self, id_: str) -> bool:
        """Whether more than one row has this id."""
        return bool(self.repeated) and _digest(id_) in self.repeated


def open_reads(path: Path) -> ReadsFile:
    """Look at the header of a file of reads.

    Raises:
        WrongUse: it is no such file; the message names everything that is wrong.
    """
    if not path.is_file():
        raise WrongUse("the reads: they are read twice, so give a regular file")
    try:
        header = next(_written(read_lines(read_pieces(path))), Line(0, ""))
        delimiter = ";" if header.text.count(";") > header.text.count(",") else ","
        columns = tuple(name.strip() for name in _cells(header.text, delimiter))
    except OSError as error:
        raise WrongUse(f"the reads: the file cannot be read: {error.strerror}") from None
    except _Fault as fault:
        raise WrongUse(f"the reads: the header: {fault}") from None
    faults = [f"the column {name} is missing" for name in _NEEDED if name not in columns]
    faults += [f"the column {name} occurs twice" for name in _WEIGHED if columns.count(name) > 1]
    if header.fault or faults:
        raise WrongUse(f"the reads: the header: {header.fault or '; '.join(faults)}")
    return ReadsFile(path, columns, delimiter)


def country_of(text: str) -> str:
    """Return the ISO 3166 code of a country, in capitals.

    Raises:
        ValueError: it is none; the message never repeats it.
    """
    if not _COUNTRY.fullmatch(text):
        raise _Fault("must be two letters, as in NL")
    return text.upper()


class _Fault(ValueError):
    """What is wrong with a row; never repeats a value of it."""


def _written(lines: Iterable[Line]) -> Iterator[Line]:
    return (line for line in lines if line.fault or line.text.strip())


def _cells(text: str, delimiter: str) -> list[str]:
    """Take one line apart; a row never spans lines, so a stray quote spoils only its own."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        raise _Fault("quotes: one is missing, or out of place") from None


def _report(row: Mapping[str, str], *, source: Source, survey: Survey) -> Report:
    faults = list(_faults(row, survey))
    confidences = _cell(row, "char_conf", _confidences, faults=faults) or []
    country = _cell(row, "country", country_of, faults=faults)
    try:
        symbols = symbols_of(row["read"], confidences)
        read = read_of(row["read"], symbols, source=_source(row, source))
    except PlateMatchError as fault:
        raise _Fault("; ".join([*faults, f"read: {fault}"])) from None
    if faults:
        raise _Fault("; ".join(faults))
    return Report((Look(read, _source(row, source)),), country=country)


def _cell(
    row: Mapping[str, str], name: str, read: Callable[[str], _Value], *, faults: list[str]
) -> _Value | None:
    """Return what a cell holds, or None: where it is empty, and where it adds a fault."""
    text = row.get(name, "").strip()
    try:
        return read(text) if text else None
    except _Fault as fault:
        faults.append(f"{name}: {fault}")
        return None


def _source(row: Mapping[str, str], source: Source) -> Source:
    """Return the source a row names, or else the given one; a wrong name is a fault elsewhere."""
    named = row.get("source", "").strip()
    return Source(named) if named in list(Source) else source


def _faults(row: Mapping[str, str], survey: Survey) -> Iterator[str]:
    """Yield what is wrong with the cells beside the read."""
    if not row["id"]:
        yield "id: is empty"
    elif survey.repeats(row["id"]):
        yield f"id: {_SEVERAL}"
    named = row.get("source", "").strip()
    if named and named not in list(Source):
        yield f"source: must be one of {', '.join(Source)}"
    for name in _NOT_YET:
        if row.get(name, "").strip():
            yield f"{name}: cannot be weighed yet"


def _confidences(cell: str) -> list[float]:
    """Return the numbers of a cell: a JSON list, or separated by spaces or bars."""
    try:
        numbers = json.loads(cell) if cell.startswith("[") else _separated(cell)
    except (ValueError, RecursionError):
        raise _Fault("must be a list of numbers") from None
    if not all(_is_share(number) for number in numbers):
        raise _Fault("must hold numbers from 0 to 1")
    return [float(number) for number in numbers]


def _digest(id_: str) -> int:
    return int.from_bytes(blake2b(id_.encode(), digest_size=8).digest())


def _separated(text: str) -> list[float]:
    return [float(part) for part in _SEPARATORS.split(text)]


def _is_share(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number <= 1
