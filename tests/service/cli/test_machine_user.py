import json
import os
import pwd
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from service.adapters.db import open_database
from service.chain import opened
from service.cli.machine_user import machine_user
from tests.service.cli.conftest import Call

NAME = pwd.getpwuid(os.geteuid()).pw_name


def no_terminal() -> str:
    raise OSError


@pytest.fixture(autouse=True)
def in_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody logged in at a terminal."""
    monkeypatch.setattr(os, "getlogin", no_terminal)


def records(data: Path) -> Iterable[tuple[dict[str, Any], dict[str, Any] | None]]:
    with open_database(data=data) as database, database.audit.rows() as rows:
        return [opened(row) for row in rows]


def test_who_is_not_named_by_the_machine_goes_by_their_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert machine_user() == NAME
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    assert machine_user() == "4000000"


def test_who_became_another_user_is_named_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getlogin", lambda: "sample")
    assert machine_user() == f"sample as {NAME}"
    monkeypatch.setattr(os, "getlogin", lambda: NAME)
    assert machine_user() == NAME


def test_what_a_command_does_is_on_record_with_its_user(call: Call, tmp_path: Path) -> None:
    data = ("--data", tmp_path)
    feed = tmp_path / "list.txt"
    feed.write_text("8-XKV-41\n")  # synthetic
    asked = ("--role", "guard", "--organisation", "Synthetic Security", "--json", *data)
    issued = json.loads(call("credential", "issue", *asked).out)
    for words in (
        ("credential", "list"),
        ("credential", "rotate", issued["id"]),
        ("credential", "revoke", issued["id"]),
        ("feed", "load", feed, "--feed", "east"),
        ("feed", "suspend", "east", "--reason", "a test"),
        ("feed", "resume", "east", "--reason", "a test"),
        ("freeze", "--reason", "a test"),
        ("thaw", "--reason", "a test"),
    ):
        assert call(*words, *data).code == 0
    told = {header["action"]: payload and payload["user"] for header, payload in records(tmp_path)}
    assert told == dict.fromkeys(
        (
            "credential-issued",
            "credentials-listed",
            "credential-rotated",
            "credential-revoked",
            "feed-file-accepted",
            "feed-suspended",
            "feed-rolled-back",
            "hotlist-frozen",
            "hotlist-thawed",
        ),
        NAME,
    )
