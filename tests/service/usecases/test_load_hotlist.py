"""A feed file's walk into force, on real files and a real database. All plates are synthetic."""

import itertools
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

import pytest

from plate_match.errors import UnreadableHotlist
from plate_match.hotlist import Entry
from service.adapters.db import Database, open_database
from service.adapters.hotlist_files import HotlistFiles
from service.feed_records import Draft, FeedFile, HotlistVersion, Offer
from service.ports import HotlistDamaged, StorageUnavailable
from service.usecases.audit import verify
from service.usecases.load_hotlist import InvalidFeedName, LoadHotlist, check
from tests.service.db.synthetic import records

NOW = 1_795_521_600_000_000
"""2026-11-24T12:00:00Z"""

MINUTE = 60_000_000


class Desk:
    """One who loads feed files: a folder, a database, and a clock that goes on."""

    def __init__(self, data: Path, database: Database) -> None:
        self.data = data
        self.database = database
        self.files = HotlistFiles(data / "hotlist")
        self.now = NOW

    def load(self, content: str | bytes, feed: str = "east") -> FeedFile:
        self.now += MINUTE
        loading = LoadHotlist(self.files, self.database.feed_history)
        return loading.load(Offer(self.write(content)), feed, now=self.now)

    def write(self, content: str | bytes) -> Path:
        path = self.data / "offered"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def in_force(self) -> dict[str, list[str]]:
        """Return the plates in force by feed, read from disk with every digest checked."""
        name = self.files.current()
        if name is None:
            return {}
        version = self.files.version(name)
        return {part.name: plates(self.files.entries(version, part.name)) for part in version.feeds}


def plates(entries: Sequence[Entry]) -> list[str]:
    return [str(entry.plate) for entry in entries]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_database(data=tmp_path) as database:
        yield Desk(tmp_path, database)


def test_a_file_with_broken_rows_loads_the_good_ones_and_reports_the_rest(desk: Desk) -> None:
    content = (
        b"\xef\xbb\xbfplate;reference;validUntil\r\n"
        b"8XKV41;R-1;2026-12-01T00:00:00Z\r\n"
        b"8XKV42;R-\x81;\r\n"
        b"8XKV41;R-1;2026-12-01T00:00:00Z\r\n"
        b"8XKV43;R-3;2026-11-24T12:00:00Z\r\n"
        b"8XKV41;R-4;\r\n"
        b"8X*44;R-5;\r\n"
    )
    file = desk.load(content)
    assert file == FeedFile(
        id=file.id,
        feed="east",
        received_at=desk.now,
        sha256=sha256(content).hexdigest(),
        format="csv",
        rows=6,
        accepted=2,
        rejected=4,
        rejects=(
            (3, "encoding: the line is not UTF-8"),
            (4, "duplicate: the same entry as in row 2"),
            (5, "expired: validUntil has passed"),
            (
                7,
                "plate: has * inside, or twice; give the places instead, as in ?X?V??",
            ),
        ),
        added=2,
        changed=0,
        withdrawn=0,
        version=desk.files.current(),
    )
    assert desk.in_force() == {"east": ["8XKV41", "8XKV41"]}
    assert desk.database.feed_history.file("east", file.id) == file
    assert records(desk.database) == 1


def test_a_new_file_is_the_whole_of_its_feed_and_leaves_the_others(desk: Desk) -> None:
    desk.load("8XKV41\n8XKV42\n", "east")
    desk.load("8XKV41\n", "west")
    header = "plate,reference,priority\n"
    first = desk.load(f"{header}8XKV43,R-1,1\n8XKV44,R-2,1\n", "east")
    assert (first.added, first.changed, first.withdrawn) == (2, 0, 2)
    second = desk.load(f"{header}8XKV43,R-1,2\n8XKV45,R-3,1\n", "east")
    assert (second.added, second.changed, second.withdrawn) == (1, 1, 1)
    assert desk.in_force() == {"east": ["8XKV43", "8XKV45"], "west": ["8XKV41"]}


def test_the_order_in_which_feeds_come_does_not_matter(tmp_path: Path) -> None:
    lists = []
    for order in (("east", "west"), ("west", "east")):
        data = tmp_path / order[0]
        with open_database(data=data) as database:
            desk = Desk(data, database)
            for feed in order:
                desk.load(f"8XKV41\n{'8XKV42' if feed == 'east' else '8XKV43'}\n", feed)
            name = desk.files.current()
            assert name is not None
            snapshot = desk.files.snapshot(name)
            lists.append(desk.in_force())
            assert (snapshot.version, snapshot.entries) == (name, 4)
            assert [feed.entries for feed in snapshot.feeds] == [2, 2]
            hits = snapshot.matcher.match("8XKV41").hits
            assert [entry.feed for entry in hits[0].entries] == ["east", "west"]
    assert list(lists[0].items()) == list(lists[1].items())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty: the file has no row that can be accepted"),
        ("plate,validUntil\n8XKV42,2026-11-01T00:00:00Z\n", "empty: the file has no row"),
    ],
)
def test_a_file_without_an_acceptable_row_changes_nothing(
    desk: Desk, content: str, reason: str
) -> None:
    desk.load("8XKV41\n")
    before = desk.files.current()
    file = desk.load(content)
    assert file.refused is not None
    assert file.refused.startswith(reason)
    assert (file.version, file.accepted) == (None, 0)
    assert desk.files.current() == before
    assert desk.in_force() == {"east": ["8XKV41"]}
    assert desk.database.feed_history.file("east", file.id) == file
    assert verify(desk.database.audit).records == 2


def test_a_file_that_is_no_hotlist_changes_nothing_and_is_on_record(desk: Desk) -> None:
    desk.load("8XKV41\n")
    recorded: list[FeedFile] = []
    content = "Kenteken,Merk\n8XKV42,Volvo\n" + "#" * (3 << 20)
    with pytest.raises(UnreadableHotlist, match="Kenteken is no field of an entry"):
        LoadHotlist(desk.files, Remembering(recorded)).load(
            Offer(desk.write(content)), "east", now=NOW
        )
    (file,) = recorded
    assert file.refused is not None
    assert "this column is missing" in file.refused
    assert file.sha256 == sha256(content.encode()).hexdigest()
    assert (file.rows, file.format, file.version) == (0, "", None)
    assert desk.in_force() == {"east": ["8XKV41"]}


def test_a_file_that_is_not_there_is_unreadable_and_not_recorded(desk: Desk) -> None:
    loading = LoadHotlist(desk.files, desk.database.feed_history)
    with pytest.raises(UnreadableHotlist, match="No such file"):
        loading.load(Offer(desk.data / "nothing"), "east", now=NOW)
    assert records(desk.database) == 0


@pytest.mark.parametrize("name", ["", "../east", "a/b", ".hidden", "a b", "x" * 65, "é", "a\n"])
def test_a_feed_whose_name_could_be_a_path_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(InvalidFeedName):
        desk.load("8XKV41\n", name)
    assert desk.in_force() == {}


def test_checking_a_file_changes_nothing(desk: Desk) -> None:
    seen: list[bytes] = []
    loaded = check(desk.write("8XKV41\n?\n"), now=NOW, progress=seen.append)
    assert (loaded.rows, len(loaded.hotlist), len(loaded.rejects)) == (2, 1, 1)
    assert b"".join(seen) == b"8XKV41\n?\n"
    assert not (desk.data / "hotlist").exists()


def test_only_the_first_thousand_rejects_are_kept_and_all_are_counted(desk: Desk) -> None:
    file = desk.load("8XKV41\n" + "?\n" * 1_001)
    assert (len(file.rejects), file.rejected, file.rows) == (1_000, 1_001, 1_002)


class Remembering:
    """A history that keeps what it is told in a list."""

    def __init__(self, files: list[FeedFile]) -> None:
        self.kept = files

    def add(self, file: FeedFile, _: object) -> None:
        self.kept.append(file)

    def latest(self) -> Sequence[FeedFile]:
        return self.kept

    def files(self, feed: str, *, before: int | None, limit: int) -> Sequence[FeedFile]:
        older = (file for file in self.kept if before is None or file.id < before)
        return [file for file in older if file.feed == feed][:limit]

    def newest_sequence(self, _: str) -> int | None:
        return None

    def file(self, feed: str, id_: int) -> FeedFile | None:
        return next((file for file in self.kept if (file.feed, file.id) == (feed, id_)), None)


class DiskFull(HotlistFiles):
    """A folder on which nothing can be written once `full` names the step that fails."""

    full = ""

    def keep(self, draft: Draft) -> HotlistVersion:
        if self.full == "keep":
            raise StorageUnavailable("no space left")
        return super().keep(draft)

    def put_in_force(self, name: str) -> None:
        if self.full == "put_in_force":
            raise StorageUnavailable("no space left")
        super().put_in_force(name)


@pytest.mark.parametrize(("step", "recorded"), [("keep", 1), ("put_in_force", 2)])
def test_a_step_that_fails_leaves_the_old_list_in_force(
    desk: Desk, step: str, recorded: int
) -> None:
    desk.files = files = DiskFull(desk.data / "hotlist")
    desk.load("8XKV41\n")
    files.full = step
    with pytest.raises(StorageUnavailable):
        desk.load("8XKV42\n")
    assert desk.in_force() == {"east": ["8XKV41"]}
    assert records(desk.database) == recorded
    files.full = ""
    third = desk.load("8XKV42\n8XKV43\n", "west")
    kept = ["8XKV42"] if recorded == 2 else ["8XKV41"]
    assert desk.in_force() == {"east": kept, "west": ["8XKV42", "8XKV43"]}
    assert third.added == 2


def test_a_history_that_cannot_be_written_leaves_the_old_list_in_force(desk: Desk) -> None:
    desk.load("8XKV41\n")
    path = desk.write("8XKV42\n")
    with pytest.raises(StorageUnavailable):
        LoadHotlist(desk.files, Broken([])).load(Offer(path), "east", now=NOW)
    assert desk.in_force() == {"east": ["8XKV41"]}


class Broken(Remembering):
    """A history that cannot be written."""

    def add(self, _file: FeedFile, _: object) -> None:
        raise StorageUnavailable("the database is locked")


def test_a_damaged_version_is_refused_until_its_feed_is_loaded_again(desk: Desk) -> None:
    desk.load("8XKV41\n", "east")
    name = desk.files.current()
    assert name is not None
    path = desk.data / "hotlist" / name / "east.jsonl"
    path.write_bytes(path.read_bytes().replace(b"41", b"42"))
    with pytest.raises(HotlistDamaged, match="feed east are not as they were"):
        desk.in_force()
    with pytest.raises(HotlistDamaged, match="feed east are not as they were"):
        desk.load("8XKV43\n", "west")
    assert desk.files.current() == name
    file = desk.load("8XKV44\n", "east")
    assert (file.added, file.withdrawn) == (1, 1)
    assert desk.in_force() == {"east": ["8XKV44"]}


def test_what_was_left_of_a_recorded_version_is_not_put_in_force(desk: Desk) -> None:
    desk.files = files = DiskFull(desk.data / "hotlist")
    desk.load("8XKV41\n")
    files.full = "put_in_force"
    with pytest.raises(StorageUnavailable):
        desk.load("8XKV42\n")
    files.full = ""
    (accepted,) = desk.database.feed_history.latest()
    assert accepted.version is not None
    (desk.data / "hotlist" / accepted.version / "version.json").unlink()
    desk.load("8XKV43\n", "west")
    assert desk.in_force() == {"east": ["8XKV41"], "west": ["8XKV43"]}


def test_two_loads_at_once_wait_for_one_another_and_both_count(desk: Desk) -> None:
    """The second is started while the first holds the lock, and ends only after it."""
    holding, go_on = Event(), Event()

    class Slow(HotlistFiles):
        def current(self) -> str | None:
            holding.set()
            assert go_on.wait(10)
            return super().current()

    path = desk.write("8XKV41\n")
    slow = LoadHotlist(Slow(desk.data / "hotlist"), desk.database.feed_history)
    quick = LoadHotlist(desk.files, desk.database.feed_history)
    first = Thread(target=slow.load, args=(Offer(path), "east"), kwargs={"now": NOW})
    second = Thread(target=quick.load, args=(Offer(path), "west"), kwargs={"now": NOW + 1})
    first.start()
    assert holding.wait(10)
    second.start()
    second.join(0.2)
    assert second.is_alive()
    go_on.set()
    first.join(10)
    second.join(10)
    assert desk.in_force() == {"east": ["8XKV41"], "west": ["8XKV41"]}


FORKS = multiprocessing.get_context("forkserver")
"""A process without threads that forks quickly."""
FORKS.set_forkserver_preload([__name__])

OPERATIONS = {"open", "os.mkdir", "os.rename"}
"""What Python reports before it is done; `os.replace` is a rename."""


def load_and_be_killed(data: Path, step: int) -> None:
    """Load a file, but be killed right before one of the file operations."""
    left = itertools.count(step, -1)

    def count(event: str, _: object) -> None:
        if event in OPERATIONS and next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with open_database(data=data) as database:
        desk = Desk(data, database)
        path = desk.write("8XKV42\n")
        sys.addaudithook(count)
        loading = LoadHotlist(desk.files, database.feed_history)
        loading.load(Offer(path), "east", now=NOW + 2 * MINUTE)


def test_a_load_killed_before_any_file_operation_leaves_old_or_new(tmp_path: Path) -> None:
    outcomes: list[tuple[str, str]] = []
    exit_code: int | None = -signal.SIGKILL
    while exit_code == -signal.SIGKILL:
        data = tmp_path / str(len(outcomes))
        with open_database(data=data) as database:
            Desk(data, database).load("8XKV41\n")
        child = FORKS.Process(target=load_and_be_killed, args=(data, len(outcomes)))
        child.start()
        child.join(30)
        exit_code = child.exitcode
        outcomes.append(what_is_left(data))
    assert exit_code == 0
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {("8XKV41", "8XKV41"), ("8XKV41", "8XKV42"), ("8XKV42", "8XKV42")}


def what_is_left(data: Path) -> tuple[str, str]:
    """Return the plate in force after a crash, and that after the next load of another feed."""
    with open_database(data=data) as database:
        desk = Desk(data, database)
        (crashed,) = desk.in_force()["east"]
        assert verify(database.audit).fault is None
        desk.now += 3 * MINUTE
        desk.load("8XKV43\n", "west")
        (repaired,) = desk.in_force()["east"]
        recorded = {file.feed: file.sha256 for file in database.feed_history.latest()}
        assert recorded["east"] == sha256(f"{repaired}\n".encode()).hexdigest()
        assert desk.in_force()["west"] == ["8XKV43"]
        assert not list((data / "hotlist").glob("unfinished-*"))
        return crashed, repaired


@pytest.mark.parametrize(
    "content",
    [
        "plate;category\n8XKV41;8XKV42\n8XKV43;robbery;8XKV44\n8XKV41 8XKV41;robbery\n",
        "8XKV41;robbery\n8XKV42;burglary\n",
        '{"plate": "8XKV41", "8XKV42": 1}\n{"plate": ["8XKV43"]}\n{"plate": "8XKV44"\n',
        '{"plate": "8XKV41", "validUntil": "8XKV42", "priority": "8XKV43", "country": "8XKV44"}\n',
        '{"plate": "8XKV41"}\n{"plate": "8XKV41"}\n',
        "8XKV41 8XKV42\n!!8XKV43!!\n",
    ],
)
def test_what_stays_of_a_file_holds_nothing_of_what_stood_in_it(desk: Desk, content: str) -> None:
    with suppress(UnreadableHotlist):
        desk.load(content)
    (kept,) = desk.database.feed_history.files("east", before=None, limit=9)
    assert kept.rejects or kept.refused
    assert "XKV" not in repr(kept)
