"""The history of sightings and hits, read in worker threads so that the loop never waits."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, Select, and_, exists, or_, select

from service import ids
from service.adapters.db.caller_tables import CREDENTIAL, ORGANISATION
from service.adapters.db.engine import reading
from service.adapters.db.organisations import known
from service.adapters.db.tables import (
    CLAIM,
    GUARD_STAND_DOWN,
    HIT,
    HIT_CATEGORY,
    HIT_CORRECTION,
    HIT_RESTRICTION,
    JUDGEMENT,
    SIGHTING,
    STAND_DOWN,
)
from service.queries import HitQuery
from service.records import Claim, Claimed, Correction, HitRecord, Role, SightingRecord
from service.stand_down import Ended, StandDown

SIGHTINGS = select(SIGHTING, ORGANISATION.c.name.label("firm")).join(
    ORGANISATION, ORGANISATION.c.id == SIGHTING.c.organisation
)
HITS = (
    select(
        HIT,
        ORGANISATION.c.name.label("firm"),
        STAND_DOWN.c.at.label("ended_at"),
        STAND_DOWN.c.reason.label("ended"),
        GUARD_STAND_DOWN.c.at.label("guards_ended_at"),
        GUARD_STAND_DOWN.c.reason.label("guards_ended"),
        HIT_CORRECTION.c.at.label("corrected_at"),
        HIT_CORRECTION.c.statement,
        HIT_RESTRICTION.c.at.label("restricted_at"),
    )
    .join(ORGANISATION, ORGANISATION.c.id == HIT.c.organisation)
    .outerjoin(STAND_DOWN, STAND_DOWN.c.hit == HIT.c.id)
    .outerjoin(GUARD_STAND_DOWN, GUARD_STAND_DOWN.c.hit == HIT.c.id)
    .outerjoin(HIT_CORRECTION, HIT_CORRECTION.c.hit == HIT.c.id)
    .outerjoin(HIT_RESTRICTION, HIT_RESTRICTION.c.hit == HIT.c.id)
)


class SqlHistory:
    """`service.ports.History` over the tables."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def sighting(self, id_: int) -> SightingRecord | None:
        """Return a sighting, or None if unknown or purged."""
        rows = await self._rows(SIGHTINGS.where(SIGHTING.c.id == id_))
        return sighting_of(rows[0]) if rows else None

    async def hit(self, id_: int) -> HitRecord | None:
        """Return a hit, or None if unknown."""
        rows = await self._rows(HITS.where(HIT.c.id == id_))
        return hit_of(rows[0]) if rows else None

    async def hits(self, query: HitQuery) -> Sequence[HitRecord]:
        """Return at most `query.limit` hits, newest first."""
        return await asyncio.to_thread(self._hits, query)

    def _hits(self, query: HitQuery) -> Sequence[HitRecord]:
        with reading(self._engine) as connection:
            if query.organisation is not None:
                firm = known(connection, query.organisation)
                query = query if firm is None else replace(query, organisation=firm[1])
            wanted = HITS.where(*_filters(query)).order_by(HIT.c.id.desc()).limit(query.limit)
            return [hit_of(row) for row in connection.execute(wanted)]

    async def hits_of(self, sighting: int) -> Sequence[HitRecord]:
        """Return all hits of a sighting, in the order they were made."""
        wanted = HITS.where(HIT.c.sighting == sighting).order_by(HIT.c.id)
        return [hit_of(row) for row in await self._rows(wanted)]

    async def role_of(self, credential: str) -> Role:
        """Return what a credential may be used for; those that were revoked are kept."""
        wanted = select(CREDENTIAL.c.role).where(CREDENTIAL.c.id == ids.from_text(credential))
        (row,) = await self._rows(wanted)
        return Role(row.role)

    async def claimed(self, claim: Claim, since: int) -> Claimed | None:
        """Return what the key of a claim stands for, if it was used at or after `since`.

        If it was used for another body, whatever the place, that is what is returned.
        """
        other = CLAIM.c.digest != claim.digest
        standing = select(CLAIM.c.sighting, CLAIM.c.digest).where(
            CLAIM.c.credential == ids.from_text(claim.credential),
            CLAIM.c.key == claim.key,
            CLAIM.c.claimed_at >= since,
            or_(other, CLAIM.c.place == claim.place),
        )
        rows = await self._rows(standing.order_by(other.desc()).limit(1))
        return Claimed(rows[0].sighting, rows[0].digest) if rows else None

    async def _rows(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        return await asyncio.to_thread(self._read, statement)

    def _read(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        with reading(self._engine) as connection:
            return connection.execute(statement).all()


def _filters(query: HitQuery) -> Iterator[ColumnElement[bool]]:
    """The filters that are given, as conditions on hits joined to their organisation."""
    for field, condition in _CONDITIONS.items():
        value = getattr(query, field)
        if value is not None:
            yield condition(value)


def _of_category(category: str) -> ColumnElement[bool]:
    of_category = select(HIT_CATEGORY.c.hit).where(HIT_CATEGORY.c.category == category)
    return HIT.c.id.in_(of_category)


def _judged(identity: str) -> ColumnElement[bool]:
    return exists().where(JUDGEMENT.c.hit == HIT.c.id, JUDGEMENT.c.identity == identity)


def _inside(area: tuple[float, float, float, float]) -> ColumnElement[bool]:
    south, west, north, east = area
    longitude = SIGHTING.c.longitude
    sides = (longitude >= west, longitude <= east)
    return exists().where(
        SIGHTING.c.id == HIT.c.sighting,
        SIGHTING.c.latitude.between(south, north),
        and_(*sides) if west <= east else or_(*sides),
    )


_CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "before": lambda before: HIT.c.id < before,
    "plate": lambda plate: HIT.c.plate == plate,
    "seen_from": lambda moment: HIT.c.seen_at >= moment,
    "seen_to": lambda moment: HIT.c.seen_at < moment,
    "category": _of_category,
    "disposition": lambda disposition: HIT.c.disposition == disposition,
    "min_confidence": lambda least: HIT.c.confidence >= least,
    "organisation": lambda name: ORGANISATION.c.name == name,
    "area": _inside,
    "judgement": _judged,
    "restricted": lambda wanted: HIT_RESTRICTION.c.hit.is_not(None) == wanted,
}
"""One for each field of `HitQuery` but the limit."""


def sighting_of(row: Row[Any]) -> SightingRecord:
    """Return the sighting of a row of `SIGHTINGS`."""
    return SightingRecord(
        id=row.id,
        organisation=row.firm,
        credential=ids.to_text(row.credential),
        received_at=row.received_at,
        seen_at=row.seen_at,
        source=row.source,
        purpose=row.purpose,
        list_version=row.list_version,
        model_version=row.model_version,
        request=row.request,
        answer=row.answer,
        categories=_words(row.categories),
        purposes=_words(row.purposes),
        latitude=row.latitude,
        longitude=row.longitude,
    )


def hit_of(row: Row[Any]) -> HitRecord:
    """Return the hit of a row of `HITS`."""
    return HitRecord(
        id=row.id,
        sighting=row.sighting,
        organisation=row.firm,
        received_at=row.received_at,
        seen_at=row.seen_at,
        rank=row.rank,
        plate=row.plate,
        categories=tuple(row.categories.split()),
        disposition=row.disposition,
        confidence=row.confidence,
        list_version=row.list_version,
        model_version=row.model_version,
        document=row.document,
        stood_down=_stand_down(row.id, row.ended_at, row.ended),
        guards_stood_down=_stand_down(row.id, row.guards_ended_at, row.guards_ended),
        correction=row.statement and Correction(row.corrected_at, row.statement),
        restricted_at=row.restricted_at,
    )


def _stand_down(hit: int, at: int | None, reason: str | None) -> StandDown | None:
    return None if at is None or reason is None else StandDown(hit, at, Ended(reason))


def _words(text: str | None) -> frozenset[str] | None:
    return None if text is None else frozenset(text.split())
