"""What passes between the use cases and storage: plain frozen records.

Times are integer microseconds since 1970 UTC; ids are positive 64-bit integers that grow with
time (see `service.ids`) and become opaque strings at the HTTP border only. Documents are JSON
as bytes, already in the form they are answered in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from service import clock
from service.spending import Charge
from service.stand_down import StandDown
from service.standing import OPEN, Standing


class Role(StrEnum):
    """What a credential may be used for; the matrix of routes is in `service.api.routes`."""

    GUARD = "guard"
    DISPATCH = "dispatch"
    INFODESK = "infodesk"
    FEED = "feed"
    MANAGER = "manager"
    AUDITOR = "auditor"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling: a credential with its role, its organisation and, if known, a person.

    `categories` and `purposes` are those of entries that the organisation may be told of; None are
    all. `device` is
    the id of the one it was issued for. `purpose` and `incident` are those that it was issued
    for: of every consultation that names none itself.
    """

    credential: str
    role: Role
    organisation: str
    person: str | None = None
    device: str | None = None
    categories: frozenset[str] | None = None
    purposes: frozenset[str] | None = None
    purpose: str | None = None
    incident: str | None = None
    standing: Standing = OPEN


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing that was done. `header` is kept for ever, `payload` (personal) can be erased.

    `header` holds no plate, no read, no name of a person; `payload` may.
    """

    at: int
    action: str
    header: Mapping[str, object]
    payload: Mapping[str, object]

    def by(self, user: str | None) -> "AuditEvent":
        """Return it with the user of the machine who did it, None for a service."""
        if user is None:
            return self
        return replace(self, payload={**self.payload, "user": user})


SIGHTING_REPORTED = "sighting-reported"
"""The action that goes with every sighting; its subject is the id of the sighting, as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingRecord:
    """A sighting with its answer: `request` as it was sent, `answer` as it was given.

    `latitude` and `longitude` are those of the request, in degrees, both or neither.
    `categories` and `purposes` are those of entries that its caller could be told of then; None
    are all.
    """

    id: int
    organisation: str
    credential: str
    received_at: int
    seen_at: int
    source: str
    purpose: str
    list_version: str
    model_version: str
    request: bytes
    answer: bytes
    categories: frozenset[str] | None = None
    purposes: frozenset[str] | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What is stated beside a hit, since what it says is contested."""

    at: int
    statement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRecord:
    """One plate that was answered for a sighting, over all entries.

    `document` is the hit as `GET /v1/hits/{id}` shows it, entries and explanation included;
    the other fields are what `POST /v1/hits/search` filters on. `categories` are those of its
    entries, the first one leading. One that is restricted is shown to an auditor alone.
    """

    id: int
    sighting: int
    organisation: str
    received_at: int
    seen_at: int
    rank: int
    plate: str
    categories: tuple[str, ...]
    disposition: str
    confidence: float
    list_version: str
    model_version: str
    document: bytes
    stood_down: StandDown | None = None
    guards_stood_down: StandDown | None = None
    correction: Correction | None = None
    restricted_at: int | None = None


@dataclass(frozen=True, slots=True)
class MatchedBack:
    """The version of the list that sightings of before were matched with last, and when."""

    version: str
    at: int


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """A hit the control room is to be told of; written with the hit, delivered by reading rows.

    Storage numbers alerts in the order they are committed, so that whoever follows them by
    number misses none.
    """

    hit: int
    organisation: str
    created_at: int


@dataclass(frozen=True, slots=True)
class LaterHit:
    """A hit that a change of the list made of a sighting of before, with what goes with it."""

    hit: HitRecord
    alert: AlertRecord | None
    audit: AuditEvent


KEY_LIVES = 7 * clock.DAY
"""Microseconds an `Idempotency-Key` stands for its sighting."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An `Idempotency-Key` with an HMAC of the body it came with.

    A batch is one body with a claim for each of its sightings, told apart by their `place`.
    """

    credential: str
    key: str
    digest: bytes
    place: int = 0


@dataclass(frozen=True, slots=True)
class Recording:
    """What one sighting leaves behind: all of it is committed, or none."""

    sighting: SightingRecord
    hits: tuple[HitRecord, ...]
    alerts: tuple[AlertRecord, ...]
    audit: AuditEvent
    claim: Claim | None = None
    charge: Charge | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """What an `Idempotency-Key` stands for already: this sighting, or another body."""

    sighting: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class IssuedCredential:
    """A credential without its key, which nobody can know again.

    `expires_at` is the moment from which it counts for nothing; `issuer` is whose tokens it
    stands for, None if it has a key.
    """

    id: str
    role: Role
    organisation: str
    person: str | None
    issued_at: int
    revoked_at: int | None = None
    device: str | None = None
    purpose: str | None = None
    incident: str | None = None
    expires_at: int | None = None
    issuer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRecord:
    """An entry that was put in by itself. `document` is the whole of it, as JSON.

    `change` and `withdrawal` are its places among all changes of such entries, so that what was
    in force after any of them can be told; a withdrawn one is kept.
    """

    id: int
    organisation: str
    credential: str
    put_in_at: int
    change: int
    plate: str
    reference: str
    category: str
    valid_from: int | None
    valid_until: int
    document: bytes
    withdrawn_at: int | None = None
    withdrawal: int | None = None
    reason: str = ""

    def in_force(self, at: int) -> bool:
        """Whether it is in force at a moment."""
        begun = self.valid_from is None or self.valid_from <= at
        return self.withdrawn_at is None and begun and at < self.valid_until


class Head(NamedTuple):
    """The last record of the audit chain at some moment: its place and its hash."""

    seq: int
    hash: bytes


class AuditRow(NamedTuple):
    """One record of the audit chain as stored; salt and payload are None once erased."""

    seq: int
    prev: bytes
    header: bytes
    payload_digest: bytes
    hash: bytes
    salt: bytes | None
    payload: bytes | None
