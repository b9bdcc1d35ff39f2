"""Credentials in their table, and who holds a key: one lookup in memory, in force at once.

Whoever issues or revokes adds a byte to `credentials.version` after the commit. Its size only
grows, so one `stat` a call tells that the map is old. A command killed between commit and byte
is seen within a second: credentials are only ever added and revoked, and get an end only with one
that is added, so two counts tell. That an end has come needs no telling: each call looks.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, Table, func, insert, select, update

from service import clock, ids
from service.adapters.db import audit
from service.adapters.db.engine import reading, writing
from service.adapters.db.tables import CREDENTIAL, ORGANISATION, PERSON
from service.chain import seal
from service.errors import KeyExpired, KeyRevoked, NotThere, UnknownCaller
from service.records import AuditEvent, Caller, IssuedCredential, Role

VERSION_FILE = "credentials.version"

RECOUNT_SECONDS = 1.0

_ISSUED = (
    select(CREDENTIAL, ORGANISATION.c.name.label("firm"), PERSON.c.name.label("holder"))
    .join(ORGANISATION, ORGANISATION.c.id == CREDENTIAL.c.organisation)
    .outerjoin(PERSON, PERSON.c.id == CREDENTIAL.c.person)
    .order_by(CREDENTIAL.c.id)
)
_DIGEST = CREDENTIAL.c.digest
_STATES = select(_DIGEST, CREDENTIAL.c.revoked_at, CREDENTIAL.c.expires_at)
"""All of a credential that can change."""

_MOST_AT_ONCE = 500
"""Credentials that are asked for by name; of more all are read."""

_COUNTS = select(func.count(), func.count(CREDENTIAL.c.revoked_at)).select_from(CREDENTIAL)


class _Holder(NamedTuple):
    """Who holds a credential, by a key or by tokens, and whether it still counts."""

    caller: Caller
    by_tokens: bool
    revoked: bool
    expires_at: int | None


class SqlCredentials:
    """`service.ports.Credentials`, `CredentialRegister` and `TokenHolders` over the tables."""

    def __init__(
        self,
        engine: Engine,
        data: Path,
        clock: Callable[[], float] = time.monotonic,
        *,
        now: Callable[[], int] = clock.now,
    ) -> None:
        self._engine = engine
        self._version_file = data / VERSION_FILE
        self._clock = clock
        self._now = now
        self._holders: dict[bytes, _Holder] = {}
        self._version: tuple[int, int] | None = None
        self._counts: tuple[int, int] | None = None
        self._count_again_at = 0.0

    def identify(self, key: str) -> Caller | None:
        """Return who holds this key, or None if unknown, revoked or past its end.

        Keys are 256 random bits and are found by their digest: what the time of a look-up could
        tell is of a digest, and that leads to no key.

        Raises:
            StorageUnavailable: whether the key is still in force cannot be read now.
        """
        holder = self._holder(_digest(key), by_tokens=False)
        return None if holder is None or self._fault(holder) is not None else holder.caller

    def refusal(self, key: str) -> UnknownCaller:
        """Return why this key counts for nobody; raises as `identify` does."""
        holder = self._holder(_digest(key), by_tokens=False)
        return (holder and self._fault(holder)) or UnknownCaller()

    def holder(self, digest: bytes) -> Caller | None:
        """Return who is known by the digest of a token's holder, or None.

        Raises:
            KeyRevoked: that was revoked.
            KeyExpired: that is past its end.
            StorageUnavailable: whether it is still in force cannot be read now.
        """
        holder = self._holder(digest, by_tokens=True)
        if holder is None:
            return None
        fault = self._fault(holder)
        if fault is not None:
            raise fault
        return holder.caller

    def add(self, credential: IssuedCredential, digest: bytes, event: AuditEvent) -> None:
        """Record a credential with the SHA-256 of its key, and make its names known."""
        with writing(self._engine) as connection:
            _insert(connection, credential, digest)
            audit.append(connection, [seal(event)])
        self._tell()

    def replace(
        self, old: IssuedCredential, new: IssuedCredential, *, digest: bytes, event: AuditEvent
    ) -> None:
        """Record a credential with the digest of its key, and the end of the one it replaces.

        Raises:
            NotThere: the old one has been revoked meanwhile.
        """
        in_force = CREDENTIAL.c.revoked_at.is_(None), CREDENTIAL.c.id == ids.from_text(old.id)
        with writing(self._engine) as connection:
            end = update(CREDENTIAL).where(*in_force).values(expires_at=old.expires_at)
            if not connection.execute(end).rowcount:
                raise NotThere
            _insert(connection, new, digest)
            audit.append(connection, [seal(event)])
        self._tell()

    def make_known(
        self, credential: IssuedCredential, digest: bytes, event: AuditEvent
    ) -> IssuedCredential:
        """Record the holder of a token, unless it is there; return what is there.

        Raises:
            UnknownCaller: its organisation is not known; nothing was recorded.
        """
        one = _ISSUED.where(CREDENTIAL.c.digest == digest)
        firm = select(ORGANISATION.c.id).where(ORGANISATION.c.name == credential.organisation)
        with reading(self._engine) as connection:
            if connection.execute(firm).one_or_none() is None:
                raise UnknownCaller
        with writing(self._engine) as connection:
            found = connection.execute(one).one_or_none()
            if found is not None:  # another request, or another worker, was first
                return _issued(found)
            _insert(connection, credential, digest)
            audit.append(connection, [seal(event)])
        self._tell()
        return credential

    def revoke(self, id_: str, event: AuditEvent) -> IssuedCredential | None:
        """Revoke at the time of the event, unless revoked before; None if there is no such id."""
        one = _ISSUED.where(CREDENTIAL.c.id == ids.from_text(id_))
        with writing(self._engine) as connection:
            found = connection.execute(one).one_or_none()
            if found is None or found.revoked_at is not None:
                return None if found is None else _issued(found)
            in_force = CREDENTIAL.c.id == found.id
            connection.execute(update(CREDENTIAL).where(in_force).values(revoked_at=event.at))
            audit.append(connection, [seal(event)])
            revoked = _issued(connection.execute(one).one())
        self._tell()
        return revoked

    def find(self, id_: str) -> IssuedCredential | None:
        """Return a credential, or None if there is no such id."""
        with reading(self._engine) as connection:
            one = _ISSUED.where(CREDENTIAL.c.id == ids.from_text(id_))
            found = connection.execute(one).one_or_none()
        return None if found is None else _issued(found)

    def all(self) -> Sequence[IssuedCredential]:
        """Return every credential, revoked ones included, oldest first."""
        with reading(self._engine) as connection:
            return [_issued(row) for row in connection.execute(_ISSUED)]

    def _holder(self, digest: bytes, *, by_tokens: bool) -> _Holder | None:
        """Return a holder of this kind: no key that is sent may stand for the holder of tokens."""
        self._refresh()
        holder = self._holders.get(digest)
        return holder if holder is not None and holder.by_tokens == by_tokens else None

    def _fault(self, holder: _Holder) -> UnknownCaller | None:
        if holder.revoked:
            return KeyRevoked()
        ended = holder.expires_at is not None and holder.expires_at <= self._now()
        return KeyExpired() if ended else None

    def _refresh(self) -> None:
        version = self._written_version()
        if version != self._version or self._counts is None:
            self._load()
            self._version = version
        elif self._clock() >= self._count_again_at:
            self._recount()

    def _recount(self) -> None:
        with reading(self._engine) as connection:
            counts = _counted(connection)
        if counts == self._counts:
            self._count_again_at = self._clock() + RECOUNT_SECONDS
        else:
            self._load()

    def _load(self) -> None:
        with reading(self._engine) as connection:
            counts = _counted(connection)
            states = {
                digest: (revoked_at is not None, expires_at)
                for digest, revoked_at, expires_at in connection.execute(_STATES)
            }
            new = [digest for digest in states if digest not in self._holders]
            wanted = _ISSUED if len(new) > _MOST_AT_ONCE else _ISSUED.where(_DIGEST.in_(new))
            known = {row.digest: _held(row) for row in connection.execute(wanted)}
        known = self._holders | known
        self._holders = {
            digest: known[digest]._replace(revoked=revoked, expires_at=expires_at)
            for digest, (revoked, expires_at) in states.items()
        }
        self._counts = counts
        self._count_again_at = self._clock() + RECOUNT_SECONDS

    def _written_version(self) -> tuple[int, int] | None:
        try:
            status = self._version_file.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_size

    def _tell(self) -> None:
        """Tell running servers; what was committed stays so, and is seen without it too."""
        with suppress(OSError), self._version_file.open("ab") as file:
            file.write(b".")


def _digest(key: str) -> bytes:
    return sha256(key.encode()).digest()


def _insert(connection: Connection, credential: IssuedCredential, digest: bytes) -> None:
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


def _counted(connection: Connection) -> tuple[int, int]:
    issued, revoked = connection.execute(_COUNTS).one()
    return issued, revoked


def _issued(row: Row[Any]) -> IssuedCredential:
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


def _held(row: Row[Any]) -> _Holder:
    caller = Caller(ids.to_text(row.id), Role(row.role), row.firm, row.holder)
    return _Holder(caller, row.issuer is not None, row.revoked_at is not None, row.expires_at)
