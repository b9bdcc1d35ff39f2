"""A file that has its process killed is given up, and none waits for it. Plates are synthetic."""

import signal
import subprocess
import sys
import threading
import time
from io import BytesIO
from pathlib import Path
from unittest.mock import Mock

import pytest

from service import clock, ids
from service.adapters.db import open_database
from service.adapters.feed_folder import Declarations
from service.adapters.feed_intake import FeedIntake
from service.adapters.feed_pull import FeedPull
from service.adapters.inbox import Inbox
from service.ports import StorageUnavailable
from service.usecases.load_hotlist import LoadHotlist
from tests.service.cli.conftest import Call

LIST = b"plate,reference\n8XKV41,SYN-1\n"
DIES = """
import os
from service.cli.app import run
from service.usecases.load_hotlist import LoadHotlist

load = LoadHotlist.load

def dies(self, offer, feed, **more):
    if feed == "east":
        os.kill(os.getpid(), {signal})
    return load(self, offer, feed, **more)

LoadHotlist.load = dies
raise SystemExit(run())
"""


def put(data: Path, feed: str, content: bytes = LIST) -> int:
    id_ = ids.new_id(clock.now())
    Inbox(data).put(feed, id_, {"file": BytesIO(content)})
    return id_


def take(data: Path, told: signal.Signals) -> "subprocess.CompletedProcess[str]":
    """Take what waits in a process that is sent a signal by whatever loads the feed east."""
    command = [sys.executable, "-c", DIES.format(signal=int(told))]
    asked = [*command, "feed", "take", "--data", str(data)]
    return subprocess.run(asked, capture_output=True, text=True, check=False)


def test_a_file_that_has_its_process_killed_three_times_is_refused_and_others_go_on(
    tmp_path: Path,
) -> None:
    id_ = put(tmp_path, "east")
    put(tmp_path, "west")
    done = [take(tmp_path, signal.SIGKILL) for _ in range(4)]
    assert [one.returncode for one in done] == [-signal.SIGKILL] * 3 + [1]
    assert "feed west: 1 of 1 rows in force" in done[1].stdout
    assert "feed east: refused: killed: " in done[3].stdout
    assert Inbox(tmp_path).waiting() == []
    with open_database(data=tmp_path) as database:
        (file,) = database.feed_history.files("east", before=None, limit=9)
    assert (file.id, (file.refused or "")[:8]) == (id_, "killed: ")


def test_whoever_is_told_to_end_has_tried_nothing(tmp_path: Path, call: Call) -> None:
    put(tmp_path, "east")
    told = take(tmp_path, signal.SIGTERM)
    assert (told.returncode, told.stderr) == (
        128 + signal.SIGTERM,
        "plate-match: SIGTERM: what was not loaded waits for the next time\n",
    )
    (waiting,) = Inbox(tmp_path).waiting()
    assert Inbox(tmp_path).tries(waiting) == 0
    assert call("feed", "take", "--data", tmp_path).out == "feed east: 1 of 1 rows in force\n"


def test_a_database_that_is_out_of_reach_is_no_fault_of_a_file(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "east")
    with monkeypatch.context() as patch:
        patch.setattr(LoadHotlist, "load", Mock(side_effect=StorageUnavailable("no room")))
        for _ in range(4):
            assert call("feed", "take", "--data", tmp_path).code == 1
    assert call("feed", "take", "--data", tmp_path).out == "feed east: 1 of 1 rows in force\n"


@pytest.mark.timeout(60)
def test_a_service_that_stops_counts_no_try(tmp_path: Path) -> None:
    rows = "".join(f"8XKV{number % 100:02},SYN-{number}\n" for number in range(200_000))
    put(tmp_path, "east", b"plate,reference\n" + rows.encode())
    inbox = Inbox(tmp_path)
    declarations = Declarations(tmp_path / "feeds")
    pulls = FeedPull(tmp_path / "feeds", inbox)
    intake = FeedIntake(tmp_path, declarations, inbox=inbox, pulls=pulls)
    looking = threading.Thread(target=intake.look)
    looking.start()
    (waiting,) = inbox.waiting()
    while not inbox.tries(waiting):
        time.sleep(0.01)
    intake.stop()
    looking.join()
    assert inbox.waiting() == [waiting]
    assert inbox.tries(waiting) == 0
