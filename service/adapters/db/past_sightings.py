"""Sightings that were answered, and the hits that are made of them later, in their tables."""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, delete, insert, or_, select

from service.adapters.db import audit
from service.adapters.db.engine import reading, writing
from service.adapters.db.history import SIGHTINGS, sighting_of
from service.adapters.db.recordings import insert_hits
from service.adapters.db.tables import HIT, HIT_RESTRICTION, MATCHED_BACK, SIGHTING, STAND_DOWN
from service.chain import seal
from service.records import LaterHit, MatchedBack, SightingRecord


class SqlPastSightings:
    """`service.ports.PastSightings` over the tables. Every call may block."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def matched_back(self) -> MatchedBack | None:
        """Return what sightings of before were matched with last."""
        with reading(self._engine) as connection:
            row = connection.execute(select(MATCHED_BACK)).one_or_none()
        return None if row is None else MatchedBack(row.version, row.at)

    def set_matched_back(self, mark: MatchedBack) -> None:
        """Record that they were matched with a version."""
        with writing(self._engine) as connection:
            connection.execute(delete(MATCHED_BACK))
            connection.execute(insert(MATCHED_BACK).values(id=1, version=mark.version, at=mark.at))

    def sightings(self, *, after: int, before: int, limit: int) -> Sequence[SightingRecord]:
        """Return sightings with an id between two others, rising."""
        between = SIGHTING.c.id > after, SIGHTING.c.id < before
        wanted = SIGHTINGS.where(*between).order_by(SIGHTING.c.id).limit(limit)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted).all()
        return [sighting_of(row) for row in rows]

    def add(self, found: Sequence[LaterHit]) -> int:
        """Record hits, each with its alert and its audit record; return how many."""
        with writing(self._engine) as connection:
            fresh = [one for one in found if _is_new(connection, one)]
            insert_hits(
                connection,
                [one.hit for one in fresh],
                [one.alert for one in fresh if one.alert is not None],
            )
            audit.append(connection, [seal(one.audit) for one in fresh])
        return len(fresh)


def _is_new(connection: Connection, one: LaterHit) -> bool:
    """Whether the sighting is there and has no hit on this plate that is open or restricted."""
    there = select(SIGHTING.c.id).where(SIGHTING.c.id == one.hit.sighting)
    standing = (
        select(HIT.c.id)
        .outerjoin(STAND_DOWN, STAND_DOWN.c.hit == HIT.c.id)
        .where(
            HIT.c.sighting == one.hit.sighting,
            HIT.c.plate == one.hit.plate,
            or_(STAND_DOWN.c.hit.is_(None), HIT.c.id.in_(select(HIT_RESTRICTION.c.hit))),
        )
    )
    return bool(connection.execute(there).first()) and not connection.execute(standing).first()
