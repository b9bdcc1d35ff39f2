"""The arithmetic of the audit chain: what a record's hash covers.

    payload digest = SHA-256(salt, payload)
    hash           = SHA-256(seq as 8 bytes, prev, payload digest, header)

All parts but the last have a fixed length, so no two records share one input. The header is
hashed as it is stored; the payload only through its salted digest, so that it can be erased and
leaves nothing to guess from.
"""

import secrets
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
        header = orjson.loads(row.header)
        payload = None if row.payload is None else orjson.loads(row.payload)
    except (ValueError, TypeError):
        raise DamagedRecord(row.seq) from None
    sound = isinstance(header, dict) and isinstance(payload, dict | None)
    if not sound or type(header.get("at")) is not int or type(header.get("action")) is not str:
        raise DamagedRecord(row.seq)
    return header, payload
