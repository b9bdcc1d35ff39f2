"""What a killed change left on record is put in force by a service that runs. Synthetic plates."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.adapters.db import Database, open_database
from service.adapters.hotlist_files import HotlistFiles
from service.feed_records import Offer
from service.usecases.finish_changes import FinishChanges
from service.usecases.load_hotlist import LoadHotlist
from service.usecases.turn_feed import TurnFeed

NOW = 1_795_000_000_000_000


class Killed(HotlistFiles):
    """Ends where a change would be put in force."""

    def put_in_force(self, name: str) -> None:
        raise KeyboardInterrupt(name)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(data=tmp_path) as database:
        path = tmp_path / "list.txt"
        path.write_text("8XKV41\n")
        loading = LoadHotlist(HotlistFiles(tmp_path / "hotlist"), database.feed_history)
        loading.load(Offer(path), "east", now=NOW)
        yield database


def suspend_and_be_killed(data: Path, database: Database) -> None:
    turning = TurnFeed(Killed(data / "hotlist"), database.feed_history)
    with pytest.raises(KeyboardInterrupt):
        turning.suspend("east", reason="synthetic", now=NOW + 1)


def entries_in_force(files: HotlistFiles) -> int:
    return sum(part.entries for part in files.version(files.current() or "").feeds)


def test_a_feed_whose_suspension_was_killed_is_out_of_force_once_somebody_looks(
    tmp_path: Path, database: Database
) -> None:
    files = HotlistFiles(tmp_path / "hotlist")
    finish = FinishChanges(versions=files, history=database.feed_history)
    finish.look()
    suspend_and_be_killed(tmp_path, database)
    assert entries_in_force(files) == 1
    with files.loading():
        finish.look()
        assert entries_in_force(files) == 1
    finish.look()
    assert entries_in_force(files) == 0


def test_a_version_that_is_not_on_record_is_not_put_in_force(
    tmp_path: Path, database: Database
) -> None:
    files = HotlistFiles(tmp_path / "hotlist")
    current = files.version(files.current() or "")
    with files.loading(), files.draft(current, current.feeds[0], ()) as draft:
        files.keep(draft)
    FinishChanges(versions=files, history=database.feed_history).look()
    assert entries_in_force(files) == 1
