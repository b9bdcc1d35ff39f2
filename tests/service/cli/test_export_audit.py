"""What a privacy audit asks for, by person, plate and period. All plates are synthetic."""

import csv
import json
import sqlite3
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from service import clock
from service.adapters.db import open_database
from service.cli.machine_user import machine_user
from service.records import AuditEvent, Role
from service.usecases.credentials import issue
from tests.service.cli.conftest import Call
from tests.service.folk import write_key

NOON = 1_795_521_600_000_000
"""2026-11-24T12:00:00Z"""

ASKED = ("audit", "export", "--by", "A. Uditor", "--reason", "yearly check")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    header = {"credential": "c1", "organisation": "Synthetic Security", "purpose": "offences"}
    with open_database(data=tmp_path) as database:
        for hour, person, payload in (
            (0, "G. One", {"reads": ["8-XKV-41"], "shown": []}),
            (1, "G. Two", {"reads": ["12-AB-34"], "shown": [{"plate": "8XKV41"}]}),
            (2, "G. Two", {"reads": ["=1+1"], "shown": []}),
            (3, "=cmd()", {"filters": {"plate": "8XKV41"}}),
        ):
            at = NOON + hour * clock.HOUR
            said = AuditEvent(at, "tried", header, {"person": person, **payload})
            database.audit.add(said)
    return tmp_path


@pytest.fixture
def key(data: Path) -> Path:
    """A file with the key of an auditor."""
    return key_of(data, Role.AUDITOR)


def key_of(data: Path, role: Role) -> Path:
    with open_database(data=data) as database:
        _, key = issue(
            database.credentials, role, "Synthetic Police", person="A. K.", now=clock.now()
        )
    path = data / f"{role}.key"
    write_key(path, f"{key}\n")
    return path


def exported(call: Call, data: Path, key: Path, *words: str) -> list[dict[str, Any]]:
    told = call(*ASKED, "--key-file", key, *words, "--data", data)
    assert told.code == 0
    lines = [json.loads(line) for line in told.out.splitlines()]
    records = "1 record" if len(lines) == 1 else f"{len(lines)} records"
    assert told.err == f"{records}; the export is on record itself\n"
    return [line for line in lines if line["action"] == "tried"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), [1, 2, 3, 4]),
        (("--person", "G. Two"), [2, 3]),
        (("--plate", "8-xkv-41"), [1, 2, 4]),
        (("--plate", "8XKV41", "--person", "G. Two"), [2]),
        (("--since", "2026-11-24T14:00:00+01:00"), [2, 3, 4]),
        (("--until", "2026-11-24T13:00:00Z"), [1]),
        (("--plate", "GV123B"), []),
    ],
)
def test_records_are_found_by_person_plate_and_period(
    call: Call, data: Path, key: Path, *, words: tuple[str, ...], found: list[int]
) -> None:
    assert [line["seq"] for line in exported(call, data, key, *words)] == found


def test_an_export_is_on_record_with_what_was_asked_for(call: Call, data: Path, key: Path) -> None:
    exported(call, data, key, "--plate", "8XKV41", "--since", "2026-11-24T12:00:00Z")
    with open_database(data=data) as database, database.audit.rows() as rows:
        *_, last = rows
    header, payload = json.loads(last.header), json.loads(last.payload or b"")
    assert (header["action"], header["since"]) == ("audit-exported", "2026-11-24T12:00:00Z")
    assert b"8XKV41" not in last.header
    assert (header["opened"], header["role"], header["organisation"]) == (
        True, "auditor", "Synthetic Police"
    )  # fmt: skip
    assert header["credential"]
    assert header["purpose"] == "supervision"
    assert payload == {
        "by": "A. Uditor", "reason": "yearly check", "person": "A. K.",
        "filters": {"person": None, "plate": "8XKV41"}, "user": machine_user(),
    }  # fmt: skip


def test_who_was_searched_for_is_found_by_their_name(call: Call, data: Path, key: Path) -> None:
    exported(call, data, key, "--person", "G. Two")
    told = call(*ASKED, "--key-file", key, "--person", "G. Two", "--data", data)
    before, itself = [json.loads(line) for line in told.out.splitlines()][-2:]
    assert [before["action"], itself["action"]] == ["audit-exported"] * 2
    assert before["personal"]["filters"]["person"] == "G. Two"


def test_what_was_erased_is_told_as_such_and_found_by_its_time_alone(
    call: Call, data: Path, key: Path
) -> None:
    with open_database(data=data) as database:
        done = AuditEvent(clock.now(), "erased", {}, {})
        assert database.erasure.audit_payloads(NOON + 1, done) == 1
    first = exported(call, data, key)[0]
    assert (first["seq"], first["personal"]) == (1, None)
    assert [line["seq"] for line in exported(call, data, key, "--person", "G. One")] == []


def test_as_csv_no_cell_is_a_formula(call: Call, data: Path, key: Path, tmp_path: Path) -> None:
    output = tmp_path / "audit.csv"
    told = call(*ASKED, "--key-file", key, "--csv", "--output", output, "--data", data)
    assert (told.code, told.out) == (0, "")
    rows = list(csv.DictReader(StringIO(output.read_text())))
    assert [row["person"] for row in rows[:4]] == ["G. One", "G. Two", "G. Two", "'=cmd()"]
    assert rows[0]["at"] == "2026-11-24T12:00:00Z"
    assert json.loads(rows[1]["personal"])["shown"] == [{"plate": "8XKV41"}]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n", '"\r"', ",\r,", "\0"])
def test_a_text_of_several_lines_comes_back_from_csv_as_it_was(
    call: Call, data: Path, key: Path, tmp_path: Path, end: str
) -> None:
    name = f"G. One{end}G. Two"
    with open_database(data=data) as database:
        header = {"credential": f"c{end}1", "organisation": name}
        database.audit.add(AuditEvent(NOON, "tried", header, {"person": name}))
    output = tmp_path / "audit.csv"
    told = call(*ASKED, "--key-file", key, "--csv", "--output", output, "--data", data)
    assert told.code == 0
    with output.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    (row,) = (one for one in rows if one["seq"] == "6")
    assert (row["person"], row["organisation"], row["credential"]) == (name, name, f"c{end}1")
    assert [one["seq"] for one in rows] == [str(number + 1) for number in range(len(rows))]


def test_every_fault_is_named_and_nothing_is_on_record(call: Call, data: Path) -> None:
    wrong = ("audit", "export", "--by", " ", "--reason", "", "--since", "noon", "--plate", "!")
    told = call(*wrong, "--data", data)
    assert (told.code, told.out) == (2, "")
    for option in ("--by", "--reason", "--since", "--plate"):
        assert f"{option}: " in told.err
    with open_database(data=data) as database:
        head = database.audit.head()
    assert head is not None
    assert head.seq == 4


def test_without_a_key_nothing_personal_is_written(call: Call, data: Path) -> None:
    told = call(*ASKED, "--data", data)
    assert told.code == 0
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert [line["personal"] for line in lines] == [None] * 5
    assert "8-XKV-41" not in told.out
    assert "without --key-file" in told.err
    assert lines[-1]["personal"] is None
    refused = call(*ASKED, "--plate", "8XKV41", "--person", "G. One", "--data", data)
    assert (refused.code, refused.out) == (2, "")
    assert "--plate: is personal" in refused.err
    assert "--person: is personal" in refused.err


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_the_key_of_nobody_but_an_auditor_opens_what_is_personal(
    call: Call, data: Path, role: Role
) -> None:
    told = call(*ASKED, "--key-file", key_of(data, role), "--data", data)
    assert (told.code, told.out) == (1, "")
    assert "not that of an auditor" in told.err
    last = exported_headers(data)[-1]
    assert (last["action"], last["role"]) == ("refused", role.value)
    assert (last["command"], last["organisation"]) == ("audit export", "Synthetic Police")


def test_a_key_that_is_none_is_refused_on_record_and_shown_nowhere(
    call: Call, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("pm_synthetic\n"))
    told = call(*ASKED, "--key-file", "-", "--data", data)
    assert (told.code, told.out) == (1, "")
    assert "pm_synthetic" not in told.err
    last = exported_headers(data)[-1]
    assert (last["action"], last["role"]) == ("refused", None)
    (data / "empty").touch()
    (data / "binary").write_bytes(b"\xff\n")
    (data / "empty").chmod(0o600)
    for name in ("empty", "binary", "gone"):
        told = call(*ASKED, "--key-file", data / name, "--data", data)
        assert (told.code, told.out) == (2, "")
        assert f"--key-file {data / name}: " in told.err


def exported_headers(data: Path) -> list[dict[str, Any]]:
    with open_database(data=data) as database, database.audit.rows() as rows:
        return [json.loads(row.header) for row in rows]


@pytest.mark.parametrize("change", ["header = '{}'", "header = x'00'", "header = '[1]'"])
def test_a_record_that_was_tampered_with_is_named_and_nothing_breaks(
    call: Call, data: Path, key: Path, change: str
) -> None:
    with closing(sqlite3.connect(data / "plate-match.sqlite")) as file, file:
        file.execute(f"UPDATE audit SET {change} WHERE seq = 2")  # noqa: S608 - of this test
    review = ("audit", "review", "--month", "2026-10", "--key-file", key)
    for command in ((*ASKED, "--key-file", key), review):
        told = call(*command, "--data", data)
        assert told.code == 1
        assert "record 2 of the audit is damaged" in told.err
        assert "Traceback" not in told.err
