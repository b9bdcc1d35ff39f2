"""Rows of organisations, people and devices, as records."""

from typing import Any

from sqlalchemy import Connection, Row, Select, select

from service.adapters.db.caller_tables import DEVICE, ORGANISATION, PASS, PERSON, TERMS
from service.adapters.db.people_erasure import NAME
from service.adapters.db.standings import pass_of, terms_of
from service.errors import NotThere
from service.partners import Device, EndedHow, Partner, Person, ProposalEnd
from service.standing import Pass

PARTNERS = select(ORGANISATION, TERMS).outerjoin(TERMS, TERMS.c.organisation == ORGANISATION.c.id)
PEOPLE = (
    select(
        PERSON,
        NAME.label("called"),
        ORGANISATION.c.name.label("firm"),
        TERMS.c.document,
        TERMS.c.suspended_at,
    )
    .join(ORGANISATION, ORGANISATION.c.id == PERSON.c.organisation)
    .outerjoin(TERMS, TERMS.c.organisation == PERSON.c.organisation)
)
DEVICES = select(DEVICE, ORGANISATION.c.name.label("firm")).join(
    ORGANISATION, ORGANISATION.c.id == DEVICE.c.organisation
)


def one_of(connection: Connection, which: Select[Any]) -> Row[Any]:
    """Return the one row that is asked for.

    Raises:
        NotThere: there is none.
    """
    row = connection.execute(which).one_or_none()
    if row is None:
        raise NotThere
    return row


def pass_columns(card: Pass) -> dict[str, object]:
    """Return a pass as its columns."""
    return {
        name: getattr(card, name) for name in ("number", "colour", "until", "role", "secrecy_at")
    }


def partner_of(row: Row[Any]) -> Partner:
    """Return the record of a row of `PARTNERS`."""
    return Partner(
        id=row.id,
        name=row.name,
        terms=terms_of(row.document),
        suspended_at=row.suspended_at,
        suspension=row.suspension or "",
    )


def person_of(connection: Connection, id_: int) -> Person:
    """Return a person by number; raises as `one_of` does."""
    return with_passes(connection, one_of(connection, PEOPLE.where(PERSON.c.id == id_)))


def with_passes(connection: Connection, row: Row[Any]) -> Person:
    """Return the record of a row of `PEOPLE`, with what is on record of their passes."""
    every = select(PASS).where(PASS.c.person == row.id).order_by(PASS.c.id)
    passes = connection.execute(every).all()
    approved = next((one for one in reversed(passes) if one.approved_at is not None), None)
    last = passes[-1] if passes and passes[-1].approved_at is None else None
    waiting = last if last is not None and last.ended_at is None else None
    return Person(
        id=row.id,
        organisation=row.firm,
        name=row.called,
        proposed=None if waiting is None else pass_of(waiting),
        proposal=None if waiting is None else waiting.id,
        proposed_at=None if waiting is None else waiting.proposed_at,
        proposal_ended=None if last is None else _end_of(last),
        screened=bool(passes),
        approved=None if approved is None else pass_of(approved),
        approved_at=None if approved is None else approved.approved_at,
        dropped_at=row.dropped_at,
        reason=row.reason,
        terms=terms_of(row.document),
        suspended=row.suspended_at is not None,
    )


def _end_of(proposed: Row[Any]) -> ProposalEnd | None:
    if proposed.ended_at is None:
        return None
    return ProposalEnd(proposed.ended_at, EndedHow(proposed.ended_how), proposed.ended_why)


def device_of(row: Row[Any]) -> Device:
    """Return the record of a row of `DEVICES`."""
    return Device(
        id=row.id,
        organisation=row.firm,
        name=row.name,
        added_at=row.added_at,
        dropped_at=row.dropped_at,
        reason=row.reason,
    )
