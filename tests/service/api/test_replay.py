"""An answer is given again, from the list it was given by. All plates are synthetic."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service import clock
from service.api.replays import ReplayShown
from service.app import create_app
from service.settings import Settings
from tests.service.api.conftest import ENTRIES, keys, load
from tests.service.api.harness import Harness, audited
from tests.service.api.test_stand_down import soon


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Harness]:
    load(tmp_path)
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        yield Harness(client, keys(tmp_path), tmp_path)


def replayed(desk: Harness, sighting: dict[str, Any]) -> dict[str, Any]:
    response = desk.post(f"/v1/sightings/{sighting['id']}/replay", {}, "auditor")
    assert response.status_code == 200, response.text
    ReplayShown.model_validate_json(response.content)
    document: dict[str, Any] = response.json()
    return document


def put_in(desk: Harness, plate: str, version: str) -> str:
    until = clock.to_text(clock.now() + clock.HOUR)
    sent = {"plate": plate, "reference": "SYN-9", "category": "robbery", "validUntil": until,
            "legalGround": "synthetic", "purpose": "offences"}  # fmt: skip
    entry: str = desk.post("/v1/entries", sent, "dispatch").json()["id"]
    assert soon(lambda: desk.get("/v1/hotlist").json()["version"].endswith(version))
    return entry


def test_an_answer_is_the_same_after_the_list_was_replaced_and_entries_came_and_went(
    desk: Harness,
) -> None:
    reads = ("8XKV41", "8X-?V-41", "12ABC3", "77BDF9", "GV-123-8")
    before = [desk.report(role, read=read) for read in reads for role in ("guard", "dispatch")]
    entry = put_in(desk, "77BDF9", "+1")
    between = [desk.report(read=read) for read in reads]
    desk.post(f"/v1/entries/{entry}/withdrawals", {"reason": "found"}, "dispatch")
    load(desk.data, ENTRIES[2:])
    load(desk.data, ({"plate": "77BDF9", "reference": "SYN-7"},))
    assert soon(lambda: desk.get("/v1/hotlist").json()["entries"] == 1)
    for answer in (*before, *between, desk.report(read="77BDF9")):
        again = replayed(desk, answer)
        assert (again["same"], again["differences"], again["sameModel"]) == (True, [], True)
        assert again["listVersion"] == answer["hotlist"]["version"]
        assert [hit["plate"] for hit in again["hits"]] == [hit["plate"] for hit in answer["hits"]]
    actions = [header["action"] for header, _ in audited(desk)]
    assert actions.count("sighting-replayed") == len(before) + len(between) + 1
    assert audited(desk)[-1][1]["shown"] == [{"plate": "77BDF9", "references": ["SYN-7"]}]


def test_a_list_that_is_damaged_or_was_frozen_is_said_to_be(desk: Harness) -> None:
    answer = desk.report(read="8XKV41")
    (desk.data / "hotlist" / "FROZEN").touch()
    assert soon(lambda: desk.get("/v1/hotlist").json()["frozen"])
    frozen = desk.report(read="8XKV41")
    (desk.data / "hotlist" / "FROZEN").unlink()
    assert soon(lambda: not desk.get("/v1/hotlist").json()["frozen"])
    assert replayed(desk, frozen)["why"] == "the hotlist was frozen: nothing was answered"
    path = desk.data / "hotlist" / answer["hotlist"]["version"] / "synthetic.jsonl"
    path.write_bytes(path.read_bytes().replace(b"8XKV41", b"8XKV42"))
    again = replayed(desk, answer)
    assert "not as they were written" in again["why"]
    assert (again["same"], again["hits"]) == (None, None)


def test_an_answer_that_is_not_what_would_be_given_differs_where_it_does(desk: Harness) -> None:
    answer = desk.report(read="8XKV41")
    with sqlite3.connect(desk.data / "plate-match.sqlite", timeout=30) as database:
        database.execute(
            "UPDATE sighting SET answer = replace(replace(CAST(answer AS TEXT),"
            " 'alert', 'show'), 'SYN-2', 'SYN-X')"
        )
    database.close()
    again = replayed(desk, answer)
    assert again["same"] is False
    assert again["differences"] == ["/hits/0/disposition", "/hits/0/entries"]


def test_a_sighting_that_is_not_there_is_404(desk: Harness) -> None:
    for id_ in ("0000000000000", "12ABC3"):
        assert desk.post(f"/v1/sightings/{id_}/replay", {}, "auditor").status_code == 404
    headers = [header for header, _ in audited(desk)]
    assert headers[-1]["found"] is False
    assert not any("12ABC3" in str(header) for header in headers)
