"""Cells of a row of reads -> one look at a vehicle, and what is said of it."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, TypeVar

from plate_match.channel import Source
from plate_match.description import NOTHING_SAID, Description
from plate_match.errors import PlateMatchError
from plate_match.report import Look, Report, read_of, symbols_of

_SOURCES = {str(source): source for source in Source}
_BESIDE = ("source", "make", "colour", "country")
_SEPARATORS = re.compile(r"[|\s]+")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_LONGEST_WORD = 100
"""Characters of a make or a colour, as over HTTP."""

_Value = TypeVar("_Value")


class Fault(ValueError):
    """What is wrong with a row; never repeats a value of it."""


class Unread(Fault):
    """Nothing was read that can be looked for; the rest of the row is sound."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one row says: a look at the plate, the description, the country."""

    look: Look
    description: Description = NOTHING_SAID
    country: str | None = None


def said_in(cells: Mapping[str, str], source: Source) -> Said:
    """Return what the cells of a row say, by column; `source` is that of a row that names none.

    Raises:
        Fault: the row cannot be weighed; the message names everything that is wrong.
        Unread: the same, if only the read is at fault.
    """
    get = cells.get
    named, described, country, wrong = _beside(tuple(map(get, _BESIDE)))
    faults = list(wrong) if cells["id"] else ["id: is empty", *wrong]
    confidences = _cell(get("char_conf"), "char_conf", _confidences, faults=faults) or ()
    text, how = cells["read"], named or source
    try:
        read = read_of(text, symbols_of(text, confidences), source=how)
    except PlateMatchError as fault:
        kind = Fault if faults else Unread
        raise kind("; ".join([*faults, f"read: {fault}"])) from None
    if faults:
        raise Fault("; ".join(faults))
    return Said(Look(read, how), described, country)


def source_of(cells: Mapping[str, str], source: Source) -> Source:
    """Return the source that the cells of a sound row name, or else the given one."""
    return _SOURCES.get(cells.get("source", "").strip(), source)


def report_of(said: Sequence[Said]) -> Report:
    """Return one report of all that was said of one vehicle; what is said first counts."""
    first = said[0]
    if len(said) == 1:
        return Report((first.look,), first.description, first.country)
    whole = {name: _first(getattr(one.description, name) for one in said) for name in _NAMES}
    country = _first(one.country for one in said)
    return Report(tuple(one.look for one in said), Description(**whole), country)


def country_of(text: str) -> str:
    """Return the ISO 3166 code of a country, in capitals.

    Raises:
        ValueError: it is none; the message never repeats it.
    """
    if not _COUNTRY.fullmatch(text):
        raise Fault("must be two letters, as in NL")
    return text.upper()


def word_of(text: str) -> str:
    """Return a make or a colour as it was said.

    Raises:
        ValueError: it is none; the message never repeats it.
    """
    if len(text) > _LONGEST_WORD or not text.strip() or not text.isprintable():
        raise Fault(f"must be a word of at most {_LONGEST_WORD} characters")
    return text.strip()


_NAMES = tuple(field.name for field in fields(Description))


def _first(values: Iterable[Any]) -> Any:  # noqa: ANN401 - of a field of any type
    return next((value for value in values if value is not None), None)


@lru_cache(maxsize=1024)
def _beside(
    cells: tuple[str | None, ...],
) -> tuple[Source | None, Description, str | None, tuple[str, ...]]:
    """Return what the cells beside the read say, and their faults; most rows say the same."""
    faults: list[str] = []
    source, make, colour, country = cells
    named = _cell(source, "source", _source, faults=faults)
    said = _cell(country, "country", country_of, faults=faults)
    described = Description(
        make=_cell(make, "make", word_of, faults=faults),
        colour=_cell(colour, "colour", word_of, faults=faults),
    )
    return named, described, said, tuple(faults)


def _cell(
    text: str | None, name: str, read: Callable[[str], _Value], *, faults: list[str]
) -> _Value | None:
    """Return what a cell holds, or None: where it is empty, and where it adds a fault."""
    if not text or not (text := text.strip()):
        return None
    try:
        return read(text)
    except Fault as fault:
        faults.append(f"{name}: {fault}")
        return None


def _source(text: str) -> Source:
    named = _SOURCES.get(text)
    if named is None:
        raise Fault(f"must be one of {', '.join(_SOURCES)}")
    return named


def _confidences(cell: str) -> list[float]:
    """Return the numbers of a cell: a JSON list, or separated by spaces or bars."""
    try:
        numbers = json.loads(cell) if cell.startswith("[") else _separated(cell)
    except (ValueError, RecursionError):
        raise Fault("must be a list of numbers") from None
    if not all(_is_share(number) for number in numbers):
        raise Fault("must hold numbers from 0 to 1")
    return [float(number) for number in numbers]


def _separated(text: str) -> list[float]:
    return [float(part) for part in _SEPARATORS.split(text)]


def _is_share(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number <= 1
