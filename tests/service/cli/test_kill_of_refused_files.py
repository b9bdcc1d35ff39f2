"""kill -9 while a refused file is kept, or loaded: none is lost, none loaded twice.

All plates are synthetic.
"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from service import ids
from service.adapters.inbox import Inbox
from tests.service.cli.conftest import Call
from tests.service.cli.test_refused_files import LOST, ONE, TWO, Desk

DIES = """
import os
import sys
from service.adapters.db.feed_history import SqlFeedHistory
from service.adapters.hotlist_files import HotlistFiles
from service.adapters.inbox import Inbox
from service.adapters.refused_files import RefusedFiles
from service.cli.app import run

owner, name, when = sys.argv.pop(1).split(".")
of = globals()[owner]
does = getattr(of, name)

def dies(*given, **named):
    if when == "after":
        does(*given, **named)
    os.kill(os.getpid(), 9)

setattr(of, name, dies)
raise SystemExit(run())
"""


def killed(point: str, *words: object) -> None:
    """Run a command that is killed at a point."""
    command = [sys.executable, "-c", DIES, point, *map(str, words)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.fixture
def desk(call: Call, tmp_path: Path) -> Desk:
    desk = Desk(tmp_path, call)
    desk.take(TWO)
    return desk


@pytest.mark.parametrize(
    "point",
    [
        "Inbox.begin.after",
        "SqlFeedHistory.add.before",
        "SqlFeedHistory.add.after",
        "RefusedFiles.keep.after",
        "RefusedFiles.forget.before",
    ],
)
def test_a_file_that_is_refused_is_kept_whenever_its_process_is_killed(
    desk: Desk, point: str
) -> None:
    desk.take(ONE)
    id_ = ids.to_text(desk.put(ONE))
    killed(point, "feed", "take", "--data", desk.data)
    desk.call("feed", "take", "--data", desk.data)
    assert (desk.kept(), Inbox(desk.data).waiting()) == ([id_], [])
    assert [file.refused for file in desk.files()] == [LOST, LOST, None]
    assert desk.let_pass(id_).code == 0


@pytest.mark.parametrize(
    ("point", "again"),
    [
        ("HotlistFiles.keep.after", 0),
        ("SqlFeedHistory.add.after", 1),
        ("HotlistFiles.put_in_force.before", 1),
        ("RefusedFiles.forget.before", 1),
    ],
)
def test_a_file_that_is_let_pass_is_loaded_once_whenever_its_process_is_killed(
    desk: Desk, point: str, again: int
) -> None:
    id_ = desk.take(ONE)
    why = ("--override", "the owner confirmed it", *desk.keys)
    killed(point, "feed", "load", "--refused", id_, "--feed", "east", *why, "--data", desk.data)
    assert desk.let_pass(id_).code == again
    assert [file.refused for file in desk.files()] == [None, LOST, None]
    assert desk.kept() == []
    desk.take(TWO)  # what follows puts in force what was on record, before its own work
    assert [(file.added, file.withdrawn) for file in desk.files()[:2]] == [(1, 0), (0, 1)]
