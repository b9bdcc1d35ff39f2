"""A frozen hotlist discloses nothing, and no sighting is lost by it. All plates are synthetic."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service import clock
from service.api.sighting_models import SightingAnswer
from service.app import create_app
from service.cli.freeze import freeze
from service.cli.terminal import WrongUse
from service.settings import Settings
from tests.service.api.conftest import keys, load
from tests.service.api.harness import Harness, audited, sighting
from tests.service.api.test_match_back import found_later
from tests.service.api.test_stand_down import soon


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Harness]:
    load(tmp_path)
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        yield Harness(client, keys(tmp_path), tmp_path)


def turn(desk: Harness, *, frozen: bool) -> None:
    freeze("a poisoned list", frozen=frozen, data=desk.data)
    assert soon(lambda: desk.get("/v1/hotlist").json()["frozen"] is frozen)


def test_while_frozen_sightings_are_taken_and_nothing_is_disclosed(desk: Harness) -> None:
    key, body = {"Idempotency-Key": "k"}, sighting(read="8XKV41")
    before = desk.post("/v1/sightings", body, headers=key).json()
    turn(desk, frozen=True)
    response = desk.post("/v1/sightings", sighting(read="8XKV-41"))
    assert response.status_code == 201
    SightingAnswer.model_validate_json(response.content)
    taken = response.json()
    assert (taken["hits"], taken["notListed"], taken["pattern"]) == ([], None, "8XKV-41")
    assert (taken["hotlist"]["version"], taken["hotlist"]["stale"]) == ("frozen", True)
    hit = before["hits"][0]["id"]
    refused = [
        desk.get(f"/v1/hits/{hit}", "dispatch"),
        desk.post("/v1/hits/search", {}, "auditor"),
        desk.get(f"/v1/sightings/{before['id']}"),
        desk.post("/v1/entries/search", {}, "infodesk"),
        desk.get("/v1/entries/0000000000000", "infodesk"),
        desk.post("/v1/sightings", body, headers=key),
    ]
    assert {(one.status_code, one.json()["type"]) for one in refused} == {
        (503, "urn:plate-match:frozen")
    }
    on_record = [header for header, _ in audited(desk) if header.get("reasons") == ["frozen"]]
    assert [one["route"].split("/")[2] for one in on_record] == [
        "hits", "hits", "sightings", "entries", "entries", "sightings"
    ]  # fmt: skip
    assert "plate_match_frozen 1.0" in desk.get("/metrics").text
    assert desk.get("/readyz", None).status_code == 200


def test_what_was_taken_while_frozen_is_matched_after_the_thaw(desk: Harness) -> None:
    turn(desk, frozen=True)
    taken = desk.report(read="8XKV41")
    load(desk.data, ({"plate": "8XKV41", "reference": "SYN-1", "category": "robbery"},))
    turn(desk, frozen=False)
    hit = found_later(desk)
    assert (hit["sightingId"], hit["disposition"]) == (taken["id"], "alert")
    assert desk.report(read="8XKV41")["hits"][0]["plate"] == "8XKV41"
    actions = [header["action"] for header, _ in audited(desk)]
    assert actions.index("hotlist-frozen") < actions.index("hotlist-thawed")


def test_an_entry_can_be_withdrawn_while_frozen(desk: Harness) -> None:
    until = clock.to_text(clock.now() + clock.HOUR)
    sent = {"plate": "12ABC3", "reference": "SYN-9", "category": "robbery", "validUntil": until,
            "legalGround": "synthetic", "purpose": "offences"}  # fmt: skip
    entry: dict[str, Any] = desk.post("/v1/entries", sent, "dispatch").json()
    turn(desk, frozen=True)
    path = f"/v1/entries/{entry['id']}/withdrawals"
    assert desk.post(path, {"reason": "found"}, "dispatch").status_code == 201


def test_a_service_that_starts_frozen_is_frozen(tmp_path: Path) -> None:
    load(tmp_path)
    freeze("a poisoned list", frozen=True, data=tmp_path)
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        assert Harness(client, keys(tmp_path), tmp_path).report()["notListed"] is None


def test_a_reason_and_a_data_folder_are_needed(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="say why"):
        freeze(" ", frozen=True, data=tmp_path)
    with pytest.raises(WrongUse, match="there is no data folder"):
        freeze("x", frozen=True, data=tmp_path / "nothing")
