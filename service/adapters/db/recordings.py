"""A group of recordings -> rows, inside one transaction; one that is refused fails alone."""

from collections.abc import Sequence

from sqlalchemy import Connection, Table, bindparam, delete, select

from service import ids
from service.adapters.db import audit
from service.adapters.db.caller_tables import ORGANISATION
from service.adapters.db.engine import storage_errors
from service.adapters.db.rows import RowInsert
from service.adapters.db.spending import Ledger
from service.adapters.db.tables import ALERT, CLAIM, HIT, HIT_CATEGORY, SIGHTING
from service.chain import SealedEvent
from service.ports import RecordingRefused
from service.records import (
    KEY_LIVES,
    AlertRecord,
    Claim,
    Claimed,
    HitRecord,
    Recording,
    SightingRecord,
)
from service.spending import Spent

Outcome = Claimed | Spent | Exception | None
"""What became of a recording: its claim or its budget was taken, it was refused, or is written."""

Sealed = tuple[Recording | None, SealedEvent]
"""A recording with its sealed audit event, or such an event alone."""

_ORGANISATION = select(ORGANISATION.c.id).where(ORGANISATION.c.name == bindparam("name"))
_OF_KEY = (CLAIM.c.credential == bindparam("credential"), CLAIM.c.key == bindparam("key"))
_CLAIMS = select(CLAIM.c.place, CLAIM.c.sighting, CLAIM.c.digest, CLAIM.c.claimed_at).where(
    *_OF_KEY
)
_FREE = delete(CLAIM).where(*_OF_KEY, CLAIM.c.claimed_at < bindparam("since"))


_INSERTS = {
    table: RowInsert(table, columns)
    for table, columns in (
        (SIGHTING, ()),
        (HIT, ()),
        (HIT_CATEGORY, ()),
        (ALERT, ("hit", "organisation", "created_at")),
        (CLAIM, ()),
    )
}
"""In the order of their foreign keys."""

Row = tuple[object, ...]


class RecordingWriter:
    """Writes groups; remembers the ids of organisations, which never change."""

    def __init__(self) -> None:
        self._organisations: dict[str, int] = {}

    def write(self, connection: Connection, group: Sequence[Sealed]) -> Sequence[Outcome]:
        """Insert all in one go; if that fails, each on its own, so that one spoils no other.

        Raises:
            StorageUnavailable: the database fails, whatever is written.
        """
        try:
            return self._insert(connection, group)
        except RecordingRefused:
            return [self._insert_alone(connection, one) for one in group]

    def _insert_alone(self, connection: Connection, one: Sealed) -> Outcome:
        try:
            return self._insert(connection, [one])[0]
        except RecordingRefused as refused:
            return refused

    def _insert(
        self, connection: Connection, group: Sequence[Sealed]
    ) -> Sequence[Claimed | Spent | None]:
        """Insert in a savepoint, which COMMIT releases: all of it, or nothing and an error."""
        connection.exec_driver_sql("SAVEPOINT recordings")
        try:
            with storage_errors():
                return self._insert_rows(connection, group)
        except RecordingRefused:
            connection.exec_driver_sql("ROLLBACK TO recordings")
            raise

    def _insert_rows(
        self, connection: Connection, group: Sequence[Sealed]
    ) -> Sequence[Claimed | Spent | None]:
        rows = _Group(connection, self._organisations)
        taken = [rows.add(recording) for recording, _ in group]
        rows.insert()
        written = zip(group, taken, strict=True)
        audit.append(connection, [event for (_, event), standing in written if standing is None])
        return taken


def insert_hits(
    connection: Connection, hits: Sequence[HitRecord], alerts: Sequence[AlertRecord]
) -> None:
    """Insert hits of sightings that are there, and their alerts, in the caller's transaction."""
    group = _Group(connection, {})
    group.add_hits(hits, alerts)
    group.insert()


class _Group:
    """The rows of recordings that are inserted together."""

    def __init__(self, connection: Connection, organisations: dict[str, int]) -> None:
        self._connection = connection
        self._organisations = organisations
        self._ledger = Ledger(connection)
        self._claimed: dict[tuple[str, str], dict[int, Claimed]] = {}
        self._rows: dict[Table, list[Row]] = {table: [] for table in _INSERTS}

    def add(self, recording: Recording | None) -> Claimed | Spent | None:
        """Add a recording; if its claim is taken, or a budget spent, add nothing and say so."""
        if recording is None:
            return None
        if recording.claim is not None:
            taken = self._taken(recording.claim, recording.sighting.received_at)
            if taken is not None:
                return taken
        if recording.charge is not None:
            spent = self._ledger.add(recording.charge)
            if spent is not None:
                return spent
        self._add_sighting(recording.sighting)
        self.add_hits(recording.hits, recording.alerts)
        if recording.claim is not None:
            self._add_claim(recording.claim, recording.sighting)
        return None

    def add_hits(self, hits: Sequence[HitRecord], alerts: Sequence[AlertRecord]) -> None:
        """Add hits and their alerts."""
        for hit in hits:
            self._add_hit(hit)
        for alert in alerts:
            row = (alert.hit, self._organisation(alert.organisation), alert.created_at)
            self._rows[ALERT].append(row)

    def insert(self) -> None:
        """Insert all that was added, table by table."""
        for table, insert_rows in _INSERTS.items():
            insert_rows(self._connection, self._rows[table])
        self._ledger.write()

    def _add_sighting(self, sighting: SightingRecord) -> None:
        self._rows[SIGHTING].append(
            (
                sighting.id,
                self._organisation(sighting.organisation),
                ids.from_text(sighting.credential),
                sighting.received_at,
                sighting.seen_at,
                sighting.source,
                sighting.purpose,
                sighting.list_version,
                sighting.model_version,
                sighting.latitude,
                sighting.longitude,
                sighting.request,
                sighting.answer,
                _words(sighting.categories),
                _words(sighting.purposes),
            )
        )

    def _add_hit(self, hit: HitRecord) -> None:
        self._rows[HIT].append(
            (
                hit.id,
                hit.sighting,
                self._organisation(hit.organisation),
                hit.received_at,
                hit.seen_at,
                hit.rank,
                hit.plate,
                " ".join(hit.categories),
                hit.disposition,
                hit.confidence,
                hit.list_version,
                hit.model_version,
                hit.document,
            )
        )
        self._rows[HIT_CATEGORY].extend((category, hit.id) for category in {*hit.categories})

    def _taken(self, claim: Claim, now: int) -> Claimed | None:
        """What a key stands for: another body, or a sighting in the place of this claim."""
        if (claim.credential, claim.key) not in self._claimed:
            self._claimed[claim.credential, claim.key] = self._standing(claim, now)
        standing = self._claimed[claim.credential, claim.key]
        others = (one for one in standing.values() if one.digest != claim.digest)
        return next(others, standing.get(claim.place))

    def _standing(self, claim: Claim, now: int) -> dict[int, Claimed]:
        """What a key stands for in the database, by place; what is too old is freed."""
        of_key = {"credential": ids.from_text(claim.credential), "key": claim.key}
        since = now - KEY_LIVES
        found = self._connection.execute(_CLAIMS, of_key).all()
        if any(row.claimed_at < since for row in found):
            self._connection.execute(_FREE, {**of_key, "since": since})
        return {
            row.place: Claimed(row.sighting, row.digest) for row in found if row.claimed_at >= since
        }

    def _add_claim(self, claim: Claim, sighting: SightingRecord) -> None:
        standing = self._claimed[claim.credential, claim.key]
        standing[claim.place] = Claimed(sighting.id, claim.digest)
        credential = ids.from_text(claim.credential)
        self._rows[CLAIM].append(
            (credential, claim.key, claim.place, claim.digest, sighting.id, sighting.received_at)
        )

    def _organisation(self, name: str) -> int:
        if name not in self._organisations:
            id_ = self._connection.execute(_ORGANISATION, {"name": name}).scalar_one_or_none()
            if id_ is None:
                raise RecordingRefused("a recording names an organisation that is not known")
            self._organisations[name] = id_
        return self._organisations[name]


def _words(named: frozenset[str] | None) -> str | None:
    return None if named is None else " ".join(sorted(named))
