"""Rows of credentials, as records and as what is held of them in memory."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Table, func, insert, select

from service import ids
from service.adapters.db.tables import CREDENTIAL, ORGANISATION, PERSON
from service.records import Caller, IssuedCredential, Role

ISSUED = (
    select(CREDENTIAL, ORGANISATION.c.name.label("firm"), PERSON.c.name.label("holder"))
    .join(ORGANISATION, ORGANISATION.c.id == CREDENTIAL.c.organisation)
    .outerjoin(PERSON, PERSON.c.id == CREDENTIAL.c.person)
    .order_by(CREDENTIAL.c.id)
)
"""Every credential with its names, oldest first."""

_COUNTS = select(func.count(), func.count(CREDENTIAL.c.revoked_at)).select_from(CREDENTIAL)


class Held(NamedTuple):
    """Who holds a credential, by a key or by tokens, and whether it still counts."""

    caller: Caller
    by_tokens: bool
    revoked: bool
    expires_at: int | None


def insert_credential(connection: Connection, credential: IssuedCredential, digest: bytes) -> None:
    """Insert a credential, and make its names known."""
    firm = _named(connection, ORGANISATION, {"name": credential.organisation})
    holder = None
    if credential.person is not None:
        holder = _named(connection, PERSON, {"organisation": firm, "name": credential.person})
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
        )
    )


def _named(connection: Connection, table: Table, names: dict[str, object]) -> int:
    known = select(table.c.id).where(*(table.c[column] == name for column, name in names.items()))
    id_: int | None = connection.execute(known).scalar_one_or_none()
    if id_ is None:
        id_ = connection.execute(insert(table).values(names).returning(table.c.id)).scalar_one()
    return id_


def counted(connection: Connection) -> tuple[int, int]:
    """Return how many credentials there are, and how many of them are revoked."""
    issued, revoked = connection.execute(_COUNTS).one()
    return issued, revoked


def issued_of(row: Row[Any]) -> IssuedCredential:
    """Return the record of a row of `ISSUED`."""
    return IssuedCredential(
        ids.to_text(row.id),
        Role(row.role),
        row.firm,
        row.holder,
        row.issued_at,
        revoked_at=row.revoked_at,
        expires_at=row.expires_at,
        issuer=row.issuer,
    )


def held_of(row: Row[Any]) -> Held:
    """Return what is held of a row of `ISSUED`."""
    caller = Caller(ids.to_text(row.id), Role(row.role), row.firm, row.holder)
    return Held(caller, row.issuer is not None, row.revoked_at is not None, row.expires_at)
