"""What stands beside a feed file: which one it is, what it must hold, and who says so.

F.manifest.json       {feed, sequence, producedAt, kind, base, rows, sha256}
F.manifest.json.sig   base64 of the Ed25519 signature over the bytes of F.manifest.json
"""

import base64
import binascii
import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from cryptography.exceptions import InvalidSignature
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from service.declaration import public_key
from service.errors import FaultyManifest

MOST_BYTES = 65_536
"""A manifest, or a signature, that is longer is none."""

_MOST_ROWS = 2**53


class Kind(StrEnum):
    """What a feed file is: the whole list, or what changed since another one."""

    FULL = "full"
    DELTA = "delta"


Number = Annotated[int, Field(ge=0, le=_MOST_ROWS, strict=True)]


class Manifest(BaseModel):
    """The manifest of one file.

    Attributes:
        sequence: its number among the files of the feed; each is higher than the one before.
        base: the sequence of the file that a delta follows; None for a full list.
        rows: how many rows the file has; blank lines, comments and a header are none.
        sha256: of the bytes of the file, in hexadecimal.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, hide_input_in_errors=True
    )

    feed: str
    sequence: Annotated[int, Field(ge=1, le=_MOST_ROWS, strict=True)]
    produced_at: AwareDatetime
    kind: Kind
    base: Number | None = None
    rows: Number
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]

    @field_validator("produced_at", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        # What is no text is no time either: "" says so by the same words.
        return _moment(value if isinstance(value, str) else "")

    @model_validator(mode="after")
    def _based(self) -> Self:
        if (self.kind is Kind.DELTA) != (self.base is not None):
            raise ValueError("base: belongs to a delta, and only there")
        return self


def read_manifest(body: bytes) -> Manifest:
    """Return what a manifest says.

    Raises:
        FaultyManifest: with every fault of it.
    """
    if len(body) > MOST_BYTES:
        raise FaultyManifest((f"is longer than {MOST_BYTES} bytes",))
    try:
        told = json.loads(body.decode(), object_pairs_hook=_once)
    except RecursionError:
        raise FaultyManifest(("is no JSON that can be read",)) from None
    except ValueError as error:
        raise FaultyManifest((f"is no JSON that can be read: {error}",)) from None
    try:
        return Manifest.model_validate(told)
    except ValidationError as error:
        raise FaultyManifest(tuple(map(_told, error.errors()))) from None


def is_signed(body: bytes, signature: bytes, key: str) -> bool:
    """Whether this is the signature of a manifest, in base64, by the owner of a key.

    `base64` breaks lines after 76 characters, and a signature has 88.
    """
    try:
        told = base64.b64decode(b"".join(signature.split()), validate=True)
        public_key(key).verify(told, body)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _moment(text: str) -> datetime:
    try:
        told = datetime.fromisoformat(text.upper())
        return told if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("must be a time with its offset, as in 2026-01-31T23:59:59Z") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError("a name is there twice")
    return dict(pairs)


def _told(error: Any) -> str:  # noqa: ANN401 - pydantic's own dictionary of details
    place = ".".join(str(step) for step in error["loc"])
    cause = error.get("ctx", {}).get("error")
    said = _SAID.get(error["type"], str(cause) if isinstance(cause, ValueError) else error["msg"])
    return f"{place}: {said}" if place else said


_SAID = {
    "missing": "is missing",
    "extra_forbidden": "is no part of a manifest",
    "model_type": "must be an object",
}
