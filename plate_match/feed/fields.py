"""The fields of an entry as files spell them: one table to read by and to write by."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from plate_match.errors import UnreadablePlate
from plate_match.hotlist import Category, Dissemination, Purpose, Wanted, fault_of
from plate_match.normalize import normalize
from plate_match.plate import GAP, UNKNOWN, Pattern, Plate

MOST_TEXTS = 20
"""Texts in one list, such as warnings."""

SHORT, LONG, LONGEST = 100, 500, 2_000
"""Characters a text may have: a name, a line, a paragraph."""

_COUNTRY = re.compile(r"[A-Z]{2}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_NUMBER = re.compile(r"-?\d{1,9}", re.ASCII)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class Action(StrEnum):
    """What a row of a delta does to the feed."""

    ADD = "add"
    CHANGE = "change"
    WITHDRAW = "withdraw"


class FieldFault(ValueError):
    """A value a field cannot take. The message never repeats the value."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in files, its attribute of `Entry`, and its forms.

    Attributes:
        read: makes the value of the attribute from that of JSON, or raises `FieldFault`.
        cell: makes the value of JSON from a cell of CSV; what it cannot make it leaves to
            `read` to refuse.
        write: makes the value of JSON from that of the attribute.
        back: makes the value of the attribute from what `write` made, without asking again
            whether it may be one.
    """

    name: str
    attribute: str
    read: Callable[[object], object]
    cell: Callable[[str], object] = str
    write: Callable[[object], object] = lambda value: value
    back: Callable[[Any], object] = lambda value: value


def _text(longest: int) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str):
            raise FieldFault("must be a text")
        if len(value) > longest:
            raise FieldFault(f"is longer than {longest} characters")
        if _UNPRINTABLE.search(value):
            raise FieldFault("holds a character that cannot be shown")
        return value.strip()

    return read


_line = _text(LONG)


def _optional_text(longest: int) -> Callable[[object], str | None]:
    read_text = _text(longest)
    return lambda value: read_text(value) or None


def _texts(longest: int) -> Callable[[object], tuple[str, ...]]:
    read_text = _text(longest)

    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise FieldFault("must be a list of texts")
        if len(value) > MOST_TEXTS:
            raise FieldFault(f"holds more than {MOST_TEXTS} texts")
        return tuple(text for text in map(read_text, value) if text)

    return read


def _names(value: object) -> tuple[str, ...]:
    """Return who is named; what is blank must not come to stand for everybody."""
    found = _texts(SHORT)(value)
    if isinstance(value, list) and len(found) < len(value):
        raise FieldFault("must hold no blank name")
    return found


def _choice(choices: type[StrEnum]) -> Callable[[object], StrEnum]:
    by_name = {choice.value: choice for choice in choices}

    def read(value: object) -> StrEnum:
        if not isinstance(value, str) or value not in by_name:
            raise FieldFault(f"must be one of {', '.join(by_name)}")
        return by_name[value]

    return read


def _whole_number(least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise FieldFault(f"must be a whole number from {least} to {most}")
        return value

    return read


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise FieldFault("must be true or false")
    return value


def _country(value: object) -> str | None:
    text = _line(value)
    if text and not _COUNTRY.fullmatch(text):
        raise FieldFault("must be two capitals, as in NL")
    return text or None


def _plate(value: object) -> Plate | Pattern:
    text = _line(value)
    try:
        plate = normalize(text)
    except UnreadablePlate as fault:
        raise FieldFault(str(fault)) from None
    if isinstance(plate, Pattern) and (wrong := fault_of(plate)):
        raise FieldFault(wrong)
    return plate


def _plate_text(value: object) -> object:
    return value.compact if isinstance(value, Pattern) else value


def _plate_back(text: str) -> Plate | Pattern:
    return Pattern(tuple(text)) if UNKNOWN in text or GAP in text else Plate(text)


def _moment(value: object) -> datetime:
    text = _line(value)
    if _DATE.fullmatch(text):
        raise FieldFault("is only a date; give time and offset, as in 2026-01-31T23:59:59+01:00")
    if not _MOMENT.fullmatch(text):
        raise FieldFault("must be a time with its offset, as in 2026-01-31T23:59:59+01:00")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise FieldFault("is a time that does not exist") from None


def _moment_text(value: object) -> object:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _moment_back(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _number_of_cell(cell: str) -> object:
    return int(cell) if _NUMBER.fullmatch(cell) else cell


def _flag_of_cell(cell: str) -> object:
    return {"true": True, "false": False}.get(cell, cell)


def _texts_of_cell(cell: str) -> object:
    return cell.split("|")


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("reference", "reference", _text(SHORT)),
        Field("feed", "feed", _text(SHORT)),
        Field("wanted", "wanted", _choice(Wanted), back=Wanted),
        Field("plate", "plate", _plate, write=_plate_text, back=_plate_back),
        Field("country", "country", _country),
        Field("category", "category", _choice(Category), back=Category),
        Field("priority", "priority", _whole_number(0, 100), _number_of_cell),
        Field("instruction", "instruction", _text(LONGEST)),
        Field("warnings", "warnings", _texts(LONG), _texts_of_cell, back=tuple),
        Field("make", "make", _optional_text(SHORT)),
        Field("model", "model", _optional_text(SHORT)),
        Field("colour", "colour", _optional_text(SHORT)),
        Field("kind", "kind", _optional_text(SHORT)),
        Field("plateColour", "plate_colour", _optional_text(SHORT)),
        Field("persons", "persons", _texts(LONG), _texts_of_cell, back=tuple),
        Field("duplicateCode", "duplicate_code", _whole_number(0, 99), _number_of_cell),
        Field("validFrom", "valid_from", _moment, write=_moment_text, back=_moment_back),
        Field("validUntil", "valid_until", _moment, write=_moment_text, back=_moment_back),
        Field("legalGround", "legal_ground", _text(LONG)),
        Field("purpose", "purpose", _choice(Purpose), back=Purpose),
        Field("dissemination", "dissemination", _choice(Dissemination), back=Dissemination),
        Field("partners", "partners", _names, _texts_of_cell, back=tuple),
        Field("owner", "owner", _text(SHORT)),
        Field("contact", "contact", _text(LONG)),
        Field("test", "test", _flag, _flag_of_cell),
    )
}
"""Every field of an entry by its name in files, in the order they are written."""

ACTION = Field("action", "action", _choice(Action))
"""What stands in a row of a delta beside the fields of its entry."""

_NAME = re.compile(r"(?=.*[a-z])[A-Za-z]{1,40}")


def unknown_field(name: str) -> str:
    """Return what to say of a name that is no field.

    Only what cannot be a plate is repeated: a file without a header has plates for names.
    """
    if name == ACTION.name:
        return "action: belongs in a delta file; this is read as a full one"
    return f"unknown: {name if _NAME.fullmatch(name) else 'a name'} is no field of an entry"
