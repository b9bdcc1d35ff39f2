"""Versions on disk: whole or not there, and never silently changed. All plates are synthetic."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.hotlist import Entry
from plate_match.plate import Plate
from service.adapters.hotlist_files import HotlistFiles
from service.feed_records import FeedPart, HotlistVersion
from service.ports import HotlistDamaged, StorageUnavailable
from tests.service.disk import full_for

NOW = 1_795_521_600_000_000
"""2026-11-24T12:00:00Z"""

ONE = [Entry(plate=Plate("8XKV41"), feed="east")]


@pytest.fixture
def files(tmp_path: Path) -> HotlistFiles:
    return HotlistFiles(tmp_path / "hotlist")


def write_as(
    files: HotlistFiles, base: HotlistVersion | None, feed: str, entries: list[Entry], *, now: int
) -> HotlistVersion:
    with files.draft(base, FeedPart(feed, now), entries) as draft:
        return files.keep(draft)


def write(files: HotlistFiles, *, now: int = NOW) -> HotlistVersion:
    with files.loading():
        return write_as(files, None, "east", ONE, now=now)


def test_a_version_is_read_back_as_it_was_written(files: HotlistFiles) -> None:
    version = write(files)
    assert files.version(version.name) == version
    assert files.entries(version, "east") == tuple(ONE)
    assert (version.base, version.built_at) == (None, NOW)
    assert [(part.name, part.accepted_at, part.entries) for part in version.feeds] == [
        ("east", NOW, 1)
    ]


def test_what_is_written_is_not_yet_in_force(files: HotlistFiles) -> None:
    version = write(files)
    assert files.current() is None
    files.put_in_force(version.name)
    assert files.current() == version.name


def test_names_of_versions_sort_by_time(files: HotlistFiles) -> None:
    names = [write(files, now=NOW + step).name for step in (0, 1, 1_000_000, 10**14)]
    assert names == sorted(names)


def test_other_users_of_the_machine_cannot_read_the_hotlist(
    files: HotlistFiles, tmp_path: Path
) -> None:
    version = write(files)
    for folder in (tmp_path / "hotlist", tmp_path / "hotlist" / version.name):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@given(place=st.integers(0, 10_000), flip=st.integers(1, 255), name=st.booleans())
def test_any_changed_byte_of_a_version_is_found(
    tmp_path_factory: pytest.TempPathFactory, place: int, flip: int, *, name: bool
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    files = HotlistFiles(folder)
    version = write(files)
    path = folder / version.name / ("version.json" if name else "east.jsonl")
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= flip
    path.write_bytes(content)
    with pytest.raises(HotlistDamaged, match=version.name):
        files.snapshot(version.name)


@pytest.mark.parametrize("file", ["version.json", "east.jsonl"])
def test_a_lost_file_of_a_version_is_found(files: HotlistFiles, tmp_path: Path, file: str) -> None:
    version = write(files)
    (tmp_path / "hotlist" / version.name / file).unlink()
    with pytest.raises(HotlistDamaged, match="No such file") as caught:
        files.snapshot(version.name)
    assert "put its folder back from a backup" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("name", [b"", b"../east", b"20261124T120000000000Z", b"\xff"])
def test_a_current_that_names_no_version_is_refused(
    files: HotlistFiles, tmp_path: Path, name: bytes
) -> None:
    write(files)
    (tmp_path / "hotlist" / "CURRENT").write_bytes(name)
    with pytest.raises(HotlistDamaged, match="CURRENT"):
        files.current()


def test_a_disk_that_does_not_take_files_is_named_without_a_path(tmp_path: Path) -> None:
    (tmp_path / "hotlist").write_text("in the way")
    files = HotlistFiles(tmp_path / "hotlist")
    with pytest.raises(StorageUnavailable, match="the hotlist folder cannot be used") as caught:
        write(files)
    assert str(tmp_path) not in str(caught.value)
    with pytest.raises(StorageUnavailable):
        files.current()


def test_a_version_that_found_no_room_leaves_nothing_behind(
    tmp_path: Path, files: HotlistFiles
) -> None:
    first = write(files)
    room = tmp_path / "room"
    room.write_bytes(bytes(20))
    with files.loading(), full_for(room), pytest.raises(StorageUnavailable, match="too large"):
        write_as(files, first, "west", ONE, now=NOW + 1)
    assert {path.name for path in (tmp_path / "hotlist").iterdir()} == {first.name, "lock"}


def test_a_snapshot_holds_what_the_version_holds(files: HotlistFiles) -> None:
    first = write(files)
    with files.loading():
        west = [
            Entry(plate=Plate("8XKV42"), feed="west"),
            Entry(plate=Plate("8XKV41"), feed="west"),
        ]
        version = write_as(files, first, "west", west, now=NOW + 1)
    snapshot = files.snapshot(version.name)
    assert version.base == first.name
    assert (snapshot.version, snapshot.entries) == (version.name, 3)
    assert [(feed.name, feed.entries) for feed in snapshot.feeds] == [("east", 1), ("west", 2)]
    (hit,) = snapshot.matcher.match("8XKV41", limit=1).hits
    assert [entry.feed for entry in hit.entries] == ["east", "west"]
