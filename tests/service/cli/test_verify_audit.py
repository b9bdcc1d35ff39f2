import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from service.adapters.db import open_database
from service.cli import audit, workers
from service.ports import StorageUnavailable
from service.usecases.audit import spans_of
from tests.service.cli.conftest import Call
from tests.service.db.synthetic import event

RECORDS = 11
WHOLE = {"records": RECORDS, "erased": 0, "fault": None}


@pytest.fixture(autouse=True)
def side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes check spans of three records each, the last two are checked by this one."""
    monkeypatch.setattr(audit, "SPAN", 3)
    monkeypatch.setattr(audit, "cores", lambda: 2)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with open_database(data=tmp_path) as database:
        for number in range(RECORDS):
            database.audit.add(event(number=number))
    return tmp_path


def change(data: Path, statement: str) -> None:
    with closing(sqlite3.connect(data / "plate-match.sqlite")) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(statement)


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_long_audit_is_verified_by_several_processes(
    data: Path, call: Call, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    monkeypatch.setattr(workers, "START", start)
    told = call("audit", "verify", "--json", "--data", str(data))
    assert (told.code, json.loads(told.out)) == (
        0,
        {"records": RECORDS, "erased": 0, "fault": None},
    )


@pytest.mark.parametrize("seq", [1, 3, 4, 9, 10, 11])
def test_the_first_bad_record_is_named_whoever_checked_it(data: Path, call: Call, seq: int) -> None:
    change(data, f"UPDATE audit SET header = x'00' WHERE seq >= {seq}")  # noqa: S608
    told = call("audit", "verify", "--data", str(data))
    assert told.code == 1
    assert f"broken at record {seq}: its header, payload digest or hash was changed" in told.err


@pytest.mark.parametrize("seq", [3, 9])
def test_a_missing_record_between_two_spans_is_named(data: Path, call: Call, seq: int) -> None:
    change(data, f"DELETE FROM audit WHERE seq = {seq}")  # noqa: S608
    told = call("audit", "verify", "--data", str(data))
    assert f"broken at record {seq}: record {seq} is missing" in told.err


def test_what_a_process_cannot_read_is_walked_once_more(
    data: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers that are forked cannot read here."""

    def unread(*_: object, **__: object) -> None:
        raise StorageUnavailable

    monkeypatch.setattr(audit, "check", unread)
    told = call("audit", "verify", "--json", "--data", str(data))
    assert (told.code, json.loads(told.out)) == (
        0,
        {"records": RECORDS, "erased": 0, "fault": None},
    )


def test_spans_follow_one_another_and_leave_the_rest(data: Path) -> None:
    with open_database(data=data) as database:
        spans = spans_of(database.audit, 3)
    assert [(span.after, span.upto) for span in spans] == [(0, 3), (3, 6), (6, 9)]
