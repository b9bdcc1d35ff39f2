"""A service tells its witness of the audit, again and again. All plates are synthetic."""

import logging
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service.adapters.db import open_database
from service.adapters.witness_folder import heads_of
from service.app import create_app
from service.settings import Settings
from service.usecases.audit import verify
from tests.service.api.conftest import keys, load
from tests.service.api.harness import Harness
from tests.service.api.test_stand_down import soon

LISTED: dict[str, object] = {"plate": "8XKV41", "reference": "SYN-1", "category": "robbery"}


def service(data: Path, witness: Path) -> TestClient:
    settings = Settings(data=data, witness=witness, witness_minutes=0.001)
    return TestClient(create_app(settings), "http://127.0.0.1")


def test_what_was_done_is_told_to_the_witness_and_agrees(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    load(tmp_path / "data", (LISTED,))
    witness = tmp_path / "witness"
    witness.mkdir()
    with service(tmp_path / "data", witness) as client:
        desk = Harness(client, keys(tmp_path / "data"), tmp_path / "data")
        desk.report(read="8XKV41")
        with open_database(data=tmp_path / "data") as database:
            head = database.audit.head()
            assert soon(lambda: head in heads_of(witness)[0])
            assert verify(database.audit, heads=heads_of(witness)[0]).fault is None
        told = "plate_match_witness_told_timestamp_seconds"
        assert told in desk.get("/metrics").text


def test_a_witness_that_cannot_be_told_is_in_the_log_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "data").mkdir()
    load(tmp_path / "data", (LISTED,))
    with service(tmp_path / "data", tmp_path / "unmounted") as client:
        desk = Harness(client, keys(tmp_path / "data"), tmp_path / "data")
        assert desk.report(read="8XKV41")["hits"]
        said = "witness: the witness cannot be told: No such file or directory"
        assert soon(lambda: said in [record.getMessage() for record in caplog.records])
    assert [r.levelno for r in caplog.records if "witness" in r.getMessage()] == [logging.ERROR]
