import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from service.adapters.db import open_database
from service.records import Caller, Role
from tests.service.cli.conftest import Call

ISSUE = ("credential", "issue", "--organisation", "Synthetic Security")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_key_is_printed_once_and_works(call: Call, data: Path) -> None:
    told = call(*ISSUE, "--role", "guard", "--person", "Synthetic A", "--data", data)
    issued = json.loads(told.out)
    assert set(issued) == {"id", "key", "role", "organisation", "person"}
    assert told.err == "This is the only time the key is shown.\n"
    with open_database(data=data) as database:
        caller = database.credentials.identify(issued["key"])
    who = (issued["id"], Role.GUARD, "Synthetic Security", "Synthetic A")
    assert caller == Caller(*who, purpose="offences")


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_its_key(call: Call, data: Path, role: str) -> None:
    told = call(*ISSUE, "--role", role, "--data", data, "--json")
    assert (told.code, told.err) == (0, "")
    assert json.loads(told.out)["role"] == role
    assert told.out.count("\n") == 1


def test_list_shows_everybody_and_never_a_key(call: Call, data: Path) -> None:
    data.mkdir()
    assert call("credential", "list", "--data", data).out == "no credential has been issued\n"
    guard = json.loads(call(*ISSUE, "--role", "guard", "--data", data, "--json").out)
    call(*ISSUE, "--role", "auditor", "--data", data)
    call("credential", "revoke", guard["id"], "--data", data)
    page = call("credential", "list", "--data", data).out
    document = call("credential", "list", "--data", data, "--json").out
    assert guard["key"] not in page + document
    assert guard["id"] in page
    first, second = json.loads(document)
    assert (first["id"], first["role"], second["role"]) == (guard["id"], "guard", "auditor")
    assert first["revokedAt"] is not None
    assert second["revokedAt"] is None
    told = {"id", "role", "organisation", "person", "issuedAt", "expiresAt", "revokedAt", "issuer"}
    assert set(first) == told | {"device", "purpose", "incident"}


def test_a_revoked_key_is_nobody_and_revoking_again_changes_nothing(call: Call, data: Path) -> None:
    issued = json.loads(call(*ISSUE, "--role", "guard", "--data", data, "--json").out)
    first = call("credential", "revoke", issued["id"], "--data", data)
    assert first.out == f"{issued['id']} (guard, Synthetic Security) is revoked\n"
    again = [call("credential", "revoke", issued["id"], "--data", data, "--json") for _ in "ab"]
    assert again[0] == again[1]
    with open_database(data=data) as database:
        assert database.credentials.identify(issued["key"]) is None


def test_a_rotated_key_is_followed_by_a_new_one_of_the_same_holder(call: Call, data: Path) -> None:
    holder = ("--role", "guard", "--person", "Synthetic A", "--data", data)
    old = json.loads(call(*ISSUE, *holder, "--valid-days", "2", "--json").out)
    assert old["expiresAt"].endswith("Z")
    told = call("credential", "rotate", old["id"], "--data", data, "--overlap", "0")
    new = json.loads(told.out)
    assert told.err == "This is the only time the key is shown.\n"
    assert new["replaces"]["id"] == old["id"]
    same = ("role", "organisation", "person", "expiresAt")
    assert [new[name] for name in same] == [old[name] for name in same]
    with open_database(data=data) as database:
        assert database.credentials.identify(old["key"]) is None
        assert database.credentials.identify(new["key"]) is not None
    first, second = json.loads(call("credential", "list", "--data", data, "--json").out)
    assert (first["expiresAt"], second["expiresAt"]) == (
        new["replaces"]["expiresAt"],
        old["expiresAt"],
    )
    again = call("credential", "rotate", old["id"], "--data", data)
    assert (again.code, again.out) == (1, "")
    assert "past its end" in again.err


def test_an_overlap_is_a_day_unless_it_is_said(call: Call, data: Path) -> None:
    old = json.loads(call(*ISSUE, "--role", "guard", "--data", data, "--json").out)
    rotate = ("credential", "rotate", old["id"], "--data", data, "--json")
    new = json.loads(call(*rotate).out)
    assert "expiresAt" not in new
    issued = json.loads(call("credential", "list", "--data", data, "--json").out)[1]["issuedAt"]
    span = datetime.fromisoformat(new["replaces"]["expiresAt"]) - datetime.fromisoformat(issued)
    assert span == timedelta(days=1)
    assert call(*rotate, "--overlap", "9999").code == 2


def test_an_unknown_id_is_refused(call: Call, data: Path) -> None:
    data.mkdir()
    told = call("credential", "revoke", "nobody", "--data", data)
    assert (told.code, told.out) == (1, "")
    assert "there is no credential with this id" in told.err


def test_wrong_names_are_exit_code_2(call: Call, data: Path) -> None:
    told = call("credential", "issue", "--role", "guard", "--organisation", " ", "--data", data)
    assert (told.code, told.out) == (2, "")
    assert "organisation is empty" in told.err
    assert call(*ISSUE, "--role", "chief", "--data", data).code == 2


def test_looking_into_a_folder_that_is_not_there_is_no_empty_answer(call: Call, data: Path) -> None:
    for command in (("credential", "list"), ("audit", "verify"), ("credential", "revoke", "x")):
        told = call(*command, "--data", data)
        assert told.code == 2
        assert "there is no data folder" in told.err
    assert not data.exists()


def test_a_whole_chain_verifies(call: Call, data: Path) -> None:
    call(*ISSUE, "--role", "guard", "--data", data)
    call(*ISSUE, "--role", "auditor", "--data", data)
    told = call("audit", "verify", "--data", data)
    assert (told.code, told.out, told.err) == (0, "2 records are as they were written\n", "")
    document = json.loads(call("audit", "verify", "--data", data, "--json").out)
    assert document == {"records": 2, "erased": 0, "fault": None}


def test_a_changed_record_is_found_and_named(call: Call, data: Path) -> None:
    for role in ("guard", "auditor", "operator"):
        call(*ISSUE, "--role", role, "--data", data)
    with closing(sqlite3.connect(data / "plate-match.sqlite")) as connection, connection:
        connection.execute("DELETE FROM audit_payload WHERE seq = 1")
        connection.execute("UPDATE audit SET header = CAST('{}' AS BLOB) WHERE seq = 2")
    told = call("audit", "verify", "--data", data)
    assert told.code == 1
    assert told.out == "1 records are as they were written, the personal part of 1 erased\n"
    assert told.err.startswith("plate-match: the chain is broken at record 2: ")
    document = json.loads(call("audit", "verify", "--data", data, "--json").out)
    assert document["fault"]["seq"] == 2
    assert (document["records"], document["erased"]) == (1, 1)


def test_what_the_operator_cut_off_is_found_by_what_a_witness_was_told(
    call: Call, data: Path, tmp_path: Path
) -> None:
    for role in ("guard", "auditor", "operator"):
        call(*ISSUE, "--role", role, "--data", data)
    witness = tmp_path / "witness.jsonl"
    witness.write_text(call("audit", "head", "--data", data).out)
    told = call("audit", "verify", "--witness", witness, "--data", data)
    assert told.out.splitlines()[1] == "a witness was told 1 heads, the last of record 3"
    with closing(sqlite3.connect(data / "plate-match.sqlite")) as connection, connection:
        connection.execute("DELETE FROM audit_payload WHERE seq = 3")
        connection.execute("DELETE FROM audit WHERE seq = 3")
    assert call("audit", "verify", "--data", data).code == 0
    told = call("audit", "verify", "--witness", witness, "--data", data)
    assert told.code == 1
    assert "broken at record 3: the witness was told of record 3: the end was cut off" in told.err


@pytest.mark.parametrize(
    ("said", "answer"),
    [(None, "cannot be read"), ("", "was told nothing yet"), ("x", "in witness, line 1")],
)
def test_a_witness_that_says_nothing_is_told_apart_from_one_that_agrees(
    call: Call, data: Path, tmp_path: Path, *, said: str | None, answer: str
) -> None:
    call(*ISSUE, "--role", "guard", "--data", data)
    witness = tmp_path / "witness"
    if said is not None:
        witness.write_text(said)
    told = call("audit", "verify", "--witness", witness, "--data", data)
    assert (told.code, told.out) == (2, "")
    assert answer in told.err


def test_of_nothing_there_is_no_head(call: Call, data: Path) -> None:
    call("credential", "list", "--data", data)
    data.mkdir(exist_ok=True)
    told = call("audit", "head", "--data", data)
    assert (told.code, told.out) == (1, "")
    assert "nothing is on record yet" in told.err


def test_a_purge_tells_how_many_of_each_kind_it_erased(call: Call, data: Path) -> None:
    call(*ISSUE, "--role", "guard", "--data", data)
    told = call("purge", "--data", data)
    assert (told.code, told.err) == (0, "")
    assert ["sightings", "without", "hit", "0"] in [line.split() for line in told.out.splitlines()]
    document = json.loads(call("purge", "--data", data, "--json").out)
    assert document == dict.fromkeys(
        (
            "sightings-without-hit",
            "sightings-with-hit",
            "entries",
            "audit-payloads",
            "passes",
            "credentials",
            "devices",
            "people",
            "hotlist-versions",
            "refused-feed-files",
        ),
        0,
    )
    assert call("purge", "--data", data / "none").code == 2


@pytest.mark.parametrize("days", ["nan", "inf", "-1", "1e400", "٣x", ""])
def test_a_time_that_is_no_number_is_wrong_use(call: Call, tmp_path: Path, days: str) -> None:
    issue = ("credential", "issue", "--role", "guard", "--organisation", "Synthetic")
    rotate = ("credential", "rotate", "x")
    for command, option in (
        (issue, "--valid-days"),
        (rotate, "--valid-days"),
        (rotate, "--overlap"),
    ):
        told = call(*command, option, days, "--data", tmp_path)
        assert (told.code, told.out) == (2, "")
        assert option in told.err
    assert not (tmp_path / "plate-match.sqlite").exists()
