"""The `[mapping]` of a feed's declaration -> where the fields of an entry are in its files.

delimiter = ","                                      without one, fields lie at fixed places
header = true                                        the first line has the names of columns
skip = 1                                             lines above it that say nothing
dates = ["%Y%m%d", "%d-%m-%Y %H:%M"]                 forms of days and times
columns = {plate = 2, category = "Alert"}            by number, from 1, or by name
columns = {plate = [27, 37]}                         by place, from 0, the last not included
constants = {country = "NL"}                         what holds for every row
values.category = {V = "stolen-vehicle", "*" = "other"}
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from plate_match.errors import FaultyMapping
from plate_match.feed.fields import ACTION, FIELDS, FieldFault
from plate_match.feed.lines import LONGEST_LINE

NAMED = {**FIELDS, ACTION.name: ACTION}
"""What a column may hold."""

ANY = "*"
"""Ends a value that stands for all that begin like it."""

RECOGNISED_BY = ("plate", "reference", "make", "model", "colour", "kind", "plateColour")
"""A row that has none of these says nothing."""

MOST_SKIPPED = 1_000
"""Lines above the first row."""

Place = str | int | tuple[int, int]
"""A column by its name, by its number from 1, or the places of a line from and up to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where files of one feed have the fields of an entry, and what their words mean.

    Attributes:
        places: the column of each field.
        delimiter: what stands between two columns; None: they lie at fixed places of a line.
        header: whether names stand above the columns.
        skip: how many lines there are above all that.
        dates: forms of days and times, as for `strptime`; without any, times are as in our files.
        constants: fields that are the same in every row, in the form of JSON.
        values: what stands for the words of a column, in the form of JSON; `""` is an empty cell,
            a word that ends in `*` any that begins so. Other words stand for themselves.
    """

    places: Mapping[str, Place]
    delimiter: str | None = None
    header: bool = False
    skip: int = 0
    dates: tuple[str, ...] = ()
    constants: Mapping[str, object]
    values: Mapping[str, Mapping[str, object]]


def of_table(table: Mapping[str, object]) -> Columns:
    """Return the columns that a table of a declaration describes.

    Raises:
        FaultyMapping: they cannot be; every fault is named by where it stands.
    """
    told = {name: default for name, (default, _) in _PARTS.items()} | dict(table)
    faults = [f"{name}: is no part of a mapping" for name in table if name not in _PARTS]
    sound = set(_PARTS)
    for name, (_, faults_of) in _PARTS.items():
        if found := [f"{name}{fault}" for fault in faults_of(told[name])]:
            sound.remove(name)
            faults += found
    # Only parts that are sound by themselves can be held against each other.
    if sound >= _RELATED:
        faults += _contradictions(told)
    if faults:
        raise FaultyMapping(tuple(faults))
    return _columns(told)


def _columns(told: Mapping[str, Any]) -> Columns:
    dates = told["dates"]
    return Columns(
        places={
            name: place if isinstance(place, str | int) else (place[0], place[1])
            for name, place in told["columns"].items()
        },
        delimiter=told["delimiter"],
        header=told["header"],
        skip=told["skip"],
        dates=(dates,) if isinstance(dates, str) else tuple(dates),
        constants=dict(told["constants"]),
        values={
            name: {word: _of_cell(name, value) for word, value in words.items()}
            for name, words in told["values"].items()
        },
    )


Faults = Iterable[str]


def _delimiter_faults(value: object) -> Faults:
    if value is not None and not (isinstance(value, str) and len(value) == 1):
        return [": must be one character"]
    return [": cannot be a quote or the end of a line"] if value in _NO_DELIMITERS else []


def _header_faults(value: object) -> Faults:
    return [] if isinstance(value, bool) else [": must be true or false"]


def _skip_faults(value: object) -> Faults:
    within = _is_number(value) and 0 <= value <= MOST_SKIPPED
    return [] if within else [f": must be a whole number from 0 to {MOST_SKIPPED}"]


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _dates_faults(value: object) -> Iterator[str]:
    forms = [value] if isinstance(value, str) else value
    if not isinstance(forms, list | tuple) or not all(isinstance(form, str) for form in forms):
        yield ": must be a form as %Y-%m-%d, or a list of such"
    elif not all(map(_is_form, forms)):
        yield ": need %d, %m and %Y (or %y), once each; then perhaps %H, %M, %S; no other %"


def _is_form(form: str) -> bool:
    """Whether this is a form that days can be written in and read back."""
    marks = sorted(part[:1] or "%" for part in form.split("%")[1:])
    days = "".join(mark for mark in marks if mark not in _HOURS)
    hours = "".join(mark for mark in marks if mark in _HOURS)
    return days in {"Ydm", "dmy"} and hours in {"", "H", "HM", "HMS"}


def _columns_faults(value: object) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield ": must be a table of fields, as in {plate = 2}"
        return
    for name, place in value.items():
        if name not in NAMED:
            yield f".{name}: is no field of an entry"
        if not _is_place(place):
            yield (
                f".{name}: must be the name of a column, its number from 1, or [from, to] "
                f"with 0 <= from < to <= {LONGEST_LINE}"
            )
    if not set(RECOGNISED_BY) & set(value):
        yield f": must have one of {', '.join(RECOGNISED_BY)}"


def _is_place(place: object) -> bool:
    if isinstance(place, list | tuple):
        whole = len(place) == _BOUNDS and all(map(_is_number, place))
        return whole and 0 <= place[0] < place[1] <= LONGEST_LINE
    return (_is_number(place) and 1 <= place <= LONGEST_LINE) or (
        isinstance(place, str) and place.strip() == place != ""
    )


def _constants_faults(value: object) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield ': must be a table of fields, as in {country = "NL"}'
        return
    for name, constant in value.items():
        yield from (f".{name}: {fault}" for fault in _value_faults(name, constant))
        if name in _OWN:
            yield f".{name}: is each row's own"


def _values_faults(value: object) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield ": must be a table of fields"
        return
    for name, words in value.items():
        if isinstance(words, Mapping):
            for place, meant in enumerate(words.values(), start=1):
                faults = _value_faults(name, _of_cell(name, meant))
                yield from (f".{name}: value {place} {fault}" for fault in faults)
        else:
            yield f".{name}: must be a table of words and what they stand for"


def _value_faults(name: str, value: object) -> Iterator[str]:
    try:
        if name not in NAMED:
            yield "is no field of an entry"
        else:
            NAMED[name].read(value)
    except FieldFault as fault:
        yield str(fault)


def _of_cell(name: str, value: object) -> object:
    return NAMED[name].cell(value) if isinstance(value, str) and name in NAMED else value


def _contradictions(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong between parts that are sound by themselves."""
    columns, fixed = told["columns"], told["delimiter"] is None
    if fixed and told["header"]:
        yield "header: names need a delimiter between them; count the line to skip"
    for name, place in columns.items():
        if isinstance(place, list | tuple) != fixed:
            wanted = "[from, to], since there is no delimiter" if fixed else "a name or a number"
            yield f"columns.{name}: must be {wanted}"
        elif isinstance(place, str) and not told["header"]:
            yield f"columns.{name}: is a name, so header must be true"
    for name in sorted(columns.keys() & told["constants"].keys()):
        yield f"constants.{name}: has a column too"
    for name in sorted(told["values"].keys() - columns.keys()):
        yield f"values.{name}: has no column"


_RELATED = frozenset({"delimiter", "header", "columns", "constants", "values"})
_BOUNDS = 2
_HOURS = frozenset("HMS")
_OWN = frozenset({"plate", "reference", ACTION.name})
_NO_DELIMITERS = ('"', "\r", "\n", "\0")

_PARTS: Mapping[str, tuple[object, Callable[[object], Faults]]] = {
    "delimiter": (None, _delimiter_faults),
    "header": (False, _header_faults),
    "skip": (0, _skip_faults),
    "dates": ((), _dates_faults),
    "columns": ({}, _columns_faults),
    "constants": ({}, _constants_faults),
    "values": ({}, _values_faults),
}
"""Every part of a mapping: what it is without, and what says all that is wrong with it."""
