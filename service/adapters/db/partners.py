"""Organisations, their people and their devices, in their tables.

Each change goes with its audit record, is counted in the register, and is told to the servers.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from service.adapters.db import audit, register
from service.adapters.db.caller_tables import DEVICE, ORGANISATION, PASS, PERSON, TERMS
from service.adapters.db.credential_rows import named
from service.adapters.db.engine import reading, writing
from service.adapters.db.standings import pass_of, terms_of
from service.chain import seal
from service.errors import AnotherWaits, NotThere
from service.partners import Device, Listed, Partner, PeopleQuery, Person
from service.records import AuditEvent
from service.standing import Pass, Terms

_PARTNERS = select(ORGANISATION, TERMS).outerjoin(TERMS, TERMS.c.organisation == ORGANISATION.c.id)
_PEOPLE = (
    select(PERSON, ORGANISATION.c.name.label("firm"), TERMS.c.document, TERMS.c.suspended_at)
    .join(ORGANISATION, ORGANISATION.c.id == PERSON.c.organisation)
    .outerjoin(TERMS, TERMS.c.organisation == PERSON.c.organisation)
)
_DEVICES = select(DEVICE, ORGANISATION.c.name.label("firm")).join(
    ORGANISATION, ORGANISATION.c.id == DEVICE.c.organisation
)
_OF_PERSON = PASS.alias("of_person")
_NEWEST = (
    select(func.max(_OF_PERSON.c.id)).where(_OF_PERSON.c.person == PERSON.c.id).correlate(PERSON)
)
_LAST_PASS = _NEWEST.scalar_subquery()
_COUNTING_PASS = _NEWEST.where(_OF_PERSON.c.approved_at.is_not(None)).scalar_subquery()


class SqlPartners:
    """`service.ports.Partners` over the tables. Every call may block."""

    def __init__(self, engine: Engine, tell: Callable[[], None]) -> None:
        self._engine = engine
        self._tell = tell

    def set_terms(self, name: str, terms: Terms, event: AuditEvent) -> Partner:
        """Put the terms of an organisation on record, which is made known if it is new."""
        document = orjson.dumps(terms)
        with self._changing(event) as connection:
            id_ = named(connection, ORGANISATION, {"name": name})
            row = {"organisation": id_, "document": document}
            connection.execute(
                upsert(TERMS).values(row).on_conflict_do_update(["organisation"], set_=row)
            )
            return _partner(_one(connection, _PARTNERS.where(ORGANISATION.c.id == id_)))

    def suspend(self, id_: int, reason: str, event: AuditEvent) -> Partner:
        """Suspend an organisation."""
        return self._set_suspension(id_, {"suspended_at": event.at, "suspension": reason}, event)

    def reinstate(self, id_: int, event: AuditEvent) -> Partner:
        """End the suspension of an organisation."""
        return self._set_suspension(id_, {"suspended_at": None, "suspension": ""}, event)

    def partner(self, id_: int) -> Partner | None:
        """Return an organisation, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(_PARTNERS.where(ORGANISATION.c.id == id_)).one_or_none()
        return None if row is None else _partner(row)

    def partners(self, which: Listed) -> Sequence[Partner]:
        """Return organisations, newest first."""
        found = _listed(_PARTNERS, ORGANISATION.c.id, which)
        with reading(self._engine) as connection:
            return [_partner(row) for row in connection.execute(found)]

    def propose(self, organisation: str, name: str, *, card: Pass, event: AuditEvent) -> Person:
        """Propose a person, or another pass of one, with its audit record.

        Raises:
            NotThere: there is no such organisation.
        """
        with self._changing(event) as connection:
            firm = _firm(connection, organisation)
            id_ = named(connection, PERSON, {"organisation": firm, "name": name})
            row = {"person": id_, "proposed_at": event.at, **_columns(card)}
            connection.execute(insert(PASS).values(row))
            return _person(connection, id_)

    def approve(self, id_: int, proposal: int, event: AuditEvent) -> Person:
        """Approve a pass of a person; they take part by it from now on.

        Raises:
            NotThere: there is no such person.
            AnotherWaits: it is not the one that was proposed last, or nothing waits.
        """
        with self._changing(event) as connection:
            if _person(connection, id_).proposal != proposal:
                raise AnotherWaits
            one = PASS.c.id == proposal
            connection.execute(update(PASS).where(one).values(approved_at=event.at))
            back = {"dropped_at": None, "reason": ""}
            connection.execute(update(PERSON).where(PERSON.c.id == id_).values(back))
            return _person(connection, id_)

    def drop_person(self, id_: int, reason: str, event: AuditEvent) -> Person:
        """Drop a person; what was proposed of them is gone too.

        Raises:
            NotThere: there is no such person.
        """
        with self._changing(event) as connection:
            found = _person(connection, id_)
            if found.dropped_at is None:
                _drop(connection, PERSON, id_, reason=reason, at=event.at)
            waiting = (PASS.c.person == id_, PASS.c.approved_at.is_(None))
            connection.execute(delete(PASS).where(*waiting))
            return _person(connection, id_)

    def person(self, id_: int) -> Person | None:
        """Return a person, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(_PEOPLE.where(PERSON.c.id == id_)).one_or_none()
            return None if row is None else _with_passes(connection, row)

    def people(self, query: PeopleQuery) -> Sequence[Person]:
        """Return people, newest first."""
        found = _PEOPLE.where(*_conditions(query)).order_by(PERSON.c.id.desc()).limit(query.limit)
        with reading(self._engine) as connection:
            return [_with_passes(connection, row) for row in connection.execute(found).all()]

    def add_device(self, organisation: str, name: str, event: AuditEvent) -> Device:
        """Put a device on record.

        Raises:
            NotThere: there is no such organisation.
        """
        with self._changing(event) as connection:
            firm = _firm(connection, organisation)
            row = {"organisation": firm, "name": name, "added_at": event.at}
            id_ = connection.execute(insert(DEVICE).values(row).returning(DEVICE.c.id)).scalar_one()
            return _device(_one(connection, _DEVICES.where(DEVICE.c.id == id_)))

    def drop_device(self, id_: int, reason: str, event: AuditEvent) -> Device:
        """Drop a device.

        Raises:
            NotThere: there is no such device.
        """
        with self._changing(event) as connection:
            if _one(connection, _DEVICES.where(DEVICE.c.id == id_)).dropped_at is None:
                _drop(connection, DEVICE, id_, reason=reason, at=event.at)
            return _device(_one(connection, _DEVICES.where(DEVICE.c.id == id_)))

    def device(self, id_: int) -> Device | None:
        """Return a device, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(_DEVICES.where(DEVICE.c.id == id_)).one_or_none()
        return None if row is None else _device(row)

    def devices(self, which: Listed) -> Sequence[Device]:
        """Return devices, newest first."""
        found = _listed(_DEVICES, DEVICE.c.id, which)
        with reading(self._engine) as connection:
            return [_device(row) for row in connection.execute(found)]

    def _set_suspension(self, id_: int, values: dict[str, object], event: AuditEvent) -> Partner:
        with self._changing(event) as connection:
            _one(connection, _PARTNERS.where(ORGANISATION.c.id == id_))
            row = {"organisation": id_, **values}
            connection.execute(
                upsert(TERMS).values(row).on_conflict_do_update(["organisation"], set_=row)
            )
            return _partner(_one(connection, _PARTNERS.where(ORGANISATION.c.id == id_)))

    @contextmanager
    def _changing(self, event: AuditEvent) -> Iterator[Connection]:
        """Write what is changed with its audit record, and tell the servers."""
        with writing(self._engine) as connection:
            yield connection
            register.changed(connection)
            audit.append(connection, [seal(event)])
        self._tell()


def _one(connection: Connection, which: Select[Any]) -> Row[Any]:
    row = connection.execute(which).one_or_none()
    if row is None:
        raise NotThere
    return row


def _firm(connection: Connection, name: str) -> int:
    row = _one(connection, select(ORGANISATION.c.id).where(ORGANISATION.c.name == name))
    found: int = row.id
    return found


def _drop(connection: Connection, table: Table, id_: int, *, reason: str, at: int) -> None:
    values = {"dropped_at": at, "reason": reason}
    connection.execute(update(table).where(table.c.id == id_).values(values))


def _listed(rows: Select[Any], id_: ColumnElement[int], which: Listed) -> Select[Any]:
    if which.organisation is not None:
        rows = rows.where(ORGANISATION.c.name == which.organisation)
    if which.before is not None:
        rows = rows.where(id_ < which.before)
    return rows.order_by(id_.desc()).limit(which.limit)


def _conditions(query: PeopleQuery) -> Iterator[ColumnElement[bool]]:
    if query.organisation is not None:
        yield ORGANISATION.c.name == query.organisation
    if query.name is not None:
        yield PERSON.c.name == query.name
    if query.before is not None:
        yield PERSON.c.id < query.before
    if query.pass_before is not None:
        ends = and_(PASS.c.id == _COUNTING_PASS, PASS.c.until < query.pass_before)
        yield exists().where(ends) & PERSON.c.dropped_at.is_(None)
    if query.waiting is not None:
        waits = exists().where(PASS.c.id == _LAST_PASS, PASS.c.approved_at.is_(None))
        yield waits if query.waiting else ~waits


def _columns(card: Pass) -> dict[str, object]:
    return {
        name: getattr(card, name) for name in ("number", "colour", "until", "role", "secrecy_at")
    }


def _partner(row: Row[Any]) -> Partner:
    return Partner(
        id=row.id,
        name=row.name,
        terms=terms_of(row.document),
        suspended_at=row.suspended_at,
        suspension=row.suspension or "",
    )


def _person(connection: Connection, id_: int) -> Person:
    return _with_passes(connection, _one(connection, _PEOPLE.where(PERSON.c.id == id_)))


def _with_passes(connection: Connection, row: Row[Any]) -> Person:
    every = select(PASS).where(PASS.c.person == row.id).order_by(PASS.c.id)
    passes = connection.execute(every).all()
    approved = next((one for one in reversed(passes) if one.approved_at is not None), None)
    last = passes[-1] if passes and passes[-1].approved_at is None else None
    return Person(
        id=row.id,
        organisation=row.firm,
        name=row.name,
        proposed=None if last is None else pass_of(last),
        proposal=None if last is None else last.id,
        proposed_at=None if last is None else last.proposed_at,
        approved=None if approved is None else pass_of(approved),
        approved_at=None if approved is None else approved.approved_at,
        dropped_at=row.dropped_at,
        reason=row.reason,
        terms=terms_of(row.document),
        suspended=row.suspended_at is not None,
    )


def _device(row: Row[Any]) -> Device:
    return Device(
        id=row.id,
        organisation=row.firm,
        name=row.name,
        added_at=row.added_at,
        dropped_at=row.dropped_at,
        reason=row.reason,
    )
