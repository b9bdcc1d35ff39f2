"""Organisations by name: spellings that are alike are one organisation.

A database of before may hold two whose names are alike. They stay two, each by its exact
spelling; any other spelling is that of the older one.
"""

from sqlalchemy import Connection, insert, select

from plate_match.names import alike
from service.adapters.db.caller_tables import ORGANISATION
from service.names import CANARY

_EVERY = select(ORGANISATION.c.id, ORGANISATION.c.name).order_by(ORGANISATION.c.id)


class Spellings:
    """Every organisation at one moment, by any spelling."""

    def __init__(self, connection: Connection) -> None:
        self._exactly: dict[str, tuple[int, str]] = {}
        self._alike: dict[str, tuple[int, str]] = {}
        for id_, name in connection.execute(_EVERY):
            self._exactly[name] = (id_, name)
            self._alike.setdefault(alike(name), (id_, name))

    def of(self, name: str) -> tuple[int, str] | None:
        """Return the number and the name of an organisation, or None."""
        if name == CANARY:
            return self._exactly.get(name)
        return self._exactly.get(name) or self._alike.get(alike(name))


def known(connection: Connection, name: str) -> tuple[int, str] | None:
    """Return the number and the name on record of an organisation, or None."""
    exactly = select(ORGANISATION.c.id, ORGANISATION.c.name).where(ORGANISATION.c.name == name)
    found = connection.execute(exactly).one_or_none()
    return Spellings(connection).of(name) if found is None else (found.id, found.name)


def made_known(connection: Connection, name: str) -> int:
    """Return the number of an organisation; made if there is none, in the caller's transaction."""
    found = known(connection, name)
    if found is not None:
        return found[0]
    new = insert(ORGANISATION).values(name=name).returning(ORGANISATION.c.id)
    id_: int = connection.execute(new).scalar_one()
    return id_
