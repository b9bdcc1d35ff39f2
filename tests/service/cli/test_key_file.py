"""A file with a key: what is none, or what others may read, is told in one line, and at once."""

import os
from pathlib import Path

import pytest

from tests.service.cli.conftest import Call
from tests.service.folk import write_key

ASKED = ("audit", "export", "--by", "Synthetic Officer", "--reason", "a synthetic test")


@pytest.fixture
def key(call: Call, tmp_path: Path) -> str:
    """The key of an auditor."""
    who = ("--role", "auditor", "--organisation", "Synthetic Police", "--person", "Synthetic")
    issued = call("credential", "issue", *who, "--data", tmp_path / "data", "--json")
    return issued.out.partition('"key": "')[2].partition('"')[0]


@pytest.mark.parametrize("before", ["", "\ufeff", "\ufeff  "])
@pytest.mark.parametrize("after", ["", "\n", "\r\nmore\n"])
def test_a_key_is_taken_as_any_editor_leaves_it(
    call: Call, tmp_path: Path, key: str, before: str, after: str
) -> None:
    path = write_key(tmp_path / "auditor.key", f"{before}{key}{after}")
    told = call(*ASKED, "--key-file", path, "--data", tmp_path / "data")
    assert (told.code, "Synthetic Police" in told.out) == (0, True), told.err


@pytest.mark.timeout(20)
def test_what_is_no_file_is_told_and_not_waited_for(call: Call, tmp_path: Path, key: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path / "data", Path("/dev/zero")):
        told = call(*ASKED, "--key-file", path, "--data", tmp_path / "data")
        assert (told.code, told.out) == (2, "")
        assert told.err == (
            f"plate-match: --key-file {path}: cannot be read: it is no file; from a pipe it is "
            "taken with -\n"
        )
    assert key


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_file_that_others_may_reach_is_refused_with_what_to_do(
    call: Call, tmp_path: Path, key: str, mode: int
) -> None:
    path = write_key(tmp_path / "auditor.key", key)
    path.chmod(mode)
    told = call(*ASKED, "--key-file", path, "--data", tmp_path / "data")
    assert (told.code, told.out) == (2, "")
    assert f"--key-file: {path} is open to others; chmod 600 it, not {mode:o}" in told.err
    assert key not in told.err


def test_a_key_in_place_of_its_file_is_refused_and_not_repeated(
    call: Call, tmp_path: Path, key: str
) -> None:
    told = call(*ASKED, "--key-file", key, "--data", tmp_path / "data")
    assert (told.code, told.out) == (2, "")
    assert "--key-file: names a file, not the key itself" in told.err
    assert key not in told.err
