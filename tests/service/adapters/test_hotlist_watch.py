"""A version put in force by another process is served. All plates are synthetic."""

import asyncio
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn
from unittest.mock import AsyncMock, Mock, call

import pytest

from plate_match.feed.write import entry_lines
from plate_match.hotlist import Entry
from plate_match.matcher import FORESEEN
from plate_match.plate import Plate, spelled
from service import clock, ids
from service.adapters import hotlist_watch
from service.adapters.db import open_database
from service.adapters.hotlist_files import HotlistFiles
from service.adapters.hotlist_watch import HotlistWatch
from service.clock import DAY
from service.current import CurrentSnapshot
from service.feed_records import FeedPart
from service.ports import StorageUnavailable
from service.records import AuditEvent, EntryRecord, Role
from service.usecases.credentials import issue
from tests.service.db.synthetic import FIRM

NOW = 1_795_521_600_000_000
"""2026-11-24T12:00:00Z"""


class Post:
    """A folder of versions, and a process that watches it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = HotlistFiles(folder)
        self.current = CurrentSnapshot()
        self.database = open_database(data=folder.parent)
        self.watch = HotlistWatch(self.files, self.current, self.database.entries)

    def write(self, *plates: str, now: int = NOW) -> str:
        with self.files.loading():
            entries = [Entry(plate=Plate(plate), feed="east") for plate in plates]
            with self.files.draft(None, FeedPart("east", now), entries) as draft:
                return self.files.keep(draft).name

    def put_in_force(self, *plates: str, now: int = NOW) -> str:
        name = self.write(*plates, now=now)
        self.files.put_in_force(name)
        return name

    def look(self) -> str | None:
        asyncio.run(self.watch.look())
        return self.served()

    def served(self) -> str | None:
        snapshot = self.current.get()
        return None if snapshot is None else snapshot.version


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    post = Post(tmp_path / "hotlist")
    with post.database:
        yield post


def test_before_the_first_version_nothing_is_served(post: Post) -> None:
    assert post.look() is None


def test_a_version_is_served_once_it_is_in_force(post: Post) -> None:
    name = post.write("8XKV41")
    assert post.look() is None
    post.files.put_in_force(name)
    assert post.look() == name


def test_a_version_that_is_served_is_not_built_again(post: Post) -> None:
    post.put_in_force("8XKV41")
    post.look()
    before = post.current.get()
    post.look()
    assert post.current.get() is before


def test_a_new_version_is_served_while_it_is_followed(post: Post) -> None:
    async def story() -> None:
        following = asyncio.create_task(post.watch.follow())
        for step, plates in enumerate((["8XKV41"], ["8XKV41", "8XKV42"])):
            name = await asyncio.to_thread(post.put_in_force, *plates, now=NOW + step)
            async with asyncio.timeout(20):
                while post.served() != name:  # noqa: ASYNC110 what is waited for has no event
                    await asyncio.sleep(0.01)
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following

    asyncio.run(story())


def test_every_process_serves_a_newer_version_from_the_same_moment_on(post: Post) -> None:
    post.put_in_force("8XKV41")
    post.look()
    newer = post.put_in_force("8XKV42", now=NOW + 1)
    moment = post.files.in_force_since() + int(hotlist_watch.TOGETHER_AFTER * clock.SECOND)
    assert clock.now() < moment
    assert post.look() == newer
    assert clock.now() >= moment


def test_a_version_that_was_put_in_force_long_ago_is_served_at_once(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.put_in_force("8XKV41")
    post.look()
    newer = post.put_in_force("8XKV42", now=NOW + 1)
    os.utime(post.folder / "CURRENT", (1, 1))
    slept = AsyncMock()
    # Not in asyncio itself: services of other tests may run in threads of this process.
    own = SimpleNamespace(sleep=slept, to_thread=asyncio.to_thread)
    monkeypatch.setattr(hotlist_watch, "asyncio", own)
    assert post.look() == newer
    assert slept.await_args_list.count(call(0.0)) == 1  # services of other tests sleep longer


def test_a_freeze_does_not_wait_for_a_version_that_is_built(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    building, frozen = threading.Event(), threading.Event()

    def slow(_: str) -> NoReturn:
        building.set()
        assert frozen.wait(20)
        raise StorageUnavailable("no more")

    async def story() -> None:
        following = asyncio.create_task(post.watch.follow())
        async with asyncio.timeout(20):
            await asyncio.to_thread(building.wait)
            post.files.freeze(frozen=True)
            while not post.current.frozen:  # noqa: ASYNC110 what is waited for has no event
                await asyncio.sleep(0.01)
        frozen.set()
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following

    monkeypatch.setattr(post.files, "snapshot", slow)
    post.put_in_force("8XKV41")
    asyncio.run(story())


def test_what_nobody_foresaw_ends_no_watch_and_is_logged_by_its_kind(
    post: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    name = post.put_in_force("8XKV41")
    with monkeypatch.context() as patch:
        patch.setattr(post.files, "current", Mock(side_effect=ValueError("8XKV41")))
        assert post.look() is None
        assert post.look() is None
    (record,) = caplog.records
    assert record.getMessage().endswith(": ValueError")
    assert post.look() == name


def test_a_damaged_version_leaves_the_old_one_in_force_and_is_logged_once(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    old = post.put_in_force("8XKV41")
    post.look()
    caplog.clear()
    new = post.put_in_force("8XKV42", now=NOW + 1)
    path = post.folder / new / "east.jsonl"
    good = path.read_bytes()
    path.write_bytes(b"x" + good)
    assert post.look() == old
    assert post.look() == old
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("service.hotlist", logging.ERROR)
    assert new in record.getMessage()
    assert "8XKV4" not in record.getMessage()


def test_a_version_that_could_not_be_read_is_tried_again_after_a_while(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = post.put_in_force("8XKV42")
    path = post.folder / new / "east.jsonl"
    good = path.read_bytes()
    path.write_bytes(b"x" + good)
    assert post.look() is None
    path.write_bytes(good)
    assert post.look() is None
    monkeypatch.setattr(hotlist_watch, "TRY_AGAIN_AFTER", 0.0)
    again = HotlistWatch(post.files, post.current, post.database.entries)
    path.write_bytes(b"x" + good)
    asyncio.run(again.look())
    path.write_bytes(good)
    asyncio.run(again.look())
    assert post.served() == new


def test_another_version_after_a_damaged_one_is_served_at_once(post: Post) -> None:
    bad = post.put_in_force("8XKV42")
    (post.folder / bad / "version.json").unlink()
    assert post.look() is None
    good = post.put_in_force("8XKV41", now=NOW + 1)
    assert post.look() == good


def test_a_folder_that_cannot_be_read_is_logged_once_and_the_watch_goes_on(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    name = post.put_in_force("8XKV41")
    current = post.folder / "CURRENT"
    current.unlink()
    current.mkdir()
    assert post.look() is None
    assert post.look() is None
    (record,) = caplog.records
    assert "the hotlist folder cannot be used" in record.getMessage()
    current.rmdir()
    post.files.put_in_force(name)
    assert post.look() == name


def test_an_entry_that_another_process_puts_in_is_laid_over_the_version(post: Post) -> None:
    name = post.put_in_force("8XKV41")
    assert post.look() == name
    with open_database(data=post.folder.parent) as elsewhere:
        issued, _ = issue(elsewhere.credentials, Role.DISPATCH, FIRM, person=None, now=NOW)
        entry = Entry(plate=Plate("TVRK42"), valid_until=clock.to_datetime(clock.now() + DAY))
        record = EntryRecord(
            id=ids.new_id(NOW),
            organisation=FIRM,
            credential=issued.id,
            put_in_at=NOW,
            change=0,
            plate=spelled(entry.plate),
            reference="R-1",
            category="other",
            valid_from=None,
            valid_until=clock.now() + DAY,
            document=next(entry_lines([entry])),
        )
        put_in = elsewhere.entries.add(record, AuditEvent(NOW, "entry-put-in", {}, {}))
        assert (put_in.change, elsewhere.entries.changes()) == (1, 1)
        assert post.look() == f"{name}+1"
        assert sorted(matched(post)) == ["8XKV41", "TVRK42"]
        newer = post.put_in_force("GV123B", now=NOW + 1)
        assert post.look() == f"{newer}+1"
        assert sorted(matched(post)) == ["GV123B", "TVRK42"]
        gone = elsewhere.entries.withdraw(put_in.id, "found", AuditEvent(NOW, "x", {}, {}))
        assert (gone.withdrawal, gone.withdrawn_at) == (2, NOW)
        assert post.look() == f"{newer}+2"
        assert matched(post) == ["GV123B"]


def test_what_is_kept_of_a_list_is_there_before_the_first_sighting(post: Post) -> None:
    post.put_in_force("8XKV41", "12AB34")
    post.look()
    snapshot = post.current.get()
    assert snapshot is not None
    for audience in FORESEEN:
        assert {"every_profile", "counts"} <= set(vars(snapshot.matcher.lists[audience]))


def matched(post: Post) -> list[str]:
    snapshot = post.current.get()
    assert snapshot is not None
    return list(snapshot.matcher.index.plates)
