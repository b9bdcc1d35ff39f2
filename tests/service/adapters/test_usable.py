"""Why a folder cannot be worked in, as the process finds it that is to."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from service.adapters.usable import out_of_reach, unusable
from tests.service.folk import shut, somebody


def link(path: Path, target: str) -> Path:
    path.symlink_to(target)
    return path


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def file(path: Path) -> Path:
    path.touch()
    return path


def loop(path: Path) -> Path:
    link(path, f"{path.name}.back")
    link(path.with_name(f"{path.name}.back"), path.name)
    return path


BAD: dict[str, tuple[Callable[[Path], Path], str]] = {
    "dangling": (lambda path: link(path, "nowhere"), "is a link to what is not there; make that"),
    "loop": (loop, "cannot be reached: Too many levels of symbolic links; name another"),
    "file": (file, "is no folder; name one"),
    "pipe": (pipe, "is no folder; name one"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_folder_is_named_with_what_to_do(tmp_path: Path, kind: str) -> None:
    make, told = BAD[kind]
    path = make(tmp_path / "data")
    assert f"{path} {told}" in str(unusable(path))
    assert str(path) in str(unusable(path / "deep" / "in"))


def test_a_folder_that_is_there_or_can_be_made_is_of_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert unusable(tmp_path) is None
    assert unusable(tmp_path / "a" / "b") is None
    assert unusable(link(tmp_path / "link", str(tmp_path))) is None
    monkeypatch.chdir(tmp_path)
    assert unusable(Path("data")) is None


def test_a_folder_of_somebody_else_is_named_with_who_runs_this(place: Path) -> None:
    (place / "data").mkdir()
    data = shut(place / "data")
    with somebody() as user:
        told = str(unusable(data))
        inside = str(unusable(data / "in"))
    assert f"{data} cannot be read or written or entered by user {user}" in told
    assert "chown it" in told or "chmod u+rwX it" in told
    assert str(data) in inside


def test_where_nothing_can_be_made_the_folder_that_is_to_hold_it_is_named(place: Path) -> None:
    place.chmod(0o555)
    with somebody() as user:
        told = str(unusable(place / "data"))
    assert f"{place / 'data'} is not there, and cannot be made: {place} cannot be written" in told
    assert f"user {user}" in told


def test_what_is_mounted_for_reading_only_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.statvfs(tmp_path)
    fields = list(real)
    fields[8] |= os.ST_RDONLY
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(fields))
    monkeypatch.setattr(os, "access", lambda _, bit, **__: bit != os.W_OK)
    monkeypatch.setattr(os, "supports_effective_ids", {os.access})
    told = str(unusable(tmp_path))
    assert "cannot be written" in told
    assert told.endswith("mounted for reading only")


def test_what_has_gone_meanwhile_is_in_nobodys_way(tmp_path: Path) -> None:
    assert out_of_reach(tmp_path / "gone", os.R_OK) is None
