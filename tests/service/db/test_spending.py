"""What is spent is in the database, with the sighting it was spent on, for all who share it."""

import asyncio
from dataclasses import replace
from pathlib import Path

from service import clock
from service.adapters.db import Database, engine, open_database
from service.adapters.db.spending import put
from service.adapters.db.tables import SPENDING
from service.records import Claimed, Recording
from service.spending import SLOWED, Account, Charge, Level, Spent
from tests.service.db.synthetic import NOW, Maker, unknown_organisation

ACCOUNTS = (Account("guard", "day", 10.0, 10.0 / 86_400), Account("firm", "month", 15.0, 1e-6))


def charged(recording: Recording, bits: float, at: int = NOW) -> Recording:
    return replace(recording, charge=Charge(ACCOUNTS, bits, bits, at))


def spent(database: Database) -> dict[tuple[str, str], float]:
    with engine.reading(database._engine) as connection:
        rows = connection.execute(SPENDING.select()).all()
    return {(row.holder, row.kind): round(row.bits, 6) for row in rows}


def recorded(database: Database, *recordings: Recording) -> list[Claimed | Spent | None]:
    async def story() -> list[Claimed | Spent | None]:
        return await asyncio.gather(*map(database.recorder.record, recordings))

    return asyncio.run(story())


def test_two_workers_share_what_is_left(maker: Maker, database: Database, tmp_path: Path) -> None:
    other = open_database(data=tmp_path)
    assert recorded(database, charged(maker.recording(), 6.0)) == [None]
    (refused,) = recorded(other, charged(maker.recording(), 6.0))
    assert isinstance(refused, Spent)
    assert refused.account.holder == "guard"
    assert [level.bits for level in refused.levels.values()] == [6.0, 6.0]
    assert recorded(other, charged(maker.recording(), 4.0)) == [None]
    asyncio.run(other.close())
    assert spent(database) == {("guard", "day"): 10.0, ("firm", "month"): 10.0}


def test_of_those_that_meet_in_one_group_no_more_are_taken_than_there_is_room_for(
    maker: Maker, database: Database
) -> None:
    met = recorded(database, *(charged(maker.recording(), 3.0) for _ in range(5)))
    assert [one is None for one in met] == [True, True, True, False, False]
    assert spent(database)["guard", "day"] == 9.0


def test_what_is_spent_drains_and_survives_a_restart(
    maker: Maker, database: Database, tmp_path: Path
) -> None:
    recorded(database, charged(maker.recording(), 10.0))
    again = open_database(data=tmp_path)
    half = charged(maker.recording(), 5.0, NOW + clock.DAY // 4)
    (refused,) = recorded(again, half)
    assert isinstance(refused, Spent)
    assert refused.free_at == NOW + clock.DAY // 2
    assert recorded(again, charged(maker.recording(), 5.0, refused.free_at)) == [None]
    asyncio.run(again.close())


def test_a_recording_that_is_refused_costs_nothing(maker: Maker, database: Database) -> None:
    async def story() -> None:
        bad = unknown_organisation(charged(maker.recording(), 6.0))
        await asyncio.gather(database.recorder.record(bad), return_exceptions=True)

    asyncio.run(story())
    assert spent(database) == {}


def test_what_was_claimed_before_costs_nothing(maker: Maker, database: Database) -> None:
    first, again = (charged(maker.recording(key="k"), 6.0) for _ in range(2))
    assert recorded(database, first) == [None]
    (standing,) = recorded(database, again)
    assert isinstance(standing, Claimed)
    assert spent(database)["guard", "day"] == 6.0


def test_a_refused_one_leaves_nothing_but_is_refused(maker: Maker, database: Database) -> None:
    recorded(database, charged(maker.recording(), 10.0))
    head = database.audit.head()
    (refused,) = recorded(database, charged(maker.recording(key="k"), 1.0))
    assert isinstance(refused, Spent)
    assert database.audit.head() == head
    assert asyncio.run(database.history.claimed(maker.claim("k"), NOW)) is None


def test_who_is_slowed_is_refused_until_it_is_over(maker: Maker, database: Database) -> None:
    with engine.writing(database._engine) as connection:
        put(connection, [("guard", SLOWED, Level(60.0, NOW))])
    accounts = (*ACCOUNTS, Account.slowed("guard"))
    (refused,) = recorded(
        database, replace(maker.recording(), charge=Charge(accounts, 0.1, 0.1, NOW))
    )
    assert isinstance(refused, Spent)
    later = replace(maker.recording(), charge=Charge(accounts, 0.1, 0.1, NOW + clock.MINUTE))
    assert recorded(database, later) == [None]
    assert spent(database)["guard", SLOWED] == 60.0


def test_a_clock_that_is_set_back_keeps_nobody_out_for_longer_than_an_account_drains(
    maker: Maker, database: Database
) -> None:
    far = NOW + 365 * clock.DAY
    assert recorded(database, charged(maker.recording(), 10.0, far)) == [None]
    with engine.writing(database._engine) as connection:
        put(connection, [("guard", SLOWED, Level(60.0, far))])
    accounts = (*ACCOUNTS, Account.slowed("guard"))

    def asked(at: int) -> Claimed | Spent | None:
        charge = Charge(accounts, 5.0, 5.0, at)
        (standing,) = recorded(database, replace(maker.recording(), charge=charge))
        return standing

    refused = asked(NOW)
    assert isinstance(refused, Spent)
    assert refused.free_at == NOW + clock.DAY // 2
    assert isinstance(asked(refused.free_at - clock.SECOND), Spent)
    assert asked(refused.free_at) is None
    assert spent(database)["guard", SLOWED] == 60.0
