"""Numbered lines -> rows, whatever the format of the file.

The format is found by content, from the first line that is neither blank nor a comment:

    {"plate": ...      JSON Lines, one entry a line
    plate;category     CSV with a header, comma or semicolon
    8XKV41;NLD;...     the check list of another system, see `systems`
    8XKV41             a plain list, one plate a line, any spelling

Blank lines are no rows. A line that begins with `#` is a comment in a plain list, and in
every format before the first line that is not.
"""

import csv
import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import chain, islice
from typing import NamedTuple

from plate_match.errors import UnreadableHotlist
from plate_match.feed.fields import FIELDS, unknown_field
from plate_match.feed.lines import BINARY, Line, read_lines
from plate_match.feed.systems import rows_of, system_of

MOST_LINES = 10
"""Lines one CSV row may span; a quote that is not closed spoils no more than its own line."""


_QUOTES = "quotes: one is missing, or out of place"

_HEADINGS = frozenset({"plate", "plates", "kenteken", "kentekens"})
"""What a plain list may have above its plates; without a digit, yet spelled like a plate."""


class Format(StrEnum):
    """What a hotlist file can be."""

    PLAIN = "plain"
    CSV = "csv"
    JSON_LINES = "json-lines"
    NEDAP = "nedap"
    AUTOVU = "autovu"


class Row(NamedTuple):
    """One row by names of fields, with values as JSON has them; `number` is its first line.

    A row that could not be taken apart has a `fault` instead of fields. A `bare` one is a line
    that nothing but its content says to be a plate.
    """

    number: int
    fields: Mapping[str, object]
    fault: str = ""
    bare: bool = False


def parse(pieces: Iterable[bytes]) -> tuple[Format, Iterator[Row]]:
    """Find the format and return it with the rows, which are read as they are asked for.

    Raises:
        UnreadableHotlist: the file as a whole is in no known format.
    """
    lines = read_lines(pieces)
    faulty, first = _opening(lines)
    start = first.text.strip()
    if start.startswith("{"):
        return Format.JSON_LINES, map(_json_row, _written(chain(faulty, [first], lines)))
    if start.startswith("[{") or start == "[":
        raise UnreadableHotlist("the file is a JSON array; write one object a line instead")
    if system := system_of(first.text):
        told = (Row(*one) for one in rows_of(system, first, lines))
        return Format(system), chain(_plain_rows(faulty), told)
    if start == "plate" or set(start) & set(',;"'):
        delimiter = ";" if start.count(";") > start.count(",") else ","
        rows = _CsvRows(lines, _columns(first, delimiter), delimiter)
        return Format.CSV, chain(_plain_rows(faulty), rows)
    if start.lower() in _HEADINGS:
        first = Line(first.number, "", "plate: is a heading")
    return Format.PLAIN, _plain_rows(chain(faulty, [first], lines))


def _opening(lines: Iterator[Line]) -> tuple[list[Line], Line]:
    """Return the first line that says something, and the faulty ones before it."""
    faulty: list[Line] = []
    for line in lines:
        if line.fault == BINARY:
            raise UnreadableHotlist(
                "the file is no text in UTF-8, nor in UTF-16 with its mark; save it uncompressed"
            )
        if line.fault:
            faulty.append(line)
        elif line.text.strip() and not line.text.lstrip().startswith("#"):
            return faulty, line
    return faulty, Line(0, "")


def _written(lines: Iterable[Line]) -> Iterator[Line]:
    return (line for line in lines if line.fault or line.text.strip())


def _plain_rows(lines: Iterable[Line]) -> Iterator[Row]:
    for number, text, fault in _written(lines):
        if fault:
            yield Row(number, {}, fault)
        elif not text.lstrip().startswith("#"):
            yield Row(number, {"plate": text}, bare=True)


class _JsonFault(ValueError):
    """What is wrong with JSON that can be decoded."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _JsonFault("a name occurs twice")
    return fields


def _no_number(_: str) -> object:
    raise _JsonFault("NaN and Infinity are no numbers")


_JSON = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_number)


def _json_row(line: Line) -> Row:
    if line.fault:
        return Row(line.number, {}, line.fault)
    try:
        fields = _JSON.decode(line.text.strip())
    except (ValueError, RecursionError) as error:
        return Row(line.number, {}, f"json: {_why(error)}")
    if not isinstance(fields, dict):
        return Row(line.number, {}, "json: the line is no object")
    return Row(line.number, fields)


def _why(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"broken at character {error.colno}"
    if isinstance(error, RecursionError):
        return "nested too deep"
    return str(error) if isinstance(error, _JsonFault) else "a number is too long"


def _columns(header: Line, delimiter: str) -> list[str]:
    """Return the names in a header, or raise with all that is wrong with them."""
    reader = csv.reader([header.text], delimiter=delimiter, strict=True)
    try:
        columns = [name.strip() for name in next(reader)]
    except csv.Error:
        raise UnreadableHotlist("the quotes in the header do not match") from None
    faults = [unknown_field(name) for name in columns if name not in FIELDS]
    faults += [f"{name}: occurs twice" for name in FIELDS if columns.count(name) > 1]
    if "plate" not in columns:
        faults.append("plate: this column is missing")
    if faults:
        raise UnreadableHotlist(f"the header in line {header.number}: {'; '.join(faults)}")
    return columns


class _CsvRows:
    """The rows of a CSV file; a quoted cell may hold line breaks.

    Where that gives no whole row the first line is at fault alone, and reading goes on with
    the next: `_ahead` holds what was looked at meanwhile.
    """

    def __init__(self, lines: Iterator[Line], columns: list[str], delimiter: str) -> None:
        self._lines = lines
        self._columns = columns
        self._delimiter = delimiter
        self._ahead: deque[Line] = deque()

    def __iter__(self) -> Iterator[Row]:
        while line := (self._ahead.popleft() if self._ahead else next(self._lines, None)):
            if line.fault:
                yield Row(line.number, {}, line.fault)
            elif line.text.strip():
                yield self._row(line)

    def _row(self, line: Line) -> Row:
        reader = csv.reader(self._spanned(line), delimiter=self._delimiter, strict=True)
        try:
            cells = next(reader)
        except csv.Error:
            return Row(line.number, {}, _QUOTES)
        more = reader.line_num - 1
        if len(cells) != len(self._columns):
            count = f"columns: {len(cells)}, where the header has {len(self._columns)}"
            return Row(line.number, {}, _QUOTES if more else count)
        for _ in range(more):
            self._ahead.popleft()
        return Row(line.number, self._fields(cells))

    def _spanned(self, line: Line) -> Iterator[str]:
        """Yield the line, then those after it that its row may go on in."""
        yield line.text + "\n"
        for place in range(MOST_LINES - 1):
            if place == len(self._ahead):
                self._ahead.extend(islice(self._lines, 1))
            if place == len(self._ahead) or self._ahead[place].fault:
                return
            yield self._ahead[place].text + "\n"

    def _fields(self, cells: list[str]) -> dict[str, object]:
        named = zip(self._columns, map(str.strip, cells), strict=True)
        return {name: FIELDS[name].cell(cell) for name, cell in named if cell}
