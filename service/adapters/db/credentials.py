"""Credentials in their table, and who holds a key: one lookup in memory, in force at once.

Whoever issues or revokes adds a byte to `credentials.version` after the commit. Its size only
grows, so one `stat` a call tells that the map is old. A command killed between commit and byte
is seen within a second: every change of who may call is counted in the database too.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, insert, select, update

from service import ids
from service.adapters.db import audit, register
from service.adapters.db.engine import reading, writing
from service.adapters.db.standings import Standings
from service.adapters.db.tables import CREDENTIAL, DEVICE, ORGANISATION, PERSON
from service.chain import seal
from service.errors import NotThere
from service.records import AuditEvent, Caller, IssuedCredential, Role

VERSION_FILE = "credentials.version"

ASK_SECONDS = 1.0

_ISSUED = (
    select(CREDENTIAL, ORGANISATION.c.name.label("firm"), PERSON.c.name.label("holder"))
    .join(ORGANISATION, ORGANISATION.c.id == CREDENTIAL.c.organisation)
    .outerjoin(PERSON, PERSON.c.id == CREDENTIAL.c.person)
    .order_by(CREDENTIAL.c.id)
)


class SqlCredentials:
    """`service.ports.Credentials` and `CredentialRegister` over the tables."""

    def __init__(
        self, engine: Engine, data: Path, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._version_file = data / VERSION_FILE
        self._clock = clock
        self._callers: dict[bytes, Caller] = {}
        self._version: tuple[int, int] | None = None
        self._changes: int | None = None
        self._ask_again_at = 0.0

    def identify(self, key: str) -> Caller | None:
        """Return who holds this key, or None if unknown or revoked.

        Raises:
            StorageUnavailable: whether the key is still in force cannot be read now.
        """
        self._refresh()
        return self._callers.get(sha256(key.encode()).digest())

    def add(self, credential: IssuedCredential, digest: bytes, event: AuditEvent) -> None:
        """Record a credential with the SHA-256 of its key, and make its names known."""
        with writing(self._engine) as connection:
            firm = named(connection, ORGANISATION, {"name": credential.organisation})
            holder = None
            if credential.person is not None:
                names = {"organisation": firm, "name": credential.person}
                holder = named(connection, PERSON, names)
            connection.execute(
                insert(CREDENTIAL).values(
                    id=ids.from_text(credential.id),
                    digest=digest,
                    role=credential.role.value,
                    organisation=firm,
                    person=holder,
                    issued_at=credential.issued_at,
                    device=_device(connection, firm, credential.device),
                    purpose=credential.purpose,
                    incident=credential.incident,
                )
            )
            register.changed(connection)
            audit.append(connection, [seal(event)])
        self.tell()

    def revoke(self, id_: str, event: AuditEvent) -> IssuedCredential | None:
        """Revoke at the time of the event, unless revoked before; None if there is no such id."""
        one = _ISSUED.where(CREDENTIAL.c.id == ids.from_text(id_))
        with writing(self._engine) as connection:
            found = connection.execute(one).one_or_none()
            if found is None or found.revoked_at is not None:
                return None if found is None else _issued(found)
            in_force = CREDENTIAL.c.id == found.id
            connection.execute(update(CREDENTIAL).where(in_force).values(revoked_at=event.at))
            register.changed(connection)
            audit.append(connection, [seal(event)])
            revoked = _issued(connection.execute(one).one())
        self.tell()
        return revoked

    def all(self) -> Sequence[IssuedCredential]:
        """Return every credential, revoked ones included, oldest first."""
        with reading(self._engine) as connection:
            return [_issued(row) for row in connection.execute(_ISSUED)]

    def _refresh(self) -> None:
        version = self._written_version()
        if version != self._version or self._changes is None:
            self._load()
            self._version = version
        elif self._clock() >= self._ask_again_at:
            self._ask()

    def _ask(self) -> None:
        with reading(self._engine) as connection:
            changes = register.changes(connection)
        if changes == self._changes:
            self._ask_again_at = self._clock() + ASK_SECONDS
        else:
            self._load()

    def _load(self) -> None:
        with reading(self._engine) as connection:
            changes = register.changes(connection)
            standings = Standings(connection)
            in_force = connection.execute(_ISSUED.where(CREDENTIAL.c.revoked_at.is_(None)))
            callers = {row.digest: _caller(row, standings) for row in in_force}
        self._callers, self._changes = callers, changes
        self._ask_again_at = self._clock() + ASK_SECONDS

    def _written_version(self) -> tuple[int, int] | None:
        try:
            status = self._version_file.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_size

    def tell(self) -> None:
        """Tell running servers; what was committed stays so, and is seen without it too."""
        with suppress(OSError), self._version_file.open("ab") as file:
            file.write(b".")


def named(connection: Connection, table: Table, names: dict[str, object]) -> int:
    """Return the id of the row that is told by these values; made if there is none."""
    known = select(table.c.id).where(*(table.c[column] == name for column, name in names.items()))
    id_: int | None = connection.execute(known).scalar_one_or_none()
    if id_ is None:
        id_ = connection.execute(insert(table).values(names).returning(table.c.id)).scalar_one()
    return id_


def _device(connection: Connection, firm: int, device: str | None) -> int | None:
    """Return the number of a device of a firm.

    Raises:
        NotThere: the firm has no such device.
    """
    if device is None:
        return None
    mine = select(DEVICE.c.id).where(
        DEVICE.c.id == ids.from_text(device), DEVICE.c.organisation == firm
    )
    found: int | None = connection.execute(mine).scalar_one_or_none()
    if found is None:
        raise NotThere("the organisation has no such device")
    return found


def _issued(row: Row[Any]) -> IssuedCredential:
    return IssuedCredential(
        ids.to_text(row.id),
        Role(row.role),
        row.firm,
        row.holder,
        row.issued_at,
        row.revoked_at,
        device=None if row.device is None else ids.to_text(row.device),
        purpose=row.purpose,
        incident=row.incident,
    )


def _caller(row: Row[Any], standings: Standings) -> Caller:
    issued = _issued(row)
    return Caller(
        issued.id,
        issued.role,
        issued.organisation,
        issued.person,
        issued.device,
        purpose=issued.purpose,
        incident=issued.incident,
        standing=standings.of(row.organisation, row.person, row.device),
    )
