"""What is due goes, kind by kind, and what is still needed stays. All plates are synthetic."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from plate_match.hotlist import Entry
from plate_match.plate import Plate
from service import clock, ids
from service.adapters.db import Database, open_database
from service.adapters.hotlist_files import HotlistFiles
from service.adapters.inbox import Inbox
from service.adapters.refused_files import RefusedFiles
from service.feed_records import FeedPart
from service.ports import HotlistDamaged
from service.usecases.audit import verify
from service.usecases.check_records import LAWFUL
from service.usecases.purge import PAUSE, Purge, Retention
from service.usecases.put_in_force import offered
from service.usecases.turn_feed import TurnFeed
from tests.service.db.synthetic import NOW, Maker, event, issue, records
from tests.service.db.test_erasure import left, record

DAY = clock.DAY
KEPT = Retention(
    sightings=timedelta(days=1),
    hits=timedelta(days=10),
    entries=timedelta(days=10),
    versions=timedelta(days=10),
    audit=timedelta(days=100),
    people=timedelta(days=100),
)


class Desk:
    """A data folder whose clock is ours."""

    def __init__(self, data: Path, database: Database) -> None:
        self.database = database
        self.files = HotlistFiles(data / "hotlist")
        self.inbox, self.refused = Inbox(data), RefusedFiles(data)
        self.paused: list[float] = []

    def load(self, *plates: str, feed: str = "east", now: int) -> str:
        entries = [Entry(plate=Plate(plate), feed=feed) for plate in plates]
        with self.files.loading():
            current = self.files.current()
            base = None if current is None else self.files.version(current)
            with self.files.draft(base, FeedPart(feed, now), entries) as draft:
                name = self.files.keep(draft).name
            self.files.put_in_force(name)
        return name

    def on_record(self, version: str) -> None:
        file = replace(offered("east", NOW), format="csv", version=version)
        self.database.feed_history.add(file, event())

    def purge(self, now: int) -> dict[str, int]:
        purge = Purge(
            erasure=self.database.erasure,
            people=self.database.people_erasure,
            trail=self.database.audit,
            versions=self.files,
            history=self.database.feed_history,
            refused=self.refused,
            retention=KEPT,
            now=lambda: now,
            pause=self.paused.append,
        )
        return {kind: count for kind, count in purge().items() if count}

    def there(self, *names: str) -> list[bool]:
        return [self._is_there(name) for name in names]

    def _is_there(self, name: str) -> bool:
        try:
            self.files.snapshot(name)
        except HotlistDamaged:
            return False
        return True


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_database(data=tmp_path) as database:
        yield Desk(tmp_path, database)


def test_each_kind_goes_after_its_own_time(desk: Desk) -> None:
    maker = Maker(issue(desk.database))
    none, hit = maker.recording(hits=0), maker.recording(hits=1)
    record(desk.database, none, hit)
    assert desk.purge(NOW + DAY) == {}
    before = records(desk.database)
    assert desk.purge(NOW + 2 * DAY) == {"sightings-without-hit": 1}
    assert desk.purge(NOW + 2 * DAY) == {}
    assert desk.purge(NOW + 11 * DAY) == {"sightings-with-hit": 1}
    assert left(desk.database) == []
    assert records(desk.database) == before + 2
    assert desk.purge(NOW + 101 * DAY) == {"audit-payloads": 3}
    assert verify(desk.database.audit, now=NOW + 101 * DAY + LAWFUL).fault is None
    assert set(desk.paused) == {PAUSE}


def test_versions_go_some_time_after_they_were_in_force(desk: Desk) -> None:
    names = [desk.load("8XKV41", "8XKV42", now=NOW + day * DAY) for day in (0, 1, 60, 61)]
    assert desk.purge(NOW + 62 * DAY) == {"hotlist-versions": 1}
    assert desk.there(*names) == [False, True, True, True]
    before = records(desk.database)
    assert desk.purge(NOW + 99 * DAY) == {"hotlist-versions": 1}
    assert desk.there(*names) == [False, False, True, True]
    assert records(desk.database) == before + 1
    assert desk.purge(NOW + 99 * DAY) == {}


def test_while_somebody_loads_no_version_goes(desk: Desk) -> None:
    names = [desk.load("8XKV41", now=NOW + day * DAY) for day in range(3)]
    with desk.files.loading():
        assert desk.purge(NOW + 99 * DAY) == {}
    assert desk.there(*names) == [True, True, True]


@pytest.mark.parametrize("harm", ["CURRENT", "version.json"])
def test_in_doubt_no_version_goes(desk: Desk, tmp_path: Path, harm: str) -> None:
    names = [desk.load("8XKV41", now=NOW + day * DAY) for day in range(3)]
    desk.on_record(names[-1])
    if harm == "CURRENT":
        (tmp_path / "hotlist" / "CURRENT").unlink()
    else:
        (tmp_path / "hotlist" / names[-1] / "version.json").write_text("x")
    record(desk.database, Maker(issue(desk.database)).recording(hits=0))
    assert desk.purge(NOW + 99 * DAY) == {"sightings-without-hit": 1}
    assert desk.there(*names[:2]) == [True, True]


def test_what_was_accepted_but_not_reached_stays(desk: Desk) -> None:
    names = [desk.load("8XKV41", now=NOW + day * DAY) for day in range(4)]
    desk.files.put_in_force(names[0])
    desk.on_record(names[2])
    assert desk.purge(NOW + 99 * DAY) == {}
    assert desk.there(*names) == [True, True, True, True]


def test_what_a_suspended_feed_had_stays_for_its_way_back(desk: Desk) -> None:
    before = desk.load("8XKV41", now=NOW)
    turning = TurnFeed(desk.files, desk.database.feed_history)
    turning.suspend("east", reason="not trusted", now=NOW + DAY)
    for day in (2, 3):
        desk.load("8XKV42", feed="west", now=NOW + day * DAY)
    desk.purge(NOW + 99 * DAY)
    assert desk.there(before) == [True]
    file = turning.resume("east", reason="mended", now=NOW + 99 * DAY)
    assert file.accepted == 1


def test_nothing_there_is_nothing_to_purge(desk: Desk) -> None:
    assert desk.purge(NOW) == {}
    desk.database.audit.add(event())
    assert desk.purge(NOW) == {}


def test_what_a_reader_kept_in_the_journal_goes_with_the_next_purge(
    desk: Desk, tmp_path: Path
) -> None:
    record(desk.database, Maker(issue(desk.database)).recording(hits=0))
    journal = tmp_path / "plate-match.sqlite-wal"
    with desk.database.audit.rows() as rows:
        next(rows)
        assert desk.purge(NOW + 2 * DAY) == {"sightings-without-hit": 1}
        assert journal.stat().st_size > 0
    assert desk.purge(NOW + 2 * DAY) == {}
    assert journal.stat().st_size == 0


def test_a_refused_feed_file_goes_some_time_after_it_came_or_once_it_is_of_no_use(
    desk: Desk,
) -> None:
    for day, feed in ((0, "east"), (1, "west")):
        id_ = ids.new_id(NOW + day * DAY)
        desk.inbox.put(feed, id_, {"file": BytesIO(b"8XKV41\n")})
        (waiting,) = desk.inbox.waiting()
        desk.refused.keep(waiting)
    assert desk.purge(NOW + 10 * DAY) == {}
    before = records(desk.database)
    with desk.files.loading():
        assert desk.purge(NOW + 11 * DAY) == {}
    assert desk.purge(NOW + 11 * DAY - 1) == {"refused-feed-files": 1}
    assert records(desk.database) == before + 1
    assert [one.feed for one in desk.refused.kept()] == ["west"]
    file = replace(offered("west", NOW + 2 * DAY), format="csv", version="a")
    desk.database.feed_history.add(file, event())
    assert desk.purge(NOW + 3 * DAY) == {"refused-feed-files": 1}
    assert desk.refused.kept() == []
