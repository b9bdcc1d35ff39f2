"""The standing of every firm, person and device, read at once when anything of it changed."""

from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from service.adapters.db.caller_tables import DEVICE, PASS, PERSON, TERMS
from service.standing import Pass, Standing, Terms

_TUPLES = ("categories", "purposes", "colours", "roles")


class Standings:
    """What is on record of all of them at one moment."""

    def __init__(self, connection: Connection) -> None:
        self._firms = {
            row.organisation: (terms_of(row.document), row.suspended_at is not None)
            for row in connection.execute(select(TERMS))
        }
        passes = connection.execute(select(PASS).order_by(PASS.c.id)).all()
        self._screened = {row.person for row in passes}
        self._passes = {row.person: pass_of(row) for row in passes if row.approved_at is not None}
        self._dropped_people = set(
            connection.scalars(select(PERSON.c.id).where(PERSON.c.dropped_at.is_not(None)))
        )
        self._erased = set(
            connection.scalars(select(PERSON.c.id).where(PERSON.c.erased_at.is_not(None)))
        )
        self._dropped_devices = set(
            connection.scalars(select(DEVICE.c.id).where(DEVICE.c.dropped_at.is_not(None)))
        )

    def is_erased(self, person: int | None) -> bool:
        """Whether what a person was called has been erased."""
        return person in self._erased

    def of(self, organisation: int, person: int | None, device: int | None) -> Standing:
        """Return the standing of whoever is of these."""
        terms, suspended = self._firms.get(organisation, (None, False))
        return Standing(
            terms=terms,
            suspended=suspended,
            screened=person in self._screened,
            card=None if person is None else self._passes.get(person),
            dropped=person in self._dropped_people,
            device_dropped=device in self._dropped_devices,
            without_device=device is None and terms is not None and terms.device_required,
        )


def terms_of(document: bytes | None) -> Terms | None:
    """Return terms as they were kept."""
    if document is None:
        return None
    kept = orjson.loads(document)
    several = {name: kept[name] and tuple(kept[name]) for name in _TUPLES}
    return Terms(**{**kept, **several})


def pass_of(row: Row[Any]) -> Pass:
    """Return a pass as it was proposed."""
    return Pass(
        number=row.number,
        colour=row.colour,
        until=row.until,
        role=row.role,
        secrecy_at=row.secrecy_at,
    )
