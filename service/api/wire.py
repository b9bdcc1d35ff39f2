"""What all models of the wire share: camelCase, strict types, nothing unknown, plain texts."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from service import clock

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:)(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Wire(BaseModel):
    """Base of every model that travels."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=False,
        validate_by_alias=True,
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )


def described_models(kind: type[Wire] = Wire) -> Iterator[type[Wire]]:
    """Yield every model that says what it looks like."""
    for child in kind.__subclasses__():
        if "json_schema_extra" in child.model_config:
            yield child
        yield from described_models(child)


def example(document: JsonDict) -> ConfigDict:
    """Return the configuration of a model with its example."""
    return ConfigDict(json_schema_extra={"examples": [document]})


def parse_time(text: object) -> datetime:
    """Return the moment of an RFC 3339 text, in UTC; digits beyond microseconds are dropped.

    Raises:
        PydanticCustomError: it is none, has no offset, or names a leap second.
    """
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise PydanticCustomError(
            "not-a-time", "Give an RFC 3339 time, such as {example}", _EXAMPLE
        )
    day, minute, second, decimals, offset = found.groups()
    if offset is None:
        raise PydanticCustomError("no-offset", "Give the offset from UTC, Z or +01:00")
    if second == "60":
        raise PydanticCustomError("leap-second", "Leap seconds are not taken; give the one before")
    micros = (decimals or ".0")[:7]
    try:
        return datetime.fromisoformat(
            f"{day}T{minute}{second}{micros:0<7}{offset.upper()}"
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("not-a-time", "There is no such day or hour") from None


_EXAMPLE = {"example": "2026-11-24T21:03:00Z"}


def _no_control(text: str) -> str:
    if _CONTROL.search(text):
        raise PydanticCustomError("control-character", "Leave out control characters")
    return text


Moment = Annotated[
    datetime,
    BeforeValidator(parse_time),
    PlainSerializer(lambda at: clock.to_text(clock.to_micros(at)), return_type=str),
]
"""A time: RFC 3339 with any offset in, UTC out."""

Text = Annotated[str, AfterValidator(_no_control)]
"""A text without control characters other than tab and line ends."""
