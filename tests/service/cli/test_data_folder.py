"""A data folder that is none, or somebody else's: one line and no traceback from every command."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.service.adapters.test_usable import BAD
from tests.service.cli.conftest import Call
from tests.service.folk import shut, somebody

WHO = ("--by", "Synthetic Officer", "--reason", "a synthetic test")
COMMANDS: Sequence[Sequence[str]] = (
    ("serve", "--port", "0"),
    ("serve", "--port", "0", "--workers", "2"),
    ("demo", "--port", "0"),
    ("feed", "status"),
    ("feed", "take"),
    ("credential", "list"),
    ("credential", "issue", "--role", "guard", "--organisation", "Synthetic"),
    ("audit", "verify"),
    ("audit", "head"),
    ("audit", "export", *WHO),
    ("purge",),
    ("subject", "8XKV41", *WHO),  # synthetic
    ("freeze", "--reason", "a synthetic test"),
)


def names(command: Sequence[str]) -> str:
    return " ".join(command[:2])


@pytest.mark.parametrize("kind", ["dangling", "loop"])
@pytest.mark.parametrize("command", COMMANDS, ids=names)
def test_a_link_that_leads_nowhere_is_told_in_one_line(
    call: Call, tmp_path: Path, command: Sequence[str], kind: str
) -> None:
    data = BAD[kind][0](tmp_path / "data")
    told = call(*command, "--data", data)
    assert told.code in {1, 2}
    assert told.out == ""
    assert told.err.startswith("plate-match: ")
    assert told.err.count("\n") == 1
    assert f"data: {data} " in told.err


@pytest.mark.parametrize("command", COMMANDS[:-1], ids=names)
def test_a_file_in_its_place_is_told_wherever_it_is_set(
    call: Call, tmp_path: Path, command: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = BAD["file"][0](tmp_path / "data")
    told = call(*command, "--data", data)
    assert (told.code, told.out) == (1 if command[0] == "serve" else 2, "")
    assert f"data: {data} is no folder; name one" in told.err
    if command[0] != "demo":  # which has a folder of its own
        monkeypatch.setenv("PLATE_MATCH_DATA", str(data))
        told = call(*command)
        assert told.code in {1, 2}
        assert f"data: {data} is no folder; name one" in told.err
        assert told.err.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS, ids=names)
def test_a_folder_of_somebody_else_is_told_in_one_line(
    call: Call, tmp_path: Path, place: Path, command: Sequence[str]
) -> None:
    call(*command, "--data", BAD["dangling"][0](tmp_path / "loads what the command needs"))
    (place / "data").mkdir()
    data = shut(place / "data")
    with somebody() as user:
        told = call(*command, "--data", data)
    assert told.code in {1, 2}
    assert told.err.startswith("plate-match: ")
    assert told.err.count("\n") == 1
    assert f"{data} cannot be read or written or entered by user {user}" in told.err


def test_a_file_that_is_shut_between_a_look_and_its_use_is_told_in_one_line(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.cli.store.unusable", lambda _: None)
    data = BAD["dangling"][0](tmp_path / "data")
    told = call("credential", "issue", "--role", "guard", "--organisation", "S", "--data", data)
    assert (told.code, told.out) == (1, "")
    assert told.err == f"plate-match: {data}: File exists\n"


@pytest.mark.parametrize("command", COMMANDS, ids=names)
@pytest.mark.parametrize("name", ["", " "])
def test_a_name_that_says_nothing_is_not_this_folder(
    call: Call, tmp_path: Path, command: Sequence[str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = call(*command, "--data", name)
    assert (told.code, told.out) == (2, "")
    assert "is empty; this folder is ." in told.err
    assert list(tmp_path.iterdir()) == []
