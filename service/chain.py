"""The arithmetic of the audit chain: what a record's hash covers.

    payload digest = SHA-256(salt, payload)
    hash           = SHA-256(seq as 8 bytes, prev, payload digest, header)

All parts but the last have a fixed length, so no two records share one input. The header is
hashed as it is stored; the payload only through its salted digest, so that it can be erased and
leaves nothing to guess from.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from service.errors import DamagedRecord
from service.records import AuditEvent, AuditRow

GENESIS = bytes(32)
"""What the first record has for the hash of the record before it."""

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class SealedEvent:
    """An event as bytes, ready to be linked: its place in the chain is all that is missing."""

    header: bytes
    salt: bytes
    payload: bytes
    payload_digest: bytes


def seal(event: AuditEvent) -> SealedEvent:
    """Encode an event canonically and digest its payload under a fresh random salt.

    The event's own `at` and `action` stand in the header beside what it brings.

    Raises:
        TypeError: header or payload hold something that is not JSON.
    """
    header = _encode({**event.header, "at": event.at, "action": event.action})
    payload = _encode(dict(event.payload))
    salt = secrets.token_bytes(SALT_BYTES)
    return SealedEvent(header, salt, payload, digest_payload(salt, payload))


def digest_payload(salt: bytes, payload: bytes) -> bytes:
    """Return the digest that stands for a payload in the chain."""
    return sha256(salt + payload).digest()


def hash_record(seq: int, prev: bytes, *, payload_digest: bytes, header: bytes) -> bytes:
    """Return the hash of a record, which is the `prev` of the next."""
    return sha256(seq.to_bytes(8, "big") + prev + payload_digest + header).digest()


def _encode(document: dict[str, object]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def opened(row: AuditRow) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the header and the personal part of a record, None where that was erased.

    Raises:
        DamagedRecord: they are not what a record has.
    """
    try:
        header = _decoded(row.header)
        payload = None if row.payload is None else _decoded(row.payload)
        sound = _is_sound(row, header)
    except (ValueError, TypeError):
        raise DamagedRecord(row.seq) from None
    if not sound:
        raise DamagedRecord(row.seq)
    return header, payload


def _decoded(stored: bytes) -> dict[str, Any]:
    document = orjson.loads(stored)
    if not isinstance(document, dict):
        raise TypeError("a part of a record is an object")
    if stored.count(b"[") + stored.count(b"{") > _MANY:
        orjson.dumps(document)  # raises TypeError where it is deeper than whoever shows it can go
    return document


def _is_sound(row: AuditRow, header: Mapping[str, Any]) -> bool:
    """Whether place and hash, time and action are of their types, in a table that holds anything.

    What else a header names is text, or what its action brings.
    """
    placed = type(row.seq) is int and row.seq > 0 and type(row.hash) is bytes
    timed = type(header.get("at")) is int and 0 <= header["at"] < _LATEST
    named = all(isinstance(header.get(name, ""), str | None) for name in _TEXTS)
    return placed and timed and type(header.get("action")) is str and named


_TEXTS = ("credential", "organisation", "role", "purpose")
_MANY = 200
_LATEST = 253_402_300_800_000_000
"""The first moment of the year 10000, of which no text tells."""


UNSOUND = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
"""What is raised where a record is read that does not hold what its action brings."""
