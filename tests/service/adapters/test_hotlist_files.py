"""Versions on disk: whole or not there, and never silently changed. All plates are synthetic."""

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.found import Answer
from plate_match.hotlist import Dissemination, Entry, Hotlist
from plate_match.matcher import Matcher
from plate_match.plate import Plate
from plate_match.report import Look, Report, read_of
from service import clock
from service.adapters import stored_listings
from service.adapters.hotlist_files import HotlistFiles
from service.adapters.version_file import body_of, name_of
from service.current import Snapshot
from service.feed_records import FeedPart, HotlistVersion
from service.ports import HotlistDamaged, StorageUnavailable
from tests.answers import plain
from tests.service.disk import full_for
from tests.strategies import AUDIENCES, NORTH

NOW = 1_795_521_600_000_000
"""2026-11-24T12:00:00Z"""

ONE = [Entry(plate=Plate("8XKV41"), feed="east")]
HID = Dissemination.DISPATCH_ONLY


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


PLATES = [Plate("8XKV41"), Plate("8XKV42"), Plate("TVRK42")]

FEED = st.lists(
    st.builds(
        Entry,
        plate=st.sampled_from(PLATES),
        reference=st.sampled_from(["", "R-1"]),
        dissemination=st.sampled_from(Dissemination),
        partners=st.sampled_from([(), (NORTH,)]),
        feed=st.just("east"),
    ),
    max_size=6,
    unique=True,
)


def answers(snapshot: Snapshot) -> list[Answer]:
    """What a version tells of every plate, each audience by itself; reasons left out."""
    reads = [Report((Look(read_of(plate)),)) for plate in PLATES]
    found = [snapshot.matcher.search(report) for report in reads]
    return [
        plain(one.answer(audience, min_confidence=0)) for one in found for audience in AUDIENCES
    ]


def listings(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.listing")}


@given(east=FEED, west=FEED)
def test_the_order_in_which_feeds_come_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, east: list[Entry], west: list[Entry]
) -> None:
    files = HotlistFiles(tmp_path_factory.mktemp("hotlist"))
    feeds = {"east": east, "west": [replace(entry, feed="west") for entry in west]}
    told = []
    for now, names in enumerate((["east", "west"], ["west", "east"])):
        version = None
        for name in names:
            version = write_as(files, version, name, feeds[name], now=NOW + now)
        assert version is not None
        snapshot = files.snapshot(version.name)
        assert snapshot.entries == len(east) + len(west)
        built = Matcher.build(Hotlist((*feeds["east"], *feeds["west"])))
        assert answers(snapshot) == answers(replace(snapshot, matcher=built))
        told.append(answers(snapshot))
    assert told[0] == told[1]


@given(old=FEED, new=FEED)
def test_what_came_with_a_version_is_on_file_as_comparing_tells_it(
    tmp_path_factory: pytest.TempPathFactory, old: list[Entry], new: list[Entry]
) -> None:
    folder = tmp_path_factory.mktemp("hotlist")
    files = HotlistFiles(folder)
    end = NOW + clock.DAY
    first = write_as(files, None, "other", [replace(one, feed="other") for one in new], now=NOW)
    first = write_as(files, first, "east", old, now=NOW + 1)
    with files.draft(first, FeedPart("east", NOW + 2, latest_end=end), new) as draft:
        second = files.keep(draft)
    came = list(files.came(first.name, second.name))
    ended = [replace(one, valid_until=clock.to_datetime(end)) for one in new if one not in old]
    assert came == ended
    (folder / second.name / "arrivals").unlink()
    assert list(files.came(first.name, second.name)) == came


@pytest.mark.parametrize("kept", [True, False], ids=["taken", "listing"])
@pytest.mark.parametrize("harm", ["lost", "changed", "of another version"])
@pytest.mark.parametrize("some", [ONE, [*ONE, replace(ONE[0], plate=PLATES[1], dissemination=HID)]])
def test_listings_that_cannot_be_used_are_made_again(
    files: HotlistFiles, tmp_path: Path, *, some: list[Entry], harm: str, kept: bool
) -> None:
    with files.loading():
        version = write_as(files, None, "east", some, now=NOW)
    folder = tmp_path / "hotlist" / version.name
    good, told = listings(folder), answers(files.snapshot(version.name))
    other = write_as(files, None, "east", some[::-1], now=NOW + 1)
    path = folder / "taken.listing" if kept else min(folder.glob("[!t]*.listing"))
    if harm == "lost":
        path.unlink()
    elif harm == "changed":
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    else:
        path.write_bytes((folder.with_name(other.name) / path.name).read_bytes())
    assert answers(files.snapshot(version.name)) == told
    assert listings(folder) == good


def test_listings_are_made_again_by_one_of_all(
    files: HotlistFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = write(files)
    for path in (tmp_path / "hotlist" / version.name).glob("*.listing"):
        path.unlink()
    made = Mock(wraps=stored_listings._gathered)
    monkeypatch.setattr(stored_listings, "_gathered", made)
    with ThreadPoolExecutor(4) as some:
        snapshots = list(some.map(lambda _: files.snapshot(version.name), range(4)))
    assert made.call_count == 1
    assert {len(snapshot.matcher.index) for snapshot in snapshots} == {1}


def test_a_disk_without_room_for_listings_is_no_reason_to_answer_nobody(
    files: HotlistFiles, tmp_path: Path
) -> None:
    version = write(files)
    folder = tmp_path / "hotlist" / version.name
    for path in folder.glob("*.listing"):
        path.unlink()
    with full_for(folder / "east.jsonl"):
        assert len(files.snapshot(version.name).matcher.index) == 1
    assert listings(folder) == {}


def test_lines_that_this_program_cannot_read_are_told_as_damage(
    files: HotlistFiles, tmp_path: Path
) -> None:
    version = write(files)
    folder = tmp_path / "hotlist" / version.name
    line = b'{"plate": "8XKV41", "colourOfTheMoon": 1}\n'
    part = replace(version.feeds[0], sha256=sha256(line).hexdigest())
    body = body_of(None, NOW, [part])
    name = name_of(version.name.partition("-")[0], body)
    (folder / "east.jsonl").write_bytes(line)
    (folder / "version.json").write_bytes(body)
    folder.rename(folder.with_name(name))
    with pytest.raises(HotlistDamaged, match="feed east: this program cannot read the entry at"):
        files.snapshot(name)


def test_a_clock_that_was_set_back_makes_no_version_older(files: HotlistFiles) -> None:
    names = [write(files, now=now).name for now in (NOW, NOW - clock.HOUR, NOW + 1)]
    assert names == sorted(names)
    assert len(set(names)) == len(names)


def test_entries_that_had_all_ended_come_again(files: HotlistFiles) -> None:
    with files.loading():
        parts = [
            FeedPart("east", now, latest_end=now + clock.HOUR) for now in (NOW, NOW + clock.DAY)
        ]
        first = write_part(files, None, parts[0])
        second = write_part(files, first, parts[1])
    assert [entry.plate for entry in files.came(first.name, second.name)] == ["8XKV41"]


def write_part(files: HotlistFiles, base: HotlistVersion | None, part: FeedPart) -> HotlistVersion:
    with files.draft(base, part, ONE) as draft:
        return files.keep(draft)
