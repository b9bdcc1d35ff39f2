"""A walk through a real database: who took part waits, and it is on record. Synthetic plates."""

import asyncio
import json
import logging
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest

from service import clock
from service.adapters.db import Database, open_database
from service.current import CurrentSnapshot
from service.metrics import Metrics
from service.ports import StorageUnavailable
from service.records import Caller, IssuedCredential, Role
from service.spending import Account, Charge, Spent
from service.usecases.budget import holder_of
from service.usecases.watch_walks import WatchWalks
from tests.service.db.synthetic import NOW, Maker, issue

SECRET = b"secret of a test"


def watching(database: Database) -> WatchWalks:
    return WatchWalks(
        reads=database.guards_reads,
        metrics=Metrics(CurrentSnapshot()),
        secret=SECRET,
        window=clock.DAY,
        now=lambda: NOW + clock.SECOND,
    )


def report(database: Database, issued: IssuedCredential, *reads: str, at: int = NOW) -> None:
    maker = Maker(issued)

    async def story() -> None:
        for read in reads:
            recording = maker.recording(hits=0, at=at)
            request = json.dumps({"read": read, "alsoRead": [{"read": "?"}]}).encode()
            sighting = replace(recording.sighting, request=request)
            assert await database.recorder.record(replace(recording, sighting=sighting)) is None

    asyncio.run(story())


def waits(database: Database, issued: IssuedCredential, at: int) -> float:
    """Seconds that a guard has to wait."""
    caller = Caller(issued.id, Role.GUARD, issued.organisation, issued.person)
    account = Account.slowed(holder_of(SECRET, caller))
    charge = Charge((account,), 0.0, 0.0, at)
    recording = replace(Maker(issued).recording(at=at), charge=charge)
    standing = asyncio.run(database.recorder.record(recording))
    return (standing.free_at - at) / clock.SECOND if isinstance(standing, Spent) else 0.0


def test_who_walks_waits_longer_each_time_and_nobody_else_does(database: Database) -> None:
    walker, honest = issue(database), issue(database)
    watch, now = watching(database), NOW + clock.SECOND
    report(database, walker, *(f"8XKV4{digit}" for digit in range(4)))
    report(database, honest, "GV123B")
    for reads, seconds in (((), 0), (("8XKV49",), 60), ((), 60), (("8XKV48",), 120)):
        report(database, walker, *reads)
        watch.look()
        assert waits(database, walker, now) == seconds
    assert waits(database, honest, now) == 0


def test_a_walk_is_on_record_counted_and_logged_without_a_plate(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    walker, watch = issue(database), watching(database)
    report(database, walker, *(f"8XKV4{digit}" for digit in range(5)))
    with caplog.at_level(logging.WARNING):
        watch.look()
    assert f"walk one-symbol by credential {walker.id}" in caplog.text
    assert "8XKV4" not in caplog.text
    assert b'plate_match_walks_total{pattern="one-symbol"} 1.0' in watch.metrics.exposition()
    with database.audit.rows() as rows:
        (row,) = [row for row in rows if b"walk-detected" in row.header]
    header = json.loads(row.header)
    assert (header["pattern"], header["reads"]) == ("one-symbol", 5)
    assert header["credentials"] == [walker.id]
    assert b"8XKV4" not in row.header
    assert b"8XKV44" in (row.payload or b"")


def test_another_process_that_goes_on_knows_what_came_before_and_acts_once(
    database: Database, tmp_path: Path
) -> None:
    walker, now = issue(database), NOW + clock.SECOND
    report(database, walker, *(f"8XKV4{digit}" for digit in range(6)), at=NOW - clock.HOUR)
    other = open_database(data=tmp_path)
    watch = watching(other)
    watch.look()
    assert waits(database, walker, now) == 0
    report(database, walker, "8XKV49")
    watch.look()
    assert waits(database, walker, now) == 60
    asyncio.run(other.close())


@pytest.mark.parametrize(
    "spelled", ["8XKV4{}*", "?8-XKV-4{}", "8XKV4{}1", "8 XKV 4 {}??", "8XK?V4{}", "8*XKV-4*{}"]
)
def test_a_walk_is_found_however_it_is_spelled(database: Database, spelled: str) -> None:
    walker, watch = issue(database), watching(database)
    report(database, walker, *(spelled.format(digit) for digit in "023567"))
    watch.look()
    assert waits(database, walker, NOW + clock.SECOND) >= 60


def test_a_walk_is_acted_upon_when_storage_can_be_written_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    walker, watch = issue(database), watching(database)
    report(database, walker, *(f"8XKV4{digit}" for digit in range(5)))
    with monkeypatch.context() as broken:
        broken.setattr(type(watch.reads), "slow", Mock(side_effect=StorageUnavailable("full")))
        with pytest.raises(StorageUnavailable):
            watch.look()
    assert waits(database, walker, NOW + clock.SECOND) == 0
    watch.look()
    assert waits(database, walker, NOW + clock.SECOND) == 60


def test_what_dispatch_reads_is_no_walk(database: Database) -> None:
    dispatch = issue(database, Role.DISPATCH)
    report(database, dispatch, *(f"8XKV4{digit}" for digit in range(10)))
    watching(database).look()
    assert waits(database, dispatch, NOW + clock.SECOND) == 0


def test_a_month_later_it_begins_anew(database: Database) -> None:
    walker = issue(database)
    watch = watching(database)
    report(database, walker, *(f"8XKV4{digit}" for digit in range(7)))
    watch.look()
    assert waits(database, walker, NOW + clock.SECOND) == 240
    later = NOW + 31 * clock.DAY
    watch.now = lambda: later
    report(database, walker, *(f"12ABC{digit}" for digit in range(5)), at=later)
    watch.look()
    assert waits(database, walker, later) == 60
