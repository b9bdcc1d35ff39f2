"""What is recorded of a plate in the tables: looked up, corrected, restricted, erased."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Select,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from service import ids
from service.adapters.db import audit
from service.adapters.db.caller_tables import ORGANISATION
from service.adapters.db.engine import reading, sound, writing
from service.adapters.db.erasure import NOTHING_SAID, erase_hits, recorded
from service.adapters.db.history import HITS, hit_of
from service.adapters.db.tables import (
    ALERT,
    ENTRY,
    HIT,
    HIT_CORRECTION,
    HIT_RESTRICTION,
    JUDGEMENT,
    SIGHTING,
)
from service.chain import seal
from service.records import AuditEvent
from service.subject import Cut, HitOf, Judged


class SqlSubjects:
    """`service.subject.Subjects` over the tables. Every call may block."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def hits(self, plate: str) -> Sequence[HitOf]:
        """Return all hits on a plate, oldest first, restricted ones included."""
        wanted = HITS.where(HIT.c.plate == plate).order_by(HIT.c.id)
        with reading(self._engine) as connection, sound("a hit on the plate"):
            found = [hit_of(row) for row in connection.execute(wanted)]
            return [
                HitOf(
                    hit,
                    ids.to_text(_credential(connection, hit.sighting)),
                    _alerted_at(connection, hit.id),
                    _judged(connection, hit.id),
                )
                for hit in found
            ]

    def correct(self, plate: str, statement: str, event: AuditEvent) -> int:
        """Put a statement beside all hits on a plate, in place of one before."""
        on_plate = select(HIT.c.id).where(HIT.c.plate == plate)
        stated = select(
            HIT.c.id, literal(event.at, BigInteger), literal(statement).label("statement")
        ).where(HIT.c.plate == plate)
        with writing(self._engine) as connection:
            connection.execute(delete(HIT_CORRECTION).where(HIT_CORRECTION.c.hit.in_(on_plate)))
            put = insert(HIT_CORRECTION).from_select(("hit", "at", "statement"), stated)
            return _on_record(connection, connection.execute(put).rowcount, event)

    def restrict(self, plate: str, event: AuditEvent) -> int:
        """Keep all hits on a plate as proof only; return how many were not before."""
        before = select(HIT_RESTRICTION.c.hit)
        open_ones = select(HIT.c.id, literal(event.at, BigInteger)).where(
            HIT.c.plate == plate, HIT.c.id.not_in(before)
        )
        with writing(self._engine) as connection:
            put = insert(HIT_RESTRICTION).from_select(("hit", "at"), open_ones)
            return _on_record(connection, connection.execute(put).rowcount, event)

    def lift(self, plate: str, event: AuditEvent) -> int:
        """End the restriction of all hits on a plate."""
        on_plate = select(HIT.c.id).where(HIT.c.plate == plate)
        ended = delete(HIT_RESTRICTION).where(HIT_RESTRICTION.c.hit.in_(on_plate))
        with writing(self._engine) as connection:
            return _on_record(connection, connection.execute(ended).rowcount, event)

    def shared(self, plate: str) -> Mapping[int, bool]:
        """Return the sightings with hits on a plate, and whether each has hits on others too."""
        on_plate = select(HIT.c.sighting).where(HIT.c.plate == plate).distinct()
        with reading(self._engine) as connection:
            some = connection.execute(on_plate).scalars().all()
            others = set(connection.execute(_with_others(plate, on_plate)).scalars())
        return {sighting: sighting in others for sighting in some}

    def erase_sightings(self, plate: str, some: Collection[int], event: AuditEvent) -> int:
        """Erase sightings with their hits, but for those with hits on others."""
        with writing(self._engine) as connection:
            others = set(connection.execute(_with_others(plate, some)).scalars())
            alone = [one for one in some if one not in others]
            erase_hits(connection, HIT.c.sighting.in_(alone))
            connection.execute(delete(SIGHTING).where(SIGHTING.c.id.in_(alone)))
            return recorded(connection, len(alone), event)

    def cut(self, plate: str, some: Sequence[Cut], event: AuditEvent) -> int:
        """Erase the hits on a plate out of sightings that stay."""
        which = [one.sighting for one in some]
        with writing(self._engine) as connection:
            erase_hits(connection, HIT.c.sighting.in_(which) & (HIT.c.plate == plate))
            for one in some:
                this = SIGHTING.c.id == one.sighting
                connection.execute(update(SIGHTING).where(this).values(answer=one.answer))
            return recorded(connection, len(some), event)

    def erase_entries(self, plate: str, event: AuditEvent) -> int:
        """Erase what is said by entries on a plate that were put in by themselves and are over."""
        over = func.coalesce(ENTRY.c.withdrawn_at, ENTRY.c.valid_until) <= event.at
        with writing(self._engine) as connection:
            emptied = update(ENTRY).where(ENTRY.c.plate == plate, over).values(NOTHING_SAID)
            return recorded(connection, connection.execute(emptied).rowcount, event)


def _on_record(connection: Connection, count: int, event: AuditEvent) -> int:
    """Record an act on so many hits, also on none: it was done all the same."""
    header = {**event.header, "hits": count}
    said = AuditEvent(event.at, event.action, header, event.payload)
    audit.append(connection, [seal(said)])
    return count


def _with_others(plate: str, some: Select[Any] | Collection[int]) -> Select[Any]:
    """Select those of some sightings that have hits on other plates."""
    return select(HIT.c.sighting).where(HIT.c.sighting.in_(some), HIT.c.plate != plate)


def _credential(connection: Connection, sighting: int) -> int:
    of = select(SIGHTING.c.credential).where(SIGHTING.c.id == sighting)
    found: int = connection.execute(of).scalar_one()
    return found


def _alerted_at(connection: Connection, hit: int) -> int | None:
    first = select(ALERT.c.created_at).where(ALERT.c.hit == hit).order_by(ALERT.c.number).limit(1)
    found: int | None = connection.execute(first).scalar_one_or_none()
    return found


def _judged(connection: Connection, hit: int) -> Sequence[Judged]:
    rows = connection.execute(
        select(JUDGEMENT, ORGANISATION.c.name.label("firm"))
        .join(ORGANISATION, ORGANISATION.c.id == JUDGEMENT.c.organisation)
        .where(JUDGEMENT.c.hit == hit)
        .order_by(JUDGEMENT.c.id)
    )
    return [Judged(row.judged_at, row.firm, row.identity, row.outcome) for row in rows]
