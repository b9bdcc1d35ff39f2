"""The group writer: recordings -> one transaction a group, one COMMIT for all of them.

What arrives while a COMMIT runs is the next group; no timer. Rows are inserted on the event loop
and only the COMMIT, which waits for the disk, goes to a thread: one hand-over a group, and the
loop serves meanwhile.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from service.adapters.db.engine import storage_errors
from service.adapters.db.recordings import Outcome, RecordingWriter
from service.chain import SealedEvent, seal
from service.ports import StorageUnavailable
from service.records import AuditEvent, Claimed, Recording
from service.spending import Spent

LARGEST_GROUP = 200
"""Recordings; keeps the loop and the writer's lock from being held for long."""

PATIENCE_MILLISECONDS = 5_000
"""How long a group waits for another process to let go of the writer's lock."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A recording, or an event alone, and whoever waits for it."""

    recording: Recording | None
    event: SealedEvent
    done: asyncio.Future[Claimed | Spent | None]


class GroupRecorder:
    """`service.ports.Recorder` over the tables; for one event loop, from `record` to `close`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = RecordingWriter()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._waiting: deque[_Waiting] = deque()
        self._groups: asyncio.Task[None] | None = None
        self._connection: Connection | None = None
        self._closed = False
        self.failing = False
        """Whether the last group could not be written."""

    async def record(self, recording: Recording) -> Claimed | Spent | None:
        """Commit a sighting and charge it; if its claim or its budget was taken, return that only.

        Raises:
            RecordingRefused: it contradicts what is there; others in its group are not touched.
            StorageUnavailable: nothing was recorded, as far as can be known; try again later.
            TypeError: the audit event is not JSON.
        """
        return await self._join(recording, recording.audit)

    async def audit(self, event: AuditEvent) -> None:
        """Commit one audit record that belongs to no sighting; raises as `record` does."""
        await self._join(None, event)

    async def close(self) -> None:
        """Commit what still waits, refuse what comes later, and let go of the database."""
        self._closed = True
        if self._groups is not None and not self._groups.done():
            await self._groups
        self._thread.shutdown()
        self._drop_connection()

    async def _join(self, recording: Recording | None, event: AuditEvent) -> Claimed | Spent | None:
        if self._closed:
            raise StorageUnavailable("the recorder is closed")
        done: asyncio.Future[Claimed | Spent | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(recording, seal(event), done))
        if self._groups is None or self._groups.done():
            self._groups = asyncio.create_task(self._write_groups())
        return await done

    async def _write_groups(self) -> None:
        while self._waiting:
            size = min(len(self._waiting), LARGEST_GROUP)
            group = [self._waiting.popleft() for _ in range(size)]
            outcomes: Sequence[Outcome] = [StorageUnavailable("the recorder was stopped")] * size
            try:
                outcomes = await self._commit(group)
            finally:  # whatever happened, nobody is left waiting
                for waiting, outcome in zip(group, outcomes, strict=True):
                    _settle(waiting.done, outcome)

    async def _commit(self, group: Sequence[_Waiting]) -> Sequence[Outcome]:
        try:
            with storage_errors():
                connection = await self._begin()
                outcomes = self._writer.write(connection, [(w.recording, w.event) for w in group])
                await self._in_thread(connection.commit)
        except StorageUnavailable as error:
            self.failing = True
            self._drop_connection()
            return [StorageUnavailable(*error.args) for _ in group]
        except Exception:  # unforeseen: do not keep the writer's lock
            self._drop_connection()
            raise
        self.failing = False
        return outcomes

    async def _begin(self) -> Connection:
        """Take the writer's lock: at once if it is free, else by waiting in the thread."""
        connection = self._connect()
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError:
            await self._in_thread(partial(_begin_patiently, connection))
        return connection

    async def _in_thread(self, wait: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, wait)

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
            self._connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        return self._connection

    def _drop_connection(self) -> None:
        """Close for good; what its transaction had written is rolled back."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _begin_patiently(connection: Connection) -> None:
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {PATIENCE_MILLISECONDS}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")


def _settle(done: asyncio.Future[Claimed | Spent | None], outcome: Outcome) -> None:
    if done.done():  # whoever waited has gone; what was recorded stays
        return
    if isinstance(outcome, Exception):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)
