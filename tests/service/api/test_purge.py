"""What was purged is gone for whoever asks, and proven all the same. All plates are synthetic."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service import clock, lifespan
from service.adapters.db import open_database
from service.api.people import PersonOnRecord
from service.app import create_app
from service.records import AuditEvent
from service.settings import Settings
from service.usecases.audit import verify
from tests.service.api.conftest import keys, load
from tests.service.api.harness import Harness, sighting
from tests.service.api.test_stand_down import soon


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Harness]:
    monkeypatch.setattr(lifespan, "PURGE_EVERY", 0.05)
    with open_database(data=tmp_path) as database:
        database.audit.add(AuditEvent(1, "tried", {}, {"person": "long ago"}))
    load(tmp_path)
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        yield Harness(client, keys(tmp_path), tmp_path)


def two_days_later(desk: Harness) -> None:
    """Let the next purge run as if it were the day after tomorrow."""
    with open_database(data=desk.data) as database:
        done = AuditEvent(clock.now(), "erased", {"kind": "sightings-without-hit"}, {})
        assert database.erasure.sightings_without_hit(clock.now() + 2 * clock.DAY, done) == 1


def test_a_replay_does_not_outlive_its_sighting_and_makes_no_second_one(desk: Harness) -> None:
    key, body = {"Idempotency-Key": "k"}, sighting(read="99-ZZ-99")
    answered = desk.post("/v1/sightings", body, headers=key)
    assert answered.json()["hits"] == []
    two_days_later(desk)
    again = desk.post("/v1/sightings", body, headers=key)
    assert (again.status_code, again.json()["type"]) == (410, "urn:plate-match:sighting-gone")
    assert desk.get(f"/v1/sightings/{answered.json()['id']}").status_code == 404
    assert desk.post(
        f"/v1/sightings/{answered.json()['id']}/replay", {}, "auditor"
    ).status_code == 404  # fmt: skip


def test_the_service_purges_by_itself_what_is_due(desk: Harness) -> None:
    with open_database(data=desk.data) as database:
        assert soon(lambda: verify(database.audit).erased) == 1
        assert verify(database.audit).fault is None
        with database.audit.rows() as rows:
            actions = [json.loads(row.header)["action"] for row in rows]
    assert "erased" in actions


def test_a_guard_cannot_tell_a_hidden_plate_by_how_long_its_sighting_lasts(
    desk: Harness,
) -> None:
    answered = {}
    for plate in ("12ABC3", "99-ZZ-99"):
        key, body = {"Idempotency-Key": plate}, sighting(read=plate)
        answered[plate] = desk.post("/v1/sightings", body, headers=key), key, body
    (hit,) = desk.post("/v1/hits/search", {"plate": "12ABC3"}, "dispatch").json()["items"]
    assert hit["sightingId"] == answered["12ABC3"][0].json()["id"]
    with closing(sqlite3.connect(desk.data / "plate-match.sqlite")) as database, database:
        two_days = 2 * clock.DAY
        database.execute("UPDATE sighting SET received_at = received_at - ?", (two_days,))
    for first, key, body in answered.values():
        assert first.json()["hits"] == []
        assert desk.get(f"/v1/sightings/{first.json()['id']}").status_code == 404
        assert desk.post("/v1/sightings", body, headers=key).status_code == 410
    assert desk.get(f"/v1/sightings/{hit['sightingId']}", "dispatch").status_code == 200


def test_whoever_is_shown_after_their_time_is_an_id_without_a_name(desk: Harness) -> None:
    person = {
        "name": "A. Sample",
        "organisation": "Synthetic Security",
        "passNumber": "SYN-1",
        "passColour": "grey",
        "passUntil": "2099-01-01T00:00:00Z",
    }
    proposed = desk.post("/v1/people", person, "operator").json()
    body = {"proposal": proposed["waiting"]["id"]}
    desk.post(f"/v1/people/{proposed['id']}/approvals", body, "operator")
    device = {"name": "phone of A. Sample", "organisation": "Synthetic Security"}
    added = desk.post("/v1/devices", device, "operator").json()
    for path in (f"/v1/people/{proposed['id']}", f"/v1/devices/{added['id']}"):
        assert desk.post(f"{path}/drops", {"reason": "left"}, "operator").status_code == 201
    with closing(sqlite3.connect(desk.data / "plate-match.sqlite")) as database, database:
        long_ago = (732 * clock.DAY,)
        database.execute("UPDATE person SET dropped_at = dropped_at - ?", long_ago)
        database.execute("UPDATE device SET dropped_at = dropped_at - ?", long_ago)
    path = f"/v1/people/{proposed['id']}"
    assert soon(lambda: int(desk.get(path, "auditor").json()["name"] is None)) == 1
    response = desk.get(path, "auditor")
    PersonOnRecord.model_validate_json(response.content)
    shown = response.json()
    assert (shown["approved"]["passNumber"], shown["dropped"]["reason"]) == (None, "")
    assert soon(lambda: int(desk.get("/v1/devices", "auditor").json()["items"][0]["name"] is None))
    again = desk.post(f"{path}/drops", {"reason": "left again"}, "operator").json()
    assert again["dropped"] == shown["dropped"]
    with open_database(data=desk.data) as trail:
        assert verify(trail.audit).fault is None


def test_hits_are_kept_longer(desk: Harness) -> None:
    answered: dict[str, Any] = desk.report(read="8XKV41")
    with open_database(data=desk.data) as database:
        done = AuditEvent(clock.now(), "erased", {}, {})
        assert database.erasure.sightings_without_hit(clock.now() + 2 * clock.DAY, done) == 0
    assert desk.get(f"/v1/sightings/{answered['id']}").status_code == 200
