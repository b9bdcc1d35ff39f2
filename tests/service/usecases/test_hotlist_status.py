"""What is in force, since when, from which files. All plates are synthetic."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plate_match.audience import Circle
from plate_match.hotlist import Category, Dissemination
from plate_match.matcher import Matcher
from service.adapters.db import open_database
from service.adapters.hotlist_files import HotlistFiles
from service.current import CurrentSnapshot, FeedInForce, Snapshot
from service.errors import NoSnapshot, NotThere
from service.feed_records import Offer
from service.usecases.hotlist_status import FeedStatus, HotlistStatus
from service.usecases.load_hotlist import LoadHotlist

NOW = 1_795_521_600_000_000
MOMENT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ONE = {Circle(Dissemination.ON_HIT, Category.OTHER, ()): 1}


def test_a_feed_is_in_force_once_the_version_made_of_its_newest_file_is_served(
    tmp_path: Path,
) -> None:
    path = tmp_path / "list.txt"
    path.write_text("8XKV41\n")
    files, current = HotlistFiles(tmp_path / "hotlist"), CurrentSnapshot()
    with open_database(data=tmp_path) as database:
        loading = LoadHotlist(files, database.feed_history)
        status = HotlistStatus(current, database.feed_history)
        with pytest.raises(NoSnapshot):
            status.hotlist()
        first = loading.load(Offer(path), "east", now=NOW)
        assert status.feeds() == [FeedStatus("east", first, None)]

        assert first.version is not None
        current.swap(files.snapshot(first.version))
        served = FeedInForce("east", MOMENT, ONE)
        assert status.feeds() == [FeedStatus("east", first, served)]
        assert status.hotlist().version == first.version
        assert status.hotlist().feeds == (served,)

        second = loading.load(Offer(path), "east", now=NOW + 1)
        assert status.feeds() == [FeedStatus("east", second, None)]
        assert status.file("east", first.id) == first
        with pytest.raises(NotThere):
            status.file("west", first.id)


def test_a_snapshot_is_stale_when_any_of_its_feeds_is() -> None:
    later = MOMENT + timedelta(hours=1)
    never = FeedInForce("east", MOMENT, ONE)
    limited = FeedInForce("west", MOMENT, ONE, fresh_until=later)
    snapshot = Snapshot("v", MOMENT, Matcher.build([]), {}, (never, limited))
    assert not never.stale(later)
    assert (limited.stale(later - timedelta(seconds=1)), limited.stale(later)) == (False, True)
    assert (snapshot.stale(MOMENT), snapshot.stale(later)) == (False, True)
