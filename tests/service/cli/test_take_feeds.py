"""`feed take`: what waits is loaded, once, and told of. All plates are synthetic."""

import json
import os
import shutil
import time
from io import BytesIO
from pathlib import Path
from unittest.mock import Mock

import pytest

from service import clock, ids
from service.adapters import inbox as inbox_module
from service.adapters.db import open_database
from service.adapters.durable import make_durable
from service.adapters.feed_folder import Declarations
from service.adapters.feed_intake import FeedIntake
from service.adapters.feed_pull import FeedPull
from service.adapters.inbox import Inbox
from service.errors import AlreadyRunning
from service.ports import StorageUnavailable
from service.usecases.gate import Standing
from service.usecases.load_hotlist import LoadHotlist
from tests.service.cli.conftest import Call
from tests.service.feeds import DECLARED, Owner

LIST = b"plate,reference\n8XKV41,SYN-1\n8XKV42,SYN-2\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "east.toml").write_text(f'origin = "drop"\n{DECLARED}')
    return tmp_path


def drop(data: Path, name: str, content: bytes) -> Path:
    path = data / "drop" / "east" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (clock.now() / clock.SECOND - 60,) * 2)
    return path


def put(data: Path, content: bytes, feed: str = "east") -> int:
    id_ = ids.new_id(clock.now())
    Inbox(data).put(feed, id_, {"file": BytesIO(content)})
    return id_


def test_nothing_waits_and_nothing_is_done(call: Call, data: Path) -> None:
    assert call("feed", "take", "--data", data).code == 0


def test_what_waits_is_loaded_and_what_is_refused_is_told(call: Call, data: Path) -> None:
    put(data, LIST)
    told = call("feed", "take", "--data", data)
    assert (told.code, told.out) == (0, "feed east: 2 of 2 rows in force\n")
    put(data, b"plate\n8XKV41\n")
    told = call("feed", "take", "--data", data)
    assert told.code == 1
    assert "feed east: refused: lost: " in told.out
    put(data, b"\x00\x01")
    told = call("feed", "take", "--data", data, "--json")
    assert (told.code, json.loads(told.out)["refused"][:8]) == (1, "format: ")
    assert Inbox(data).waiting() == []


def test_one_file_of_a_feed_is_taken_out_of_its_drop_folder_at_a_time(
    call: Call, data: Path
) -> None:
    first, second = drop(data, "a.csv", LIST), drop(data, "b.csv", LIST + b"8XKV43,SYN-3\n")
    assert call("feed", "take", "--data", data).out == "feed east: 2 of 2 rows in force\n"
    assert (first.exists(), second.exists()) == (False, True)
    assert call("feed", "take", "--data", data).out == "feed east: 3 of 3 rows in force\n"


def test_a_signed_feed_waits_for_manifest_and_signature(call: Call, data: Path) -> None:
    owner = Owner()
    declared = data / "feeds" / "east.toml"
    declared.write_text(f'signature_key = "{owner.public}"\n{declared.read_text()}')
    path = drop(data, "a.csv", LIST)
    manifest = owner.manifest(LIST, rows=2)
    assert call("feed", "take", "--data", data).out == ""
    drop(data, "a.csv.manifest.json", manifest)
    assert call("feed", "take", "--data", data).out == ""
    drop(data, "a.csv.manifest.json.sig", owner.signature(manifest))
    assert call("feed", "take", "--data", data).out == "feed east: 2 of 2 rows in force\n"
    assert list(path.parent.iterdir()) == []


def test_a_feed_that_asks_for_a_manifest_waits_for_it_and_takes_no_upload_without(
    call: Call, data: Path
) -> None:
    declared = data / "feeds" / "east.toml"
    declared.write_text(f"manifest = true\n{declared.read_text()}")
    path = drop(data, "a.csv", LIST)
    assert call("feed", "take", "--data", data).out == ""
    now = clock.to_text(clock.now())
    manifest = Owner().manifest(LIST, rows=2, producedAt=now)
    drop(data, "a.csv.manifest.json", manifest)
    assert call("feed", "take", "--data", data).out == "feed east: 2 of 2 rows in force\n"
    assert list(path.parent.iterdir()) == []
    put(data, LIST)
    told = call("feed", "take", "--data", data)
    assert "refused: manifest: is missing; the declaration asks for one" in told.out


def test_a_faulty_declaration_is_told_and_its_files_are_refused(call: Call, data: Path) -> None:
    (data / "feeds" / "east.toml").write_text("name = 1")
    put(data, LIST)
    told = call("feed", "take", "--data", data)
    assert told.code == 1
    assert "owner: is missing" in told.err
    with open_database(data=data) as database:
        (file,) = database.feed_history.files("east", before=None, limit=9)
    assert "the declaration of feed east" in (file.refused or "")


def test_a_file_that_was_loaded_but_not_removed_is_not_loaded_again(
    call: Call, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = put(data, LIST)
    with monkeypatch.context() as killed:
        killed.setattr(Inbox, "done", lambda *_: None)
        call("feed", "take", "--data", data)
    assert Inbox(data).is_waiting("east", id_)
    assert call("feed", "take", "--data", data).code == 0
    assert not Inbox(data).is_waiting("east", id_)
    with open_database(data=data) as database:
        files = database.feed_history.files("east", before=None, limit=9)
    assert [file.id for file in files] == [id_]


def test_one_file_of_a_feed_waits_at_a_time(data: Path) -> None:
    put(data, LIST)
    with pytest.raises(AlreadyRunning):
        put(data, LIST)
    put(data, LIST, "west")
    assert not list((data / "inbox").glob("*/.*"))


def test_what_somebody_began_to_hand_in_and_left_is_removed_after_an_hour(data: Path) -> None:
    drafts = [data / "inbox" / "east" / f".{name}" for name in ("old", "young")]
    for draft in drafts:
        draft.mkdir(parents=True)
    os.utime(drafts[0], (clock.now() / clock.SECOND - 3_700,) * 2)
    with Inbox(data).taking():
        assert [draft.exists() for draft in drafts] == [False, True]


def test_what_is_no_file_by_itself_is_left_alone_and_stops_no_other_feed(
    call: Call, data: Path
) -> None:
    west = DECLARED.replace("east", "west")
    (data / "feeds" / "west.toml").write_text(f'origin = "drop"\n{west}')
    for name in ("a", "b", "c"):
        drop(data, f"{name}.csv", LIST)
    east = data / "drop" / "east"
    (east / "a.csv.manifest.json").mkdir()
    os.mkfifo(east / "b.csv.manifest.json")
    (east / "c.csv.manifest.json").symlink_to("/etc/hosts")
    before = sorted(east.iterdir())
    (data / "drop" / "west").mkdir()
    shutil.copy2(east / "a.csv", data / "drop" / "west" / "a.csv")
    assert call("feed", "take", "--data", data).out == "feed west: 2 of 2 rows in force\n"
    assert sorted(east.iterdir()) == before


def test_a_name_as_long_as_names_may_be_is_taken(call: Call, data: Path) -> None:
    drop(data, "a" * 251 + ".csv", LIST)
    assert call("feed", "take", "--data", data).out == "feed east: 2 of 2 rows in force\n"


def test_a_file_that_another_user_owns_is_copied(
    call: Call, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "hardlink_to", Mock(side_effect=PermissionError))
    path = drop(data, "a.csv", LIST)
    assert call("feed", "take", "--data", data).out == "feed east: 2 of 2 rows in force\n"
    assert not path.exists()


def test_a_feed_that_cannot_be_brought_in_is_told_and_stops_no_other(
    call: Call, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(data, "a.csv", LIST)
    put(data, LIST, "west")
    monkeypatch.setattr(Inbox, "take", Mock(side_effect=StorageUnavailable("no room")))
    told = call("feed", "take", "--data", data)
    assert (told.out, told.err) == ("feed west: 2 of 2 rows in force\n", "feed east: no room\n")


def test_a_drop_folder_that_cannot_be_used_stops_no_other_feed(
    call: Call, data: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(data, "a.csv", LIST)
    with monkeypatch.context() as patched:
        patched.setattr("service.adapters.inbox.os.access", Mock(return_value=False))
        with pytest.raises(StorageUnavailable, match="cannot be moved: grant writing"):
            Inbox(data).take(path, "east", ids.new_id(clock.now()))
    assert path.exists()
    shutil.rmtree(path.parent)
    path.parent.write_text("no folder")
    declarations, inbox = Declarations(data / "feeds"), Inbox(data)
    intake = FeedIntake(data, declarations, inbox=inbox, pulls=FeedPull(data / "feeds", inbox))
    for _ in range(2):
        intake.look()
    (record,) = caplog.records
    assert record.getMessage() == "feed east: the drop folder cannot be read: Not a directory"
    put(data, LIST, "west")
    assert call("feed", "take", "--data", data).out == "feed west: 2 of 2 rows in force\n"


def test_a_file_that_this_program_fails_on_is_refused_and_stops_no_other(
    call: Call, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(data, LIST)
    put(data, b"plate\n8XKV43\n", "west")
    failing = Mock(side_effect=[OverflowError("8XKV41"), Standing()])
    monkeypatch.setattr(LoadHotlist, "_standing", failing)
    for feed in ("east", "west"):
        (waiting,) = (one for one in Inbox(data).waiting() if one.feed == feed)
        content = (waiting.folder / "file").read_bytes()
        rows = content.count(b"\n") - 1
        beside = waiting.folder / "file.manifest.json"
        now = clock.to_text(clock.now())
        beside.write_bytes(Owner(feed).manifest(content, rows=rows, producedAt=now))
    told = call("feed", "take", "--data", data)
    assert told.out.splitlines() == [
        "feed east: refused: this program fails on the file: OverflowError",
        "feed west: 1 of 1 rows in force",
    ]
    assert Inbox(data).waiting() == []


def test_of_two_files_of_a_feed_at_once_one_is_put_in(data: Path) -> None:
    class Other(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if not Inbox(data).waiting():
                put(data, LIST)
            return super().read(size)

    with pytest.raises(AlreadyRunning):
        Inbox(data).put("east", ids.new_id(clock.now()), {"file": Other(LIST)})
    assert len(Inbox(data).waiting()) == 1
    assert not list((data / "inbox").glob("*/.*"))


def test_what_loading_says_is_in_the_log_of_the_service_once(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (data / "feeds" / "west.toml").write_text("name = 1")
    declarations, inbox = Declarations(data / "feeds"), Inbox(data)
    intake = FeedIntake(data, declarations, inbox=inbox, pulls=FeedPull(data / "feeds", inbox))
    for _ in range(2):
        put(data, LIST, "west")
        intake.look()
    told = [record.getMessage() for record in caplog.records]
    assert sum(one.startswith("the declaration of feed west") for one in told) == 1
    # Two files are two refusals, though their reasons are the same.
    assert sum("was refused: the declaration" in one for one in told) == 2
    assert inbox.waiting() == []


def test_what_came_under_the_name_of_a_file_that_is_being_taken_is_not_removed(
    call: Call, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(data, "a.csv", LIST)

    def replaced(folder: Path) -> None:
        make_durable(folder)
        if folder.name == "east":  # it has just been moved into the inbox
            new = drop(data, "new.part", LIST + b"8XKV43,SYN-3\n")
            new.replace(new.with_name("a.csv"))

    with monkeypatch.context() as busy:
        busy.setattr(inbox_module, "make_durable", replaced)
        assert call("feed", "take", "--data", data).out == "feed east: 2 of 2 rows in force\n"
    assert (data / "drop" / "east" / "a.csv").read_bytes().endswith(b"SYN-3\n")


def test_nothing_is_taken_out_of_a_drop_folder_that_cannot_be_written(
    call: Call, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(data, "a.csv", LIST)
    writable = os.access

    def access(path: Path, mode: int, **how: bool) -> bool:
        return Path(path).parent.name != "drop" and writable(path, mode, **how)

    monkeypatch.setattr(os, "access", access)
    for _ in range(2):
        told = call("feed", "take", "--data", data)
        assert (told.out, told.err) == (
            "",
            "feed east: what is dropped there cannot be moved: grant writing\n",
        )


def test_what_cannot_be_removed_from_its_drop_folder_is_loaded_once(
    call: Call, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(data, "a.csv", LIST)
    with monkeypatch.context() as broken:
        broken.setattr(Path, "unlink", Mock(side_effect=PermissionError))
        for _ in range(2):
            call("feed", "take", "--data", data)
    call("feed", "take", "--data", data)
    with open_database(data=data) as database:
        assert len(database.feed_history.files("east", before=None, limit=9)) == 1
    assert list((data / "drop" / "east").iterdir()) == []
    assert Inbox(data).waiting() == []


def test_a_file_that_is_dated_ahead_is_taken_once_it_has_lain_there(data: Path) -> None:
    path = drop(data, "a.csv", LIST)
    os.utime(path, (clock.now() / clock.SECOND + 86_400,) * 2)
    declaration = Declarations(data / "feeds").of("east")
    assert declaration is not None
    inbox, now = Inbox(data), clock.now()
    assert list(inbox.dropped("east", declaration, now=now)) == []
    assert list(inbox.dropped("east", declaration, now=now + 10 * clock.SECOND)) == [path]


def test_what_cannot_be_loaded_is_tried_less_and_less_often(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds, tries = 1000.0, []
    inbox = Inbox(data)
    pulls = FeedPull(data / "feeds", inbox)
    intake = FeedIntake(data, Declarations(data / "feeds"), inbox=inbox, pulls=pulls)

    def fail(*_: object) -> None:
        tries.append(seconds)

    monkeypatch.setattr(FeedIntake, "_load", fail)
    monkeypatch.setattr(time, "monotonic", lambda: seconds)
    put(data, LIST)
    for _ in range(20):
        intake.look()
        seconds += 0.5
    assert tries == [1000.0, 1001.0, 1003.0, 1007.0]
    put(data, LIST, "west")
    intake.look()
    assert len(tries) == 5
