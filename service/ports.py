"""What the use cases ask of storage, and the records that pass through.

Times are integer microseconds since 1970 UTC; ids are positive 64-bit integers that grow with
time (see `service.ids`) and become opaque strings at the HTTP border only. Documents are JSON
as bytes, already in the form they are answered in.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from plate_match.hotlist import Entry
from service.errors import ServiceError


class StorageError(ServiceError):
    """Base of what storage raises on purpose; no message holds a plate, a key or a URL."""


class StorageUnavailable(StorageError):
    """The database cannot be read or written now; nothing was recorded. Try again later."""


class RecordingRefused(StorageError):
    """What was to be recorded contradicts what is there: a fault of the program."""


class HotlistDamaged(StorageError):
    """A hotlist version is not as it was written; the message says which and what to do."""


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
    """Who is calling: a credential with its role, its organisation and, if known, a person."""

    credential: str
    role: Role
    organisation: str
    person: str | None = None


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing that was done. `header` is kept for ever, `payload` (personal) can be erased.

    `header` holds no plate, no read, no name of a person; `payload` may.
    """

    at: int
    action: str
    header: Mapping[str, object]
    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingRecord:
    """A sighting with its answer: `request` as it was sent, `answer` as it was given.

    `latitude` and `longitude` are those of the request, in degrees, both or neither.
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
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRecord:
    """One plate that was answered for a sighting, over all entries.

    `document` is the hit as `GET /v1/hits/{id}` shows it, entries and explanation included;
    the other fields are what `POST /v1/hits/search` filters on. `categories` are those of its
    entries, the first one leading.
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
class Claim:
    """An `Idempotency-Key` with an HMAC of the body it came with."""

    credential: str
    key: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Recording:
    """What one sighting leaves behind: all of it is committed, or none."""

    sighting: SightingRecord
    hits: tuple[HitRecord, ...]
    alerts: tuple[AlertRecord, ...]
    audit: AuditEvent
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """What an `Idempotency-Key` stands for already."""

    sighting: int
    digest: bytes


class Recorder(Protocol):
    """The one way to write while the service answers; returns once all is durable."""

    async def record(self, recording: Recording) -> Claimed | None:
        """Commit a sighting; if its claim was taken meanwhile, write nothing and return that."""
        ...

    async def audit(self, event: AuditEvent) -> None:
        """Commit one audit record that belongs to no sighting."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HitQuery:
    """Filters of a search in the hit history; None does not filter.

    `before` is the id of the last hit of the page before; `area` is (south, west, north, east)
    in degrees, across the date line if west > east; `judgement` is the identity of a judgement.
    """

    plate: str | None = None
    seen_from: int | None = None
    seen_to: int | None = None
    category: str | None = None
    disposition: str | None = None
    min_confidence: float | None = None
    organisation: str | None = None
    area: tuple[float, float, float, float] | None = None
    judgement: str | None = None
    before: int | None = None
    limit: int = 50


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

    async def claimed(self, credential: str, key: str, since: int) -> Claimed | None:
        """Return what a key stands for, if it was used at or after `since`."""
        ...


@dataclass(frozen=True, slots=True)
class IssuedCredential:
    """A credential without its key, which nobody can know again."""

    id: str
    role: Role
    organisation: str
    person: str | None
    issued_at: int
    revoked_at: int | None = None


class Credentials(Protocol):
    """Issued keys. `identify` is called for every request and must be quick."""

    def identify(self, key: str) -> Caller | None:
        """Return who holds this key, or None if unknown or revoked; in force at once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFile:
    """One feed file that was offered, accepted or refused, as it stands in the history.

    `rejects` are (row, reason), at most the first thousand; `rejected` counts them all.
    `refused` is the reason why the whole file changed nothing, None if it was accepted.
    """

    id: int
    feed: str
    received_at: int
    sha256: str
    format: str
    rows: int
    accepted: int
    rejected: int
    rejects: tuple[tuple[int, str], ...]
    added: int
    changed: int
    withdrawn: int
    version: str | None
    refused: str | None = None


class CredentialRegister(Protocol):
    """Where credentials are issued and revoked; called from a command, so it may block."""

    def add(self, credential: IssuedCredential, digest: bytes, event: AuditEvent) -> None:
        """Record a credential with the SHA-256 of its key, and make its organisation known."""
        ...

    def revoke(self, id_: str, event: AuditEvent) -> IssuedCredential | None:
        """Revoke at the time of the event, unless revoked before; None if there is no such id."""
        ...

    def all(self) -> Sequence[IssuedCredential]:
        """Return every credential, revoked ones included, oldest first."""
        ...


class AuditRow(NamedTuple):
    """One record of the audit chain as stored; salt and payload are None once erased."""

    seq: int
    prev: bytes
    header: bytes
    payload_digest: bytes
    hash: bytes
    salt: bytes | None
    payload: bytes | None


class AuditTrail(Protocol):
    """The audit as it stands, for whoever verifies or exports it; it may block."""

    def rows(self) -> AbstractContextManager[Iterator[AuditRow]]:
        """Stream all records of one moment by rising seq."""
        ...

    def stray_payload(self) -> int | None:
        """Return the seq of the first payload that belongs to no record, or None."""
        ...

    def length(self) -> int:
        """Return the seq of the last record, 0 if there is none."""
        ...


class FeedHistory(Protocol):
    """The history of feed files; called from a command or a worker thread, so it may block."""

    def add(self, file: FeedFile, event: AuditEvent) -> None:
        """Record a file and its audit record in one transaction."""
        ...

    def latest(self) -> Sequence[FeedFile]:
        """Return the newest accepted file of every feed, by name of the feed."""
        ...

    def file(self, feed: str, id_: int) -> FeedFile | None:
        """Return one file of a feed, or None."""
        ...


@dataclass(frozen=True, slots=True)
class FeedPart:
    """What one feed brings to a hotlist version: how many entries, and the digest of its file."""

    name: str
    accepted_at: int
    entries: int
    sha256: str


@dataclass(frozen=True, slots=True)
class HotlistVersion:
    """A hotlist as it lies on disk. `base` is the version it was made from, None for the first."""

    name: str
    base: str | None
    built_at: int
    feeds: tuple[FeedPart, ...]


class HotlistVersions(Protocol):
    """Where the versions of the hotlist lie; called from a command or a thread: it may block."""

    def loading(self) -> AbstractContextManager[None]:
        """Wait until nobody else loads, in any process, and keep others waiting meanwhile."""
        ...

    def current(self) -> str | None:
        """Return the name of the version in force, None before the first."""
        ...

    def version(self, name: str) -> HotlistVersion:
        """Return a version, or raise `HotlistDamaged`."""
        ...

    def entries(self, version: HotlistVersion, feed: str) -> Sequence[Entry]:
        """Return the entries of a feed in a version, or raise `HotlistDamaged`."""
        ...

    def write(
        self, base: HotlistVersion | None, feed: str, entries: Sequence[Entry], *, now: int
    ) -> HotlistVersion:
        """Write a version with these entries for one feed and those of `base` for the others.

        Once this returns the version survives a crash; it is not in force.
        """
        ...

    def put_in_force(self, name: str) -> None:
        """Put a version in force, durably; whoever looks sees the old one or this."""
        ...
