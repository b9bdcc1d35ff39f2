"""Pages and their cursors: the last id of a page, sealed, so that it fits this very query alone."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from service.errors import Fault, InvalidRequest

_ID_BYTES = 8
_SEAL_BYTES = 12


@dataclass(frozen=True, slots=True)
class Page:
    """JSON documents, newest first, and the cursor of the next page, if there is one."""

    documents: tuple[bytes, ...]
    next: str | None


class _HasId(Protocol):
    @property
    def id(self) -> int: ...


Numbered = TypeVar("Numbered", bound=_HasId)


def made(secret: bytes, last: int, *, of: str) -> str:
    """Return the cursor of the page after this id; `of` is the query, as text."""
    place = last.to_bytes(_ID_BYTES)
    return urlsafe_b64encode(place + _seal(secret, place, of)).decode()


def cut(
    secret: bytes, found: Sequence[Numbered], limit: int, *, of: str
) -> tuple[Sequence[Numbered], str | None]:
    """Return a page of what was found, and the cursor of the next; one more was asked for."""
    page = found[:limit]
    return page, made(secret, page[-1].id, of=of) if len(found) > limit else None


def opened(secret: bytes, cursor: str, *, of: str) -> int:
    """Return the last id of the page before.

    Raises:
        InvalidRequest: the cursor is none of this query.
    """
    try:
        content = urlsafe_b64decode(cursor.encode())
    except (NotBase64, ValueError):
        content = b""
    place, seal = content[:_ID_BYTES], content[_ID_BYTES:]
    if not hmac.compare_digest(seal, _seal(secret, place, of)):
        fault = Fault("/cursor", "bad-cursor", "Give the cursor that came with this very query")
        raise InvalidRequest([fault])
    return int.from_bytes(place)


def _seal(secret: bytes, place: bytes, of: str) -> bytes:
    return hmac.digest(secret, b"cursor\0" + place + of.encode(), "sha256")[:_SEAL_BYTES]
