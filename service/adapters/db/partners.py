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
    Select,
    Table,
    and_,
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
from service.adapters.db.organisations import Spellings, known, made_known
from service.adapters.db.partner_rows import (
    DEVICES,
    PARTNERS,
    PEOPLE,
    device_of,
    one_of,
    partner_of,
    pass_columns,
    person_of,
    with_passes,
)
from service.chain import seal
from service.errors import AnotherWaits
from service.partners import (
    Device,
    EndedHow,
    Listed,
    Partner,
    PeopleQuery,
    Person,
    ProposalEnd,
)
from service.records import AuditEvent
from service.standing import Pass, Terms

_OF_PERSON = PASS.alias("of_person")
_NEWEST = (
    select(func.max(_OF_PERSON.c.id)).where(_OF_PERSON.c.person == PERSON.c.id).correlate(PERSON)
)
_LAST_PASS = _NEWEST.scalar_subquery()
_WAITS = and_(PASS.c.approved_at.is_(None), PASS.c.ended_at.is_(None))
_COUNTING_PASS = _NEWEST.where(_OF_PERSON.c.approved_at.is_not(None)).scalar_subquery()


class SqlPartners:
    """`service.ports.Partners` over the tables. Every call may block."""

    def __init__(self, engine: Engine, tell: Callable[[], None]) -> None:
        self._engine = engine
        self._tell = tell

    def spelling(self, organisation: str) -> str:
        """Return how an organisation is spelled on record; what is not there, as it is given."""
        with reading(self._engine) as connection:
            return (known(connection, organisation) or (0, organisation))[1]

    def are_known(self, organisations: Sequence[str]) -> Sequence[bool]:
        """Return of each name, however it is spelled, whether it is that of an organisation."""
        with reading(self._engine) as connection:
            spellings = Spellings(connection)
        return [spellings.of(one) is not None for one in organisations]

    def set_terms(self, name: str, terms: Terms, event: AuditEvent) -> Partner:
        """Put the terms of an organisation on record, which is made known if it is new."""
        document = orjson.dumps(terms)
        with self._changing(event) as connection:
            id_ = made_known(connection, name)
            row = {"organisation": id_, "document": document}
            connection.execute(
                upsert(TERMS).values(row).on_conflict_do_update(["organisation"], set_=row)
            )
            return partner_of(one_of(connection, PARTNERS.where(ORGANISATION.c.id == id_)))

    def suspend(self, id_: int, reason: str, event: AuditEvent) -> Partner:
        """Suspend an organisation."""
        return self._set_suspension(id_, {"suspended_at": event.at, "suspension": reason}, event)

    def reinstate(self, id_: int, event: AuditEvent) -> Partner:
        """End the suspension of an organisation."""
        return self._set_suspension(id_, {"suspended_at": None, "suspension": ""}, event)

    def partner(self, id_: int) -> Partner | None:
        """Return an organisation, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(PARTNERS.where(ORGANISATION.c.id == id_)).one_or_none()
        return None if row is None else partner_of(row)

    def partners(self, which: Listed) -> Sequence[Partner]:
        """Return organisations, newest first."""
        found = _listed(PARTNERS, ORGANISATION.c.id, which)
        with reading(self._engine) as connection:
            return [partner_of(row) for row in connection.execute(found)]

    def propose(self, organisation: str, name: str, *, card: Pass, event: AuditEvent) -> Person:
        """Propose a person, or another pass of one, with its audit record.

        Raises:
            NotThere: there is no such organisation.
        """
        with self._changing(event) as connection:
            firm = _firm(connection, organisation)
            id_ = named(connection, PERSON, {"organisation": firm, "name": name})
            row = {"person": id_, "proposed_at": event.at, **pass_columns(card)}
            connection.execute(insert(PASS).values(row))
            return person_of(connection, id_)

    def approve(self, id_: int, proposal: int, event: AuditEvent) -> Person:
        """Approve a pass of a person; they take part by it from now on.

        Raises:
            NotThere: there is no such person.
            AnotherWaits: it is not the one that was proposed last, or nothing waits.
        """
        with self._changing(event) as connection:
            _refuse_another(connection, id_, proposal)
            one = PASS.c.id == proposal
            connection.execute(update(PASS).where(one).values(approved_at=event.at))
            back = {"dropped_at": None, "reason": ""}
            connection.execute(update(PERSON).where(PERSON.c.id == id_).values(back))
            return person_of(connection, id_)

    def end_proposal(
        self, id_: int, proposal: int, *, end: ProposalEnd, event: AuditEvent
    ) -> Person:
        """End a pass of a person that waits; what counts of them stays as it is.

        Raises:
            NotThere: there is no such person.
            AnotherWaits: it is not the one that was proposed last, or nothing waits.
        """
        with self._changing(event) as connection:
            _refuse_another(connection, id_, proposal)
            _end(connection, PASS.c.id == proposal, end=end)
            return person_of(connection, id_)

    def drop_person(self, id_: int, reason: str, event: AuditEvent) -> Person:
        """Drop a person; what was proposed of them has ended too.

        Raises:
            NotThere: there is no such person.
        """
        with self._changing(event) as connection:
            found = person_of(connection, id_)
            if found.dropped_at is None:
                _drop(connection, PERSON, id_, reason=reason, at=event.at)
            end = ProposalEnd(event.at, EndedHow.DROPPED, reason)
            _end(connection, PASS.c.person == id_, _WAITS, end=end)
            return person_of(connection, id_)

    def person(self, id_: int) -> Person | None:
        """Return a person, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(PEOPLE.where(PERSON.c.id == id_)).one_or_none()
            return None if row is None else with_passes(connection, row)

    def people(self, query: PeopleQuery) -> Sequence[Person]:
        """Return people, newest first."""
        found = PEOPLE.where(*_conditions(query)).order_by(PERSON.c.id.desc()).limit(query.limit)
        with reading(self._engine) as connection:
            return [with_passes(connection, row) for row in connection.execute(found).all()]

    def add_device(self, organisation: str, name: str, event: AuditEvent) -> Device:
        """Put a device on record.

        Raises:
            NotThere: there is no such organisation.
        """
        with self._changing(event) as connection:
            firm = _firm(connection, organisation)
            row = {"organisation": firm, "name": name, "added_at": event.at}
            id_ = connection.execute(insert(DEVICE).values(row).returning(DEVICE.c.id)).scalar_one()
            return device_of(one_of(connection, DEVICES.where(DEVICE.c.id == id_)))

    def drop_device(self, id_: int, reason: str, event: AuditEvent) -> Device:
        """Drop a device.

        Raises:
            NotThere: there is no such device.
        """
        with self._changing(event) as connection:
            if one_of(connection, DEVICES.where(DEVICE.c.id == id_)).dropped_at is None:
                _drop(connection, DEVICE, id_, reason=reason, at=event.at)
            return device_of(one_of(connection, DEVICES.where(DEVICE.c.id == id_)))

    def device(self, id_: int) -> Device | None:
        """Return a device, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(DEVICES.where(DEVICE.c.id == id_)).one_or_none()
        return None if row is None else device_of(row)

    def devices(self, which: Listed) -> Sequence[Device]:
        """Return devices, newest first."""
        found = _listed(DEVICES, DEVICE.c.id, which)
        with reading(self._engine) as connection:
            return [device_of(row) for row in connection.execute(found)]

    def _set_suspension(self, id_: int, values: dict[str, object], event: AuditEvent) -> Partner:
        with self._changing(event) as connection:
            one_of(connection, PARTNERS.where(ORGANISATION.c.id == id_))
            row = {"organisation": id_, **values}
            connection.execute(
                upsert(TERMS).values(row).on_conflict_do_update(["organisation"], set_=row)
            )
            return partner_of(one_of(connection, PARTNERS.where(ORGANISATION.c.id == id_)))

    @contextmanager
    def _changing(self, event: AuditEvent) -> Iterator[Connection]:
        """Write what is changed with its audit record, and tell the servers."""
        with writing(self._engine) as connection:
            yield connection
            register.changed(connection)
            audit.append(connection, [seal(event)])
        self._tell()


def _firm(connection: Connection, name: str) -> int:
    row = one_of(connection, select(ORGANISATION.c.id).where(ORGANISATION.c.name == name))
    found: int = row.id
    return found


def _drop(connection: Connection, table: Table, id_: int, *, reason: str, at: int) -> None:
    values = {"dropped_at": at, "reason": reason}
    connection.execute(update(table).where(table.c.id == id_).values(values))


def _refuse_another(connection: Connection, id_: int, proposal: int) -> None:
    if person_of(connection, id_).proposal != proposal:
        raise AnotherWaits


def _end(connection: Connection, *which: ColumnElement[bool], end: ProposalEnd) -> None:
    values = {"ended_at": end.at, "ended_how": end.how.value, "ended_why": end.reason}
    connection.execute(update(PASS).where(*which).values(values))


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
        yield exists().where(ends) & PERSON.c.dropped_at.is_(None) & PERSON.c.erased_at.is_(None)
    if query.waiting is not None:
        waits = exists().where(PASS.c.id == _LAST_PASS, _WAITS)
        yield waits if query.waiting else ~waits
