"""Numbered lines -> rows, whatever the format of the file.

The format is found by content, from the first line that is neither blank nor a comment:

    {"plate": ...      JSON Lines, one entry a line
    plate;category     CSV with a header, comma or semicolon
    8XKV41;NLD;...     the check list of another system, see `systems`
    8XKV41             a plain list, one plate a line, any spelling

Blank lines are no rows. A line that begins with `#` is a comment in a plain list, and in
every format before the first line that is not.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import partial
from itertools import chain

from plate_match.errors import UnreadableHotlist
from plate_match.feed.cells import Table, names_in
from plate_match.feed.fields import ACTION, FIELDS, Field, unknown_field
from plate_match.feed.lines import BINARY, Line, read_lines
from plate_match.feed.mapped import mapped_rows
from plate_match.feed.mapping import Columns
from plate_match.feed.row import Row
from plate_match.feed.systems import System, rows_of, system_of

_HEADINGS = frozenset({"plate", "plates", "kenteken", "kentekens"})
"""What a plain list may have above its plates; without a digit, yet spelled like a plate."""


class Format(StrEnum):
    """What a hotlist file can be."""

    PLAIN = "plain"
    CSV = "csv"
    JSON_LINES = "json-lines"
    NEDAP = "nedap"
    AUTOVU = "autovu"
    MAPPED = "mapped"


def parse(
    pieces: Iterable[bytes],
    *,
    form: Format | None = None,
    mapping: Columns | None = None,
    delta: bool = False,
) -> tuple[Format, Iterator[Row]]:
    """Return the format with the rows, which are read as they are asked for.

    Args:
        pieces: the bytes of the file, cut anywhere.
        form: what the file is; None: found by content.
        mapping: where the fields are in a file of none of these formats; in place of `form`.
        delta: whether CSV may have a column for what its rows do.

    Raises:
        UnreadableHotlist: the file as a whole is in no known format, or not in the one named.
        ValueError: a form and a mapping are both given, or the form is `mapped`.
    """
    if form is Format.MAPPED or (form and mapping):
        raise ValueError("a file is in a format, or mapped by a mapping, not both")
    lines = read_lines(pieces)
    if mapping:
        return Format.MAPPED, mapped_rows(_text(lines), mapping)
    faulty, first = _opening(lines)
    form = form or form_of(first.text)
    if form is Format.CSV:
        rows = _csv_rows(first, lines, delta=delta)
    else:
        rows = _READERS[form](first, lines)
    # A line that is no text is a reject of its own in every format.
    return form, chain(_plain_rows(faulty), rows)


def form_of(text: str) -> Format:
    """Return the format of a file by its first line that says something; the first that fits.

    Raises:
        UnreadableHotlist: a whole array of JSON begins here.
    """
    start = text.strip()
    if start.startswith("{"):
        return Format.JSON_LINES
    if start.startswith("[{") or start == "[":
        raise UnreadableHotlist("the file is a JSON array; write one object a line instead")
    if system := system_of(text):
        return Format(system)
    return Format.CSV if start == "plate" or set(start) & set(',;"') else Format.PLAIN


def _text(lines: Iterator[Line]) -> Iterator[Line]:
    """Return the lines of a file, unless it begins as no text does."""
    first = next(lines, Line(0, ""))
    if first.fault == BINARY:
        raise UnreadableHotlist(
            "the file is no text in UTF-8, nor in UTF-16 with its mark; save it uncompressed"
        )
    return chain([first], lines)


def _opening(lines: Iterator[Line]) -> tuple[list[Line], Line]:
    """Return the first line that says something, and the faulty ones before it."""
    faulty: list[Line] = []
    for line in _text(lines):
        if line.fault:
            faulty.append(line)
        elif line.text.strip() and not line.text.lstrip().startswith("#"):
            return faulty, line
    return faulty, Line(0, "")


def _written(lines: Iterable[Line]) -> Iterator[Line]:
    return (line for line in lines if line.fault or line.text.strip())


def _json_rows(first: Line, lines: Iterator[Line]) -> Iterator[Row]:
    return map(_json_row, _written(chain([first], lines)))


def _list_rows(first: Line, lines: Iterator[Line]) -> Iterator[Row]:
    if first.text.strip().lower() in _HEADINGS:
        first = Line(first.number, "", "plate: is a heading")
    return _plain_rows(chain([first], lines))


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


def _csv_rows(header: Line, lines: Iterator[Line], *, delta: bool) -> Iterator[Row]:
    delimiter = ";" if header.text.count(";") > header.text.count(",") else ","
    known = {**FIELDS, ACTION.name: ACTION} if delta else FIELDS
    names = names_in(header, delimiter)
    faults = [unknown_field(name) for name in names if name not in known]
    faults += [f"{name}: occurs twice" for name in known if names.count(name) > 1]
    # A withdrawal may go by its reference alone.
    if "plate" not in names and not (delta and "reference" in names):
        faults.append("plate: this column is missing")
    if faults:
        raise UnreadableHotlist(f"the header in line {header.number}: {'; '.join(faults)}")
    return (
        Row(number, _fields(zip(names, cells, strict=False), known), fault)
        for number, cells, fault in Table(lines, delimiter, width=len(names))
    )


def _fields(cells: Iterable[tuple[str, str]], known: Mapping[str, Field]) -> dict[str, object]:
    return {name: known[name].cell(cell) for name, cell in cells if cell}


_READERS: Mapping[Format, Callable[[Line, Iterator[Line]], Iterator[Row]]] = {
    Format.PLAIN: _list_rows,
    Format.JSON_LINES: _json_rows,
    Format.NEDAP: partial(rows_of, System.NEDAP),
    Format.AUTOVU: partial(rows_of, System.AUTOVU),
}
