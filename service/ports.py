"""What the use cases ask of storage; the records that pass through are in `service.records`."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from plate_match.hotlist import Entry
from service.errors import ServiceError, UnknownCaller
from service.queries import EntryQuery, HitQuery
from service.records import (
    AuditEvent,
    AuditRow,
    Caller,
    Claim,
    Claimed,
    EntryRecord,
    Head,
    HitRecord,
    IssuedCredential,
    LaterHit,
    MatchedBack,
    Recording,
    Role,
    SightingRecord,
)
from service.spending import Spent
from service.stand_down import OpenHit, StandDown


class StorageError(ServiceError):
    """Base of what storage raises on purpose; no message holds a plate, a key or a URL."""


class StorageUnavailable(StorageError):
    """The database cannot be read or written now; nothing was recorded. Try again later."""


class RecordingRefused(StorageError):
    """What was to be recorded contradicts what is there: a fault of the program."""


class HotlistDamaged(StorageError):
    """A hotlist version is not as it was written; the message says which and what to do."""


class Recorder(Protocol):
    """The one way to write while the service answers; returns once all is durable."""

    async def record(self, recording: Recording) -> Claimed | Spent | None:
        """Commit a sighting, and charge it.

        If its claim was taken meanwhile, or a budget is spent, write nothing and return that.
        """
        ...

    async def audit(self, event: AuditEvent) -> None:
        """Commit one audit record that belongs to no sighting."""
        ...


class History(Protocol):
    """Reads what was recorded. Every call may wait for a disk, never long."""

    async def sighting(self, id_: int) -> SightingRecord | None:
        """Return a sighting, or None if unknown or purged."""
        ...

    async def hit(self, id_: int) -> HitRecord | None:
        """Return a hit, or None if unknown."""
        ...

    async def hits(self, query: HitQuery) -> Sequence[HitRecord]:
        """Return at most `query.limit` hits, newest first."""
        ...

    async def hits_of(self, sighting: int) -> Sequence[HitRecord]:
        """Return all hits of a sighting, in the order they were made."""
        ...

    async def role_of(self, credential: str) -> Role:
        """Return what a credential may be used for; those that were revoked are kept."""
        ...

    async def claimed(self, claim: Claim, since: int) -> Claimed | None:
        """Return what the key of a claim stands for, if it was used at or after `since`.

        If it was used for another body, whatever the place, that is what is returned.
        """
        ...


class OpenHits(Protocol):
    """Hits that are not stood down; called from a thread, so it may block."""

    def open_hits(self, *, after: int, limit: int) -> Sequence[OpenHit]:
        """Return open hits with a higher id, rising."""
        ...

    def stand_down(self, ended: Sequence[StandDown], events: Sequence[AuditEvent]) -> int:
        """Record the end of hits, each with its audit record; return of how many.

        What is stood down already stays as it is.
        """
        ...

    def stand_guards_down(self, ended: Sequence[StandDown], events: Sequence[AuditEvent]) -> None:
        """Record that all that guards were told of hits has ended, while the hits stay open."""
        ...


class PastSightings(Protocol):
    """Sightings that were answered, for another look; called from a thread, so it may block."""

    def matched_back(self) -> MatchedBack | None:
        """Return what sightings of before were matched with last."""
        ...

    def set_matched_back(self, mark: MatchedBack) -> None:
        """Record that they were matched with a version."""
        ...

    def sightings(self, *, after: int, before: int, limit: int) -> Sequence[SightingRecord]:
        """Return sightings with an id between two others, rising."""
        ...

    def add(self, found: Sequence[LaterHit]) -> int:
        """Record hits, each with its alert and its audit record; return how many.

        One is left out whose sighting has an open hit on the same plate, or is gone.
        """
        ...


class Credentials(Protocol):
    """Issued keys. `identify` is called for every request and must be quick."""

    def identify(self, key: str) -> Caller | None:
        """Return who holds this key, or None if unknown, revoked or past its end; at once."""
        ...

    def refusal(self, key: str) -> UnknownCaller:
        """Return why this key counts for nobody."""
        ...

    def lapsed(self, key: str) -> Caller | None:
        """Return who held a key that was revoked or is past its end, or None."""
        ...


class CredentialRegister(Protocol):
    """Where credentials are issued and revoked; called from a command, so it may block."""

    def spelling(self, organisation: str) -> str:
        """Return how an organisation is spelled on record; what is not there, as it is given."""
        ...

    def add(self, credential: IssuedCredential, digest: bytes, event: AuditEvent) -> None:
        """Record a credential with the SHA-256 of its key, and make its organisation known."""
        ...

    def revoke(self, id_: str, event: AuditEvent) -> IssuedCredential | None:
        """Revoke at the time of the event, unless revoked before; None if there is no such id."""
        ...

    def find(self, id_: str) -> IssuedCredential | None:
        """Return a credential, or None if there is no such id."""
        ...

    def replace(
        self, old: IssuedCredential, new: IssuedCredential, *, digest: bytes, event: AuditEvent
    ) -> None:
        """Record a credential with the digest of its key, and the end of the one it replaces.

        Raises:
            NotThere: the old one has been revoked meanwhile, or given an earlier end.
        """
        ...

    def all(self) -> Sequence[IssuedCredential]:
        """Return every credential, revoked ones included, oldest first."""
        ...


class AuditTrail(Protocol):
    """The audit as it stands, for whoever verifies or exports it; it may block."""

    def rows(self, after: int = 0) -> AbstractContextManager[Iterator[AuditRow]]:
        """Stream all records of one moment by rising seq, or those after a place."""
        ...

    def row(self, seq: int) -> AuditRow | None:
        """Return one record, None if there is none at this place."""
        ...

    def stray_payload(self) -> int | None:
        """Return the seq of the first payload that belongs to no record, or None."""
        ...

    def sightings(self) -> AbstractContextManager[Iterator[int]]:
        """Stream the ids of all sightings of one moment, rising."""
        ...

    def head(self) -> Head | None:
        """Return the last record, None if there is none."""
        ...

    def add(self, event: AuditEvent) -> None:
        """Record one thing that was done, by whoever does it without a service."""
        ...


class Erasure(Protocol):
    """What is kept for a time only; called from a thread, so it may block.

    Each call erases one batch at most, with its audit record, and returns how many that were;
    moments are microseconds since 1970.
    """

    def sightings_without_hit(self, before: int, event: AuditEvent) -> int:
        """Erase sightings that were received before a moment and have no hit."""
        ...

    def sightings_with_hit(self, before: int, event: AuditEvent) -> int:
        """Erase sightings that were received before a moment, with their hits and all of those."""
        ...

    def entries(self, before: int, event: AuditEvent) -> int:
        """Erase what is said by entries that were over before a moment."""
        ...

    def audit_payloads(self, before: int, event: AuditEvent) -> int:
        """Erase the personal part of audit records of before a moment."""
        ...

    def claims(self, before: int) -> int:
        """Erase what idempotency keys stood for that were used before a moment."""
        ...

    def spending(self, before: int) -> int:
        """Erase what was told holders before a moment, by when it has drained."""
        ...

    def settle(self) -> None:
        """Leave nothing of what was erased in a journal."""
        ...


class Witness(Protocol):
    """Whom the operator cannot reach; called from a thread, so it may block."""

    def tell(self, head: Head, now: int) -> None:
        """Tell it what the last record is, now in microseconds since 1970.

        Raises:
            StorageUnavailable: it could not be told.
        """
        ...


class Entries(Protocol):
    """Entries that are put in one at a time; called from a thread, so it may block."""

    def changes(self) -> int:
        """Return how many entries were put in and withdrawn so far."""
        ...

    def in_force(self, at: int) -> tuple[int, Sequence[Entry]]:
        """Return the changes so far, and the entries that are not withdrawn and not over."""
        ...

    def as_of(self, change: int) -> Sequence[Entry]:
        """Return the entries that stood after so many changes, those that were over included."""
        ...

    def put_in_since(self, change: int) -> Sequence[Entry]:
        """Return the entries put in after so many changes that are not withdrawn."""
        ...

    def add(self, entry: EntryRecord, event: AuditEvent) -> EntryRecord:
        """Put an entry in, with its audit record; return it with its place among the changes."""
        ...

    def withdraw(self, id_: int, reason: str, event: AuditEvent) -> EntryRecord:
        """Withdraw an entry at the time of the event; one that is withdrawn stays as it is.

        Raises:
            NotThere: there is no such entry.
        """
        ...

    def entry(self, id_: int) -> EntryRecord | None:
        """Return an entry, or None."""
        ...

    def entries(self, query: EntryQuery) -> Sequence[EntryRecord]:
        """Return at most `query.limit` entries, newest first."""
        ...
