"""Open hits in their tables, and the end of them."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Engine, Row, Select, insert, select

from service import ids
from service.adapters.db import audit
from service.adapters.db.caller_tables import ORGANISATION
from service.adapters.db.engine import reading, writing
from service.adapters.db.tables import GUARD_STAND_DOWN, HIT, SIGHTING, STAND_DOWN
from service.chain import seal
from service.records import AuditEvent
from service.stand_down import OpenHit, StandDown

_OPEN: Select[Any] = (
    select(
        HIT.c.id,
        HIT.c.sighting,
        HIT.c.plate,
        HIT.c.list_version,
        HIT.c.document,
        SIGHTING.c.answer,
        GUARD_STAND_DOWN.c.hit.label("guards_ended"),
        SIGHTING.c.credential,
        ORGANISATION.c.name.label("firm"),
    )
    .join(SIGHTING, SIGHTING.c.id == HIT.c.sighting)
    .join(ORGANISATION, ORGANISATION.c.id == HIT.c.organisation)
    .outerjoin(STAND_DOWN, STAND_DOWN.c.hit == HIT.c.id)
    .outerjoin(GUARD_STAND_DOWN, GUARD_STAND_DOWN.c.hit == HIT.c.id)
    .where(STAND_DOWN.c.hit.is_(None))
    .order_by(HIT.c.id)
)


class SqlOpenHits:
    """`service.ports.OpenHits` over the tables. Every call may block."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open_hits(self, *, after: int, limit: int) -> Sequence[OpenHit]:
        """Return open hits with a higher id, rising."""
        with reading(self._engine) as connection:
            rows = connection.execute(_OPEN.where(HIT.c.id > after).limit(limit)).all()
        return [_open_hit(row) for row in rows]

    def stand_down(self, ended: Sequence[StandDown], events: Sequence[AuditEvent]) -> int:
        """Record the end of hits, each with its audit record; return of how many."""
        meant = [one.hit for one in ended]
        firms = select(HIT.c.id, HIT.c.organisation).where(HIT.c.id.in_(meant))
        done = select(STAND_DOWN.c.hit).where(STAND_DOWN.c.hit.in_(meant))
        with writing(self._engine) as connection:
            before = set(connection.execute(done).scalars())
            firm_of = {row.id: row.organisation for row in connection.execute(firms)}
            pairs = zip(ended, events, strict=True)
            fresh = [(end, event) for end, event in pairs if end.hit not in before]
            for end, _ in fresh:
                row = {"hit": end.hit, "at": end.at, "reason": end.reason.value}
                row["organisation"] = firm_of[end.hit]
                connection.execute(insert(STAND_DOWN).values(row))
            audit.append(connection, [seal(event) for _, event in fresh])
        return len(fresh)

    def stand_guards_down(self, ended: Sequence[StandDown], events: Sequence[AuditEvent]) -> None:
        """Record that all that guards were told of hits has ended, while the hits stay open."""
        rows = [{"hit": end.hit, "at": end.at, "reason": end.reason.value} for end in ended]
        with writing(self._engine) as connection:
            connection.execute(insert(GUARD_STAND_DOWN), rows)
            audit.append(connection, [seal(event) for event in events])


def _told(row: Row[Any], entries: int) -> tuple[Any, ...] | None:
    """Return the entries of a hit that the answer to its sighting named, if not all of them."""
    if entries > 1 and row.guards_ended is None:
        named = ids.to_text(row.id)
        for hit in orjson.loads(row.answer)["hits"]:
            if hit["id"] == named and len(hit["entries"]) < entries:
                return tuple(hit["entries"])
    return None


def _open_hit(row: Row[Any]) -> OpenHit:
    entries = tuple(orjson.loads(row.document)["entries"])
    return OpenHit(
        id=row.id,
        sighting=row.sighting,
        organisation=row.firm,
        credential=ids.to_text(row.credential),
        plate=row.plate,
        list_version=row.list_version,
        entries=entries,
        told=_told(row, len(entries)),
    )
