"""Rows of credentials, as records and as what is held of them in memory."""

from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Table, insert, select

from service import clock, ids
from service.adapters.db.caller_tables import CREDENTIAL, DEVICE, ORGANISATION, PERSON
from service.adapters.db.organisations import made_known
from service.adapters.db.people_erasure import NAME
from service.adapters.db.standings import Standings
from service.errors import NotThere
from service.records import Caller, IssuedCredential, Role

ISSUED = (
    select(CREDENTIAL, ORGANISATION.c.name.label("firm"), NAME.label("holder"))
    .join(ORGANISATION, ORGANISATION.c.id == CREDENTIAL.c.organisation)
    .outerjoin(PERSON, PERSON.c.id == CREDENTIAL.c.person)
    .order_by(CREDENTIAL.c.id)
)
"""Every credential with its names, oldest first."""


class Held(NamedTuple):
    """Who holds a credential, by a key or by tokens, and whether it still counts.

    `of` are the numbers of the organisation, the person and the device.
    """

    caller: Caller
    of: tuple[int, int | None, int | None]
    by_tokens: bool
    revoked: bool
    expires_at: int | None

    def standing_so(self, standings: Standings, *, revoked: bool, expires_at: int | None) -> "Held":
        """Return the same holder with all that can change."""
        standing = standings.of(*self.of)
        caller = replace(
            self.caller,
            person=None if standings.is_erased(self.of[1]) else self.caller.person,
            standing=standing,
            categories=standing.categories,
            purposes=standing.purposes,
        )
        return self._replace(caller=caller, revoked=revoked, expires_at=expires_at)


def insert_credential(connection: Connection, credential: IssuedCredential, digest: bytes) -> None:
    """Insert a credential, and make its names known.

    Raises:
        NotThere: the organisation has no such device.
    """
    firm = made_known(connection, credential.organisation)
    holder = None
    if credential.person is not None:
        holder = named(connection, PERSON, {"organisation": firm, "name": credential.person})
    connection.execute(
        insert(CREDENTIAL).values(
            id=ids.from_text(credential.id),
            digest=digest,
            role=credential.role.value,
            organisation=firm,
            person=holder,
            issued_at=credential.issued_at,
            expires_at=credential.expires_at,
            issuer=credential.issuer,
            device=_device(connection, firm, credential.device),
            purpose=credential.purpose,
            incident=credential.incident,
        )
    )


def named(connection: Connection, table: Table, names: dict[str, object]) -> int:
    """Return the number of the row that is told by these values; made if there is none."""
    known = select(table.c.id).where(*(table.c[column] == name for column, name in names.items()))
    id_: int | None = connection.execute(known).scalar_one_or_none()
    if id_ is None:
        id_ = connection.execute(insert(table).values(names).returning(table.c.id)).scalar_one()
    return id_


def _device(connection: Connection, firm: int, device: str | None) -> int | None:
    if device is None:
        return None
    mine = select(DEVICE.c.id).where(
        DEVICE.c.id == ids.from_text(device),
        DEVICE.c.organisation == firm,
        DEVICE.c.dropped_at.is_(None),
    )
    found: int | None = connection.execute(mine).scalar_one_or_none()
    if found is None:
        raise NotThere("the organisation has no such device")
    return found


def issued_of(row: Row[Any]) -> IssuedCredential:
    """Return the record of a row of `ISSUED`.

    Raises:
        TypeError, ValueError: it holds something else than it can have been given.
    """
    texts = (row.firm, row.holder, row.issuer, row.purpose, row.incident)
    times = (row.issued_at, row.revoked_at, row.expires_at)
    if not all(isinstance(one, str | None) for one in texts):
        raise TypeError("a name is no text")
    for at in times:
        clock.to_text(0 if at is None else at)  # raises what it does where there is no such time
    return IssuedCredential(
        ids.to_text(row.id),
        Role(row.role),
        row.firm,
        row.holder,
        row.issued_at,
        revoked_at=row.revoked_at,
        expires_at=row.expires_at,
        issuer=row.issuer,
        device=None if row.device is None else ids.to_text(row.device),
        purpose=row.purpose,
        incident=row.incident,
    )


def held_of(row: Row[Any]) -> Held:
    """Return what is held of a row of `ISSUED`."""
    issued = issued_of(row)
    caller = Caller(
        issued.id,
        issued.role,
        issued.organisation,
        issued.person,
        issued.device,
        purpose=issued.purpose,
        incident=issued.incident,
    )
    of = (row.organisation, row.person, row.device)
    by_tokens, revoked = row.issuer is not None, row.revoked_at is not None
    return Held(caller, of, by_tokens, revoked, row.expires_at)
