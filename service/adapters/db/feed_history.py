"""The history of feed files in its table."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Engine, Row, func, insert, select

from service.adapters.db import audit
from service.adapters.db.engine import reading, writing
from service.adapters.db.tables import FEED_FILE
from service.chain import seal
from service.feed_records import FeedFile
from service.records import AuditEvent

# By version, not by id: versions rise, whatever the clock does and however long a file waited.
_NEWEST_ACCEPTED = (
    select(FEED_FILE.c.feed, func.max(FEED_FILE.c.version).label("version"))
    .where(FEED_FILE.c.refused.is_(None))
    .group_by(FEED_FILE.c.feed)
    .subquery()
)
_LATEST = (
    select(FEED_FILE)
    .join(
        _NEWEST_ACCEPTED,
        (FEED_FILE.c.feed == _NEWEST_ACCEPTED.c.feed)
        & (FEED_FILE.c.version == _NEWEST_ACCEPTED.c.version),
    )
    .order_by(FEED_FILE.c.feed)
)


class SqlFeedHistory:
    """`service.ports.FeedHistory` over the table. Every call may block."""

    def __init__(self, engine: Engine, user: str | None = None) -> None:
        self._engine = engine
        self._user = user

    def add(self, file: FeedFile, event: AuditEvent) -> None:
        """Record a file and its audit record in one transaction."""
        columns = {column.name: getattr(file, column.name) for column in FEED_FILE.columns}
        columns["rejects"] = orjson.dumps(file.rejects)
        with writing(self._engine) as connection:
            connection.execute(insert(FEED_FILE).values(columns))
            audit.append(connection, [seal(event.by(self._user))])

    def latest(self) -> Sequence[FeedFile]:
        """Return the file of every feed that was accepted last, by name of the feed."""
        with reading(self._engine) as connection:
            return [_feed_file(row) for row in connection.execute(_LATEST)]

    def files(self, feed: str, *, before: int | None, limit: int) -> Sequence[FeedFile]:
        """Return files of a feed, newest first, those with a lower id than `before`."""
        found = select(FEED_FILE).where(FEED_FILE.c.feed == feed).order_by(FEED_FILE.c.id.desc())
        if before is not None:
            found = found.where(FEED_FILE.c.id < before)
        with reading(self._engine) as connection:
            return [_feed_file(row) for row in connection.execute(found.limit(limit))]

    def newest_sequence(self, feed: str) -> int | None:
        """Return the highest sequence of a file of a feed that was ever accepted."""
        newest = select(func.max(FEED_FILE.c.sequence)).where(
            FEED_FILE.c.feed == feed, FEED_FILE.c.refused.is_(None)
        )
        with reading(self._engine) as connection:
            found: int | None = connection.execute(newest).scalar_one()
        return found

    def file(self, feed: str, id_: int) -> FeedFile | None:
        """Return one file of a feed, or None."""
        one = select(FEED_FILE).where(FEED_FILE.c.id == id_, FEED_FILE.c.feed == feed)
        with reading(self._engine) as connection:
            row = connection.execute(one).one_or_none()
        return None if row is None else _feed_file(row)


def _feed_file(row: Row[Any]) -> FeedFile:
    columns = row._asdict()
    columns["rejects"] = tuple((number, reason) for number, reason in orjson.loads(row.rejects))
    return FeedFile(**columns)
