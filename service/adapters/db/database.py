"""Everything that is kept in the database, opened and closed as one."""

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import text

from service.adapters.db import engine as engines
from service.adapters.db.audit import SqlAuditTrail
from service.adapters.db.credentials import SqlCredentials
from service.adapters.db.entries import SqlEntries
from service.adapters.db.erasure import SqlErasure
from service.adapters.db.feed_history import SqlFeedHistory
from service.adapters.db.guards_reads import SqlGuardsReads
from service.adapters.db.history import SqlHistory
from service.adapters.db.migrate import migrate
from service.adapters.db.open_hits import SqlOpenHits
from service.adapters.db.partners import SqlPartners
from service.adapters.db.past_sightings import SqlPastSightings
from service.adapters.db.people_erasure import SqlPeopleErasure
from service.adapters.db.recorder import GroupRecorder
from service.adapters.db.subjects import SqlSubjects


class Database:
    """An open database; what it offers stands in `service.ports`.

    The service closes it with `close()`, which commits what still waits. A command uses it as a
    context manager, without an event loop and without the recorder.
    """

    def __init__(self, url: str | None, data: Path, user: str | None = None) -> None:
        self._engine = engines.create(url, data)
        self.recorder = GroupRecorder(self._engine)
        self.history = SqlHistory(self._engine)
        self.credentials = SqlCredentials(self._engine, data, user=user)
        self.partners = SqlPartners(self._engine, self.credentials.tell)
        self.people_erasure = SqlPeopleErasure(self._engine)
        self.feed_history = SqlFeedHistory(self._engine, user)
        self.entries = SqlEntries(self._engine)
        self.open_hits = SqlOpenHits(self._engine)
        self.guards_reads = SqlGuardsReads(self._engine)
        self.past_sightings = SqlPastSightings(self._engine)
        self.audit = SqlAuditTrail(self._engine, user)
        self.erasure = SqlErasure(self._engine)
        self.subjects = SqlSubjects(self._engine)

    def migrate(self) -> None:
        """Bring the tables to this version; see `migrate.migrate` for what is raised."""
        migrate(self._engine)

    async def ping(self) -> None:
        """Read from the database, and write if that failed last time.

        Raises:
            StorageUnavailable: it cannot be read, or still not be written.
        """
        await asyncio.to_thread(self._write if self.recorder.failing else self._read)

    async def close(self) -> None:
        """Commit what still waits to be recorded and close."""
        await self.recorder.close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._engine.dispose()

    def _read(self) -> None:
        with engines.reading(self._engine) as connection:
            connection.execute(text("SELECT 1 FROM organisation LIMIT 1"))

    def _write(self) -> None:
        """Write what changes nothing: on SQLite a pragma that goes to disk whatever it says."""
        with engines.writing(self._engine) as connection:
            connection.execute(text("PRAGMA user_version = 0"))
