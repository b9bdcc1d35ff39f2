"""A worker that has not heard yet what another one did with the holder of a token."""

import asyncio
from pathlib import Path

from service.adapters.db import Database, open_database
from service.adapters.db.credentials import SqlCredentials
from service.errors import KeyRevoked
from service.records import Caller, Role
from service.token_ports import Lapsed, Vouched
from service.usecases.credentials import revoke
from service.usecases.take_token import TakeToken
from tests.service.db.synthetic import FIRM, NOW, issue

GUARD = Vouched("https://issuer.example", FIRM, "synthetic-pass-1", Role.GUARD)


class Always:
    """Tokens that all stand for one guard."""

    async def vouched(self, token: str, *, now: int) -> Vouched:
        assert token
        assert now == NOW
        return GUARD


def taken(database: Database, data: Path) -> tuple[TakeToken, SqlCredentials]:
    """What takes tokens in a worker whose folder is told of nothing, at one moment."""
    data.mkdir()
    holders = SqlCredentials(database._engine, data, lambda: 0.0)
    return TakeToken(tokens=Always(), holders=holders, now=lambda: NOW), holders


def test_a_holder_that_another_worker_made_known_is_the_same_until_revoked(tmp_path: Path) -> None:
    with open_database(data=tmp_path) as database:
        issue(database)
        first, register = taken(database, tmp_path / "first")
        second, _ = taken(database, tmp_path / "second")
        third, unaware = taken(database, tmp_path / "third")
        for holders in (register, unaware):
            assert holders.identify("pm_none") is None
        caller = asyncio.run(first("x"))
        assert isinstance(caller, Caller)
        assert asyncio.run(second("x")) == caller
        who = (caller.credential, Role.GUARD, FIRM, "synthetic-pass-1")
        assert caller == Caller(*who, purpose="offences")
        revoke(register, caller.credential, now=NOW)
        lapsed = asyncio.run(third("x"))
        assert isinstance(lapsed, Lapsed)
        assert lapsed.caller.credential == caller.credential
        assert isinstance(lapsed.refusal, KeyRevoked)
        assert [one.issuer for one in register.all()] == [None, GUARD.issuer]
