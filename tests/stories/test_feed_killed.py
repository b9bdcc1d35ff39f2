"""kill -9 of `feed take`, wherever it is: the file is loaded once, and list, history, audit agree.

All plates are synthetic.
"""

import json
import multiprocessing
import os
import re
import shutil
import signal
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from service import clock
from service.adapters.db import open_database
from service.adapters.hotlist_files import HotlistFiles
from service.cli.take_feeds import take
from service.usecases.audit import verify
from tests.service.feeds import DECLARED

FORKS = multiprocessing.get_context("forkserver")
"""A process without threads that forks quickly."""
FORKS.set_forkserver_preload([__name__])

MOMENTS = {
    "taking it": ("os.link", "b.csv"),
    "noting what is taken": ("open", "dropped.json"),
    "moving it into the inbox": ("os.rename", r"\.[0-9a-z]{13}"),
    "removing it from the drop folder": ("os.remove", "b.csv"),
    "removing its manifest from there": ("os.remove", "b.csv.manifest.json"),
    "writing entries": ("open", "east.jsonl"),
    "building what is searched": ("open", r".*\.listing.*"),
    "naming the version": ("os.rename", r"unfinished-\d+"),
    "putting it in force, on record already": ("open", "CURRENT.new"),
    "replacing the name in force": ("os.rename", "CURRENT.new"),
    "removing it from the inbox": ("os.remove", "file"),
    "removing the rest of it": ("os.rmdir", "[0-9a-z]{13}"),
}
"""What Python reports right before it is done, and the name of what it is done to."""

BEFORE = b"plate,reference\n8XKV41,SYN-1\n8XKV42,SYN-2\n"
AFTER = BEFORE + b"8XKV43,SYN-3\n"


def drop(data: Path, name: str, content: bytes, *, sequence: int) -> None:
    """Put a file in the drop folder with its manifest, a minute ago."""
    manifest = {
        "feed": "east",
        "sequence": sequence,
        "producedAt": clock.to_text(clock.now()),
        "kind": "full",
        "base": None,
        "rows": content.count(b"\n") - 1,
        "sha256": sha256(content).hexdigest(),
    }
    folder = data / "drop" / "east"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    (folder / f"{name}.manifest.json").write_text(json.dumps(manifest))
    for path in folder.iterdir():
        os.utime(path, (clock.now() / clock.SECOND - 60,) * 2)


def take_and_be_killed(data: Path, event: str, name: str) -> None:
    """Take what waits, but be killed right before this is done."""

    def look(happens: str, arguments: tuple[object, ...]) -> None:
        if happens == event and re.fullmatch(name, Path(str(arguments[0])).name):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
    take(data=data, as_json=True)


def take_twice(data: Path) -> None:
    """Take what waits, and what a mistake would leave."""
    take(data=data, as_json=True)
    take(data=data, as_json=True)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("prepared")
    (data / "feeds").mkdir()
    (data / "feeds" / "east.toml").write_text(f'origin = "drop"\n{DECLARED}')
    drop(data, "a.csv", BEFORE, sequence=1)
    assert exit_code(take_twice, data) == 0
    drop(data, "b.csv", AFTER, sequence=2)
    return data


def exit_code(what: object, *arguments: object) -> int | None:
    process = FORKS.Process(target=what, args=arguments)  # type: ignore[arg-type] # any of ours
    process.start()
    process.join(60)
    return process.exitcode


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_file_is_loaded_once_whenever_its_taking_is_killed(
    prepared: Path, tmp_path: Path, moment: str
) -> None:
    data = tmp_path / "data"
    shutil.copytree(prepared, data)
    assert exit_code(take_and_be_killed, data, *MOMENTS[moment]) == -signal.SIGKILL
    assert in_force(data) in ({"8XKV41", "8XKV42"}, {"8XKV41", "8XKV42", "8XKV43"})
    assert exit_code(take_twice, data) == 0
    assert in_force(data) == {"8XKV41", "8XKV42", "8XKV43"}
    with open_database(data=data) as database:
        assert verify(database.audit).fault is None
        newest, oldest = database.feed_history.files("east", before=None, limit=9)
    assert (newest.refused, newest.sequence, newest.added) == (None, 2, 1)
    assert (newest.version, oldest.sequence) == (HotlistFiles(data / "hotlist").current(), 1)
    assert list((data / "drop" / "east").iterdir()) == []
    assert [path for path in (data / "inbox" / "east").iterdir() if path.name[0] != "."] == []
    assert not list((data / "hotlist").glob("unfinished-*"))


def in_force(data: Path) -> set[str]:
    files = HotlistFiles(data / "hotlist")
    version = files.version(files.current() or "")
    return {str(entry.plate) for entry in files.entries(version, "east")}
