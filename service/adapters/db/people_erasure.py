"""What is personal of people, passes, devices and keys that ended is erased, a batch at a time.

Rows stay, so that no id is given out again and whatever was refused stays so: who was dropped, a
device that was, a holder of tokens that was revoked.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    String,
    Table,
    and_,
    case,
    cast,
    exists,
    literal,
    null,
    or_,
    select,
    update,
)

from service.adapters.db import register
from service.adapters.db.caller_tables import CREDENTIAL, DEVICE, PASS, PERSON
from service.adapters.db.engine import reading, writing
from service.adapters.db.erasure import BATCH, recorded
from service.records import AuditEvent

NAME = case((PERSON.c.erased_at.is_(None), PERSON.c.name), else_=null())
"""What a person is called; None once that was erased."""

_NOBODY = literal(" ") + cast(PERSON.c.id, String)
"""Stands where the name was: unlike every other, and no name begins with a space."""

_NUMBERLESS = {"number": "", "ended_why": ""}

_OF_PERSON = PASS.c.person == PERSON.c.id


class SqlPeopleErasure:
    """`service.partner_ports.PeopleErasure` over the tables. Every call may block."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def passes(self, before: int, event: AuditEvent) -> int:
        """Erase the numbers of passes that were over, turned down or withdrawn by a moment."""
        over = or_(PASS.c.until < before, PASS.c.ended_at < before)
        return self._erase(PASS, and_(over, PASS.c.number != ""), _NUMBERLESS, event=event)

    def credentials(self, before: int, event: AuditEvent) -> int:
        """Erase who held keys that were over or revoked by a moment, and for which incident."""
        over = or_(CREDENTIAL.c.revoked_at < before, CREDENTIAL.c.expires_at < before)
        says = or_(CREDENTIAL.c.person.is_not(None), CREDENTIAL.c.incident.is_not(None))
        nobody = {"person": None, "incident": None}
        return self._erase(CREDENTIAL, and_(over, says), nobody, event=event)

    def devices(self, before: int, event: AuditEvent) -> int:
        """Erase what devices were called that were dropped by a moment, and why they were."""
        due = and_(DEVICE.c.dropped_at < before, DEVICE.c.name != "")
        return self._erase(DEVICE, due, {"name": "", "reason": ""}, event=event)

    def people(self, before: int, event: AuditEvent) -> int:
        """Erase the names of people who took part no longer by a moment, and all their passes.

        Those are the dropped, and whoever has neither a pass that lasts nor a key on record. A
        name stays while it waits to be approved again, and while a token may still bear it:
        without it whoever was dropped would come back as somebody new.
        """
        erased = {"name": _NOBODY, "reason": "", "erased_at": event.at}
        return self._erase(PERSON, _gone(before), erased, event=event)

    def _erase(
        self, table: Table, due: ColumnElement[bool], values: dict[str, Any], *, event: AuditEvent
    ) -> int:
        wanted = select(table.c.id).where(due).order_by(table.c.id).limit(BATCH)
        with reading(self._engine) as connection:
            found = connection.scalars(wanted).all()
        if not found:
            return 0
        with writing(self._engine) as connection:
            # Somebody may have been approved again meanwhile.
            some = connection.scalars(wanted.where(table.c.id.in_(found))).all()
            connection.execute(update(table).where(table.c.id.in_(some)).values(values))
            if table is PERSON:
                _erase_passes(connection, some)
            register.changed(connection)  # servers forget too, when they ask: nothing hurries
            return recorded(connection, len(some), event)


def _erase_passes(connection: Connection, people: Sequence[int]) -> None:
    connection.execute(update(PASS).where(PASS.c.person.in_(people)).values(_NUMBERLESS))


def _gone(before: int) -> ColumnElement[bool]:
    """Return the condition on people who took part no longer by a moment."""
    waits = and_(PASS.c.approved_at.is_(None), PASS.c.ended_at.is_(None))
    lasts = exists().where(
        _OF_PERSON,
        PASS.c.until >= before,
        or_(PASS.c.ended_at.is_(None), PASS.c.ended_at >= before),
    )
    waiting = exists().where(_OF_PERSON, waits, PASS.c.until >= before)
    # Credentials have no index by person: they are gone through once, not for each.
    with_key = select(CREDENTIAL.c.person).where(CREDENTIAL.c.person.is_not(None))
    by_token = with_key.where(CREDENTIAL.c.issuer.is_not(None), CREDENTIAL.c.revoked_at.is_(None))
    dropped = and_(PERSON.c.dropped_at < before, ~waiting, PERSON.c.id.not_in(by_token))
    unused = and_(PERSON.c.dropped_at.is_(None), ~lasts, PERSON.c.id.not_in(with_key))
    return and_(PERSON.c.erased_at.is_(None), or_(dropped, unused))
