"""What came by itself and was refused for its size waits for two people. Plates are synthetic."""

import json
import stat
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from service import clock, ids
from service.adapters.db import open_database
from service.adapters.inbox import Inbox
from service.adapters.refused_files import RefusedFiles
from service.feed_records import FeedFile
from tests.service.cli.conftest import Call, Outcome
from tests.service.cli.test_feed import last_record, operator
from tests.service.feeds import DECLARED, Owner

TWO = b"plate,reference\n8XKV41,SYN-1\n8XKV42,SYN-2\n"
ONE = b"plate,reference\n8XKV41,SYN-1\n"
LOST = "lost: 1 of 2, at most 20.0% are allowed"


class Desk:
    """A data folder with a feed, a signing owner, and two operators with a key each."""

    def __init__(self, data: Path, call: Call) -> None:
        self.data, self.call, self.owner, self.sequence = data, call, Owner(), 0
        (data / "feeds").mkdir()
        declared = f'signature_key = "{self.owner.public}"\n{DECLARED}'
        (data / "feeds" / "east.toml").write_text(declared)
        self.keys = [
            word
            for option, person in (("--key-file", "A. One"), ("--second-key-file", "B. Two"))
            for word in (option, operator(call, data, person))
        ]

    def put(self, content: bytes) -> int:
        """Hand in the next file, signed."""
        self.sequence += 1
        now, rows = clock.now(), content.count(b"\n") - 1
        told = {"sequence": self.sequence, "producedAt": clock.to_text(now)}
        manifest = self.owner.manifest(content, rows=rows, **told)  # type: ignore[arg-type]  # names of a manifest
        id_ = ids.new_id(now)
        parts = {"file": content, "manifest": manifest, "signature": self.owner.signature(manifest)}
        Inbox(self.data).put("east", id_, {name: BytesIO(part) for name, part in parts.items()})
        return id_

    def take(self, content: bytes) -> str:
        """Hand a file in and have it loaded; return its id."""
        id_ = self.put(content)
        self.call("feed", "take", "--data", self.data)
        return ids.to_text(id_)

    def let_pass(self, id_: str, *more: object) -> Outcome:
        why = ("--override", "the owner confirmed it", *self.keys)
        load = ("feed", "load", "--refused", id_, "--feed", "east", *why)
        return self.call(*load, "--data", self.data, *more)

    def kept(self) -> list[str]:
        """Return the ids that the status tells of."""
        told = self.call("feed", "status", "--data", self.data, "--json")
        return [one["id"] for one in json.loads(told.out)["refused"]]

    def files(self) -> list[FeedFile]:
        with open_database(data=self.data) as database:
            return list(database.feed_history.files("east", before=None, limit=99))

    def last_header(self) -> dict[str, Any]:
        return last_record(self.data)[0]


@pytest.fixture
def desk(call: Call, tmp_path: Path) -> Desk:
    desk = Desk(tmp_path, call)
    desk.take(TWO)
    return desk


def test_two_people_let_a_file_pass_that_was_refused_before(desk: Desk) -> None:
    id_ = desk.take(ONE)
    shown = desk.call("feed", "status", "--data", desk.data).out
    assert f"feed east: file {id_} was refused at " in shown
    assert f"and is kept: {LOST}" in shown
    home = desk.data / "refused" / "east" / id_
    names = ("file", "file.manifest.json", "file.manifest.json.sig")
    assert {stat.S_IMODE((home / name).stat().st_mode) for name in names} == {0o600}
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (home, *home.parents[:2])} == {0o700}
    passed = desk.let_pass(id_)
    assert (passed.code, "1 of 1 rows in force" in passed.out) == (0, True), passed.err
    file, refused, _ = desk.files()
    assert (file.overridden, file.sequence, refused.refused) == (LOST, 2, LOST)
    assert desk.last_header()["refusedBefore"] == id_
    assert desk.kept() == []
    assert list((desk.data / "refused").glob("*/*")) == []
    again = desk.let_pass(id_)
    assert (again.code, "no such file is kept of this feed" in again.err) == (1, True)
    assert len(desk.files()) == 3


def test_what_was_refused_for_another_reason_is_not_kept(desk: Desk) -> None:
    desk.sequence = 0
    desk.take(TWO)
    assert (desk.files()[0].refused or "").startswith("sequence: ")
    assert desk.kept() == []
    assert not (desk.data / "refused").exists()


def test_of_each_feed_the_newest_is_kept_until_a_newer_one_is_accepted(desk: Desk) -> None:
    first, second = desk.take(ONE), desk.take(ONE)
    assert desk.kept() == [second]
    assert desk.let_pass(first).code == 1
    desk.take(TWO)
    assert desk.kept() == []
    assert list((desk.data / "refused").glob("*/*")) == []
    assert desk.let_pass(second).code == 1


def test_a_file_loaded_by_hand_makes_the_kept_one_useless(desk: Desk, tmp_path: Path) -> None:
    id_ = desk.take(ONE)
    (desk.data / "feeds" / "east.toml").write_text(DECLARED)
    path = tmp_path / "by-hand.csv"
    path.write_bytes(TWO)
    assert desk.call("feed", "load", path, "--feed", "east", "--data", desk.data).code == 0
    assert not (desk.data / "refused" / "east" / id_).exists()


@pytest.mark.parametrize("keys", [0, 2])
def test_it_takes_two_people_and_a_reason(desk: Desk, keys: int) -> None:
    id_ = desk.take(ONE)
    load = ("feed", "load", "--feed", "east", "--data", desk.data, *desk.keys[:keys])
    assert desk.call(*load, "--refused", id_).code == 2
    assert desk.call(*load, "--refused", id_, "--override", "so").code == 2
    assert desk.call("feed", "load", "--feed", "east", "--data", desk.data).code == 2
    both = desk.call(*load, desk.data / "feeds" / "east.toml", "--refused", id_)
    assert (both.code, "give a FILE, or --refused ID" in both.err) == (2, keys == 0)
    assert desk.kept() == [id_]


def test_a_suspended_feed_keeps_what_was_refused(desk: Desk) -> None:
    id_ = desk.take(ONE)
    on = ("--reason", "a test", "--data", desk.data)
    desk.call("feed", "suspend", "east", *on)
    refused = desk.let_pass(id_)
    assert (refused.code, "the feed is suspended" in refused.err) == (1, True)
    header, payload = last_record(desk.data)
    assert (header["action"], header["refusedBefore"]) == ("feed-file-refused", id_)
    assert (payload["person"], payload["secondPerson"]) == ("A. One", "B. Two")
    desk.call("feed", "resume", "east", *on)
    assert desk.kept() == [id_]
    assert desk.let_pass(id_).code == 0


def test_a_kept_file_that_was_changed_is_not_loaded(desk: Desk) -> None:
    id_ = desk.take(ONE)
    (desk.data / "refused" / "east" / id_ / "file").write_bytes(ONE.replace(b"41", b"43"))
    told = desk.let_pass(id_)
    assert (told.code, "is not the file that was refused" in told.err) == (1, True)


Kill = Callable[[pytest.MonkeyPatch], None]


def before_it_is_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(RefusedFiles, "keep", lambda *_: None)


def before_older_ones_go(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(RefusedFiles, "forget", lambda *_, **__: None)


@pytest.mark.parametrize("killed", [before_it_is_kept, before_older_ones_go])
def test_a_process_that_is_killed_while_it_keeps_a_file_loses_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, killed: Kill
) -> None:
    desk.take(ONE)
    with monkeypatch.context() as patch:
        killed(patch)
        id_ = desk.take(ONE)
    desk.call("feed", "take", "--data", desk.data)
    assert desk.kept() == [id_]
    assert Inbox(desk.data).waiting() == []
    assert desk.let_pass(id_).code == 0
    assert [file.refused for file in desk.files()] == [None, LOST, LOST, None]


def test_a_process_that_is_killed_once_it_has_loaded_a_kept_file_loads_it_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = desk.take(ONE)
    with monkeypatch.context() as patch:
        patch.setattr(RefusedFiles, "forget", lambda *_, **__: None)
        assert desk.let_pass(id_).code == 0
    assert (desk.data / "refused" / "east" / id_).exists()
    assert desk.kept() == []
    assert desk.let_pass(id_).code == 1
    assert desk.call("purge", "--data", desk.data).code == 0
    assert not (desk.data / "refused" / "east" / id_).exists()


def test_a_file_of_another_owner_is_copied_so_that_it_is_private(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = desk.put(ONE)
    path = desk.data / "inbox" / "east" / ids.to_text(id_) / "file"
    other = path.with_name("other")
    other.hardlink_to(path)
    other.chmod(0o644)
    with monkeypatch.context() as patch:
        patch.setattr("service.adapters.refused_files.os.geteuid", Mock(return_value=-1))
        desk.call("feed", "take", "--data", desk.data)
    kept = desk.data / "refused" / "east" / ids.to_text(id_) / "file"
    assert (kept.read_bytes(), stat.S_IMODE(kept.stat().st_mode)) == (ONE, 0o600)
    assert kept.stat().st_nlink == 1
