"""Credentials in their table, and who holds a key: one lookup in memory, in force at once.

Whoever issues or revokes adds a byte to `credentials.version` after the commit. Its size only
grows, so one `stat` a call tells that the map is old. A command killed between commit and byte
is seen within a second: every change of who may call is counted in the database too. That an end
has come needs no telling: each call looks.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Lock

from sqlalchemy import Engine, or_, select, update

from service import clock, ids
from service.adapters.db import audit, register
from service.adapters.db.caller_tables import CREDENTIAL
from service.adapters.db.credential_rows import (
    ISSUED,
    Held,
    held_of,
    insert_credential,
    issued_of,
)
from service.adapters.db.engine import reading, sound, writing
from service.adapters.db.organisations import Spellings, known
from service.adapters.db.standings import Standings
from service.chain import seal
from service.errors import KeyExpired, KeyRevoked, NotThere, UnknownCaller
from service.records import AuditEvent, Caller, IssuedCredential
from service.token_ports import Lapsed

VERSION_FILE = "credentials.version"

ASK_SECONDS = 1.0

_DIGEST = CREDENTIAL.c.digest
_STATES = select(_DIGEST, CREDENTIAL.c.person, CREDENTIAL.c.revoked_at, CREDENTIAL.c.expires_at)
"""All of a credential that can change."""

_ROWS = "a credential, or whose it is"
_MOST_AT_ONCE = 500
"""Credentials that are asked for by name; of more all are read."""


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
        self._holders: dict[bytes, Held] = {}
        self._spellings: Spellings | None = None
        self._version: tuple[int, int] | None = None
        self._changes: int | None = None
        self._ask_again_at = 0.0
        self._reading = Lock()

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

    def lapsed(self, key: str) -> Caller | None:
        """Return who held a key that was revoked or is past its end; raises as `identify` does."""
        holder = self._holder(_digest(key), by_tokens=False)
        return None if holder is None or self._fault(holder) is None else holder.caller

    def holder(self, digest: bytes) -> Caller | Lapsed | None:
        """Return who is known by the digest of a token's holder, or None.

        Raises:
            StorageUnavailable: whether it is still in force cannot be read now.
        """
        holder = self._holder(digest, by_tokens=True)
        if holder is None:
            return None
        fault = self._fault(holder)
        return holder.caller if fault is None else Lapsed(holder.caller, fault)

    def organisation(self, name: str) -> str | None:
        """Return how an organisation is spelled on record, or None; raises as `identify` does."""
        self._refresh()
        found = None if self._spellings is None else self._spellings.of(name)
        return None if found is None else found[1]

    def spelling(self, organisation: str) -> str:
        """Return how an organisation is spelled on record; what is not there, as it is given."""
        with reading(self._engine) as connection:
            return (known(connection, organisation) or (0, organisation))[1]

    def add(self, credential: IssuedCredential, digest: bytes, event: AuditEvent) -> None:
        """Record a credential with the SHA-256 of its key, and make its names known."""
        with writing(self._engine) as connection:
            insert_credential(connection, credential, digest)
            register.changed(connection)
            audit.append(connection, [seal(event)])
        self.tell()

    def replace(
        self, old: IssuedCredential, new: IssuedCredential, *, digest: bytes, event: AuditEvent
    ) -> None:
        """Record a credential with the digest of its key, and the end of the one it replaces.

        Raises:
            NotThere: the old one has been revoked meanwhile, or given an earlier end.
        """
        end = CREDENTIAL.c.expires_at
        in_force = (
            CREDENTIAL.c.id == ids.from_text(old.id),
            CREDENTIAL.c.revoked_at.is_(None),
            or_(end.is_(None), end >= old.expires_at),
        )
        with writing(self._engine) as connection:
            ending = update(CREDENTIAL).where(*in_force).values(expires_at=old.expires_at)
            if not connection.execute(ending).rowcount:
                raise NotThere
            insert_credential(connection, new, digest)
            register.changed(connection)
            audit.append(connection, [seal(event)])
        self.tell()

    def make_known(
        self, credential: IssuedCredential, digest: bytes, event: AuditEvent
    ) -> IssuedCredential:
        """Record the holder of a token, unless it is there; return what is there.

        Raises:
            UnknownCaller: its organisation is not known; nothing was recorded.
        """
        one = ISSUED.where(CREDENTIAL.c.digest == digest)
        with reading(self._engine) as connection:
            if known(connection, credential.organisation) is None:
                raise UnknownCaller
        with writing(self._engine) as connection:
            found = connection.execute(one).one_or_none()
            if found is not None:  # another request, or another worker, was first
                self._changes = None  # which this one may not know of yet
                return issued_of(found)
            insert_credential(connection, credential, digest)
            register.changed(connection)
            audit.append(connection, [seal(event)])
        self.tell()
        return credential

    def revoke(self, id_: str, event: AuditEvent) -> IssuedCredential | None:
        """Revoke at the time of the event, unless revoked before; None if there is no such id."""
        one = ISSUED.where(CREDENTIAL.c.id == ids.from_text(id_))
        with writing(self._engine) as connection:
            found = connection.execute(one).one_or_none()
            if found is None or found.revoked_at is not None:
                return None if found is None else issued_of(found)
            in_force = CREDENTIAL.c.id == found.id
            connection.execute(update(CREDENTIAL).where(in_force).values(revoked_at=event.at))
            register.changed(connection)
            audit.append(connection, [seal(event)])
            revoked = issued_of(connection.execute(one).one())
        self.tell()
        return revoked

    def find(self, id_: str) -> IssuedCredential | None:
        """Return a credential, or None if there is no such id."""
        with reading(self._engine) as connection:
            one = ISSUED.where(CREDENTIAL.c.id == ids.from_text(id_))
            found = connection.execute(one).one_or_none()
        return None if found is None else issued_of(found)

    def all(self) -> Sequence[IssuedCredential]:
        """Return every credential, revoked ones included, oldest first."""
        with reading(self._engine) as connection, sound(_ROWS):
            return [issued_of(row) for row in connection.execute(ISSUED)]

    def _holder(self, digest: bytes, *, by_tokens: bool) -> Held | None:
        """Return a holder of this kind: no key that is sent may stand for the holder of tokens."""
        self._refresh()
        holder = self._holders.get(digest)
        return holder if holder is not None and holder.by_tokens == by_tokens else None

    def _fault(self, holder: Held) -> UnknownCaller | None:
        if holder.revoked:
            return KeyRevoked()
        ended = holder.expires_at is not None and holder.expires_at <= self._now()
        return KeyExpired() if ended else None

    def _refresh(self) -> None:
        # Of two threads that read at once the one that read earlier must not have the last word.
        with self._reading:
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
        with reading(self._engine) as connection, sound(_ROWS):
            changes = register.changes(connection)
            standings, self._spellings = Standings(connection), Spellings(connection)
            states = {
                digest: (person, revoked_at is not None, expires_at)
                for digest, person, revoked_at, expires_at in connection.execute(_STATES)
            }
            new = [
                digest for digest, (person, *_) in states.items() if self._is_new(digest, person)
            ]
            wanted = ISSUED if len(new) > _MOST_AT_ONCE else ISSUED.where(_DIGEST.in_(new))
            read = {row.digest: held_of(row) for row in connection.execute(wanted)}
            held = self._holders | read
            self._holders = {
                digest: held[digest].standing_so(standings, revoked=revoked, expires_at=expires_at)
                for digest, (_, revoked, expires_at) in states.items()
            }
        self._changes = changes
        self._ask_again_at = self._clock() + ASK_SECONDS

    def _is_new(self, digest: bytes, person: int | None) -> bool:
        """Whether a holder is not known yet, or not as nobody's, since that was erased."""
        held = self._holders.get(digest)
        return held is None or held.of[1] != person

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


def _digest(key: str) -> bytes:
    return sha256(key.encode()).digest()
