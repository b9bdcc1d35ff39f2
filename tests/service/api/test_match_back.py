"""Entries come, and sightings of before are matched with them. All plates are synthetic."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service import clock
from service.adapters.hotlist_files import HotlistFiles
from service.api.answers import HitOnRecord
from service.app import create_app
from service.settings import Settings
from service.usecases import match_back
from service.usecases.match_back import MatchBack
from tests.service.api.conftest import keys, load
from tests.service.api.harness import Harness, audited
from tests.service.api.test_stand_down import ended, soon
from tests.service.api.test_stand_down import hit as hit_of

FIRST: dict[str, object] = {"plate": "GV123B", "reference": "SYN-3", "category": "fines"}
FILLING: tuple[dict[str, object], ...] = tuple(
    {"plate": f"{number:02}BDF1", "reference": f"SYN-F{number}"} for number in range(40)
)
SOUGHT: dict[str, object] = {"plate": "8XKV41", "reference": "SYN-1", "category": "robbery"}

SEEN = 12
"""Sightings of one vehicle."""

SLOW = 0.25
"""Seconds that it takes to match one, twice."""


def slowly(matching: Callable[..., Any]) -> Callable[..., Any]:
    def matched(*given: Any, **more: Any) -> Any:
        time.sleep(SLOW)
        return matching(*given, **more)

    return matched


def recorded(desk: Harness) -> int:
    """How many hits were found later, by what is on record."""
    return sum(header["action"] == "hit-found-later" for header, _ in audited(desk))


def service(data: Path, **settings: Any) -> TestClient:
    return TestClient(create_app(Settings(data=data, **settings)), "http://127.0.0.1")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Harness]:
    load(tmp_path, (FIRST, *FILLING))
    with service(tmp_path) as client:
        yield Harness(client, keys(tmp_path), tmp_path)


def hits_on(desk: Harness, plate: str) -> list[dict[str, Any]]:
    response = desk.post("/v1/hits/search", {"plate": plate}, "dispatch")
    items: list[dict[str, Any]] = response.json()["items"]
    return items


def found_later(desk: Harness, plate: str = "8XKV41") -> dict[str, Any]:
    (hit,) = soon(lambda: hits_on(desk, plate))
    one: dict[str, Any] = hit
    return one


def test_a_vehicle_seen_before_it_was_wanted_is_a_hit_once_it_is(desk: Harness) -> None:
    seen = clock.to_text(clock.now() - clock.HOUR)
    before = desk.report(read="8XK?41", seenAt=seen)
    unlike = desk.report(read="99-ZZZ-9")
    assert before["hits"] == unlike["hits"] == []
    load(desk.data, (FIRST, *FILLING, SOUGHT))
    hit = found_later(desk)
    assert (hit["sightingId"], hit["seenAt"], hit["disposition"]) == (before["id"], seen, "alert")
    assert hit["receivedAt"] == before["receivedAt"]
    assert before["receivedAt"] < hit["foundAt"]
    assert hit["lateSeconds"] >= 3_600
    HitOnRecord.model_validate_json(json.dumps(hit))
    assert desk.get(f"/v1/sightings/{before['id']}").json()["hits"] == []
    made = [header for header, _ in audited(desk) if header["action"] == "hit-found-later"]
    assert [(one["hit"], one["subject"]) for one in made] == [(hit["id"], before["id"])]
    assert "plate_match_hits_found_later_total 1.0" in desk.get("/metrics").text


def test_what_was_found_at_receipt_is_not_found_again(desk: Harness) -> None:
    load(desk.data, (FIRST, *FILLING, SOUGHT))
    first = soon(lambda: desk.report(read="8XKV41")["hits"])[0]
    sighting = hit_of(desk, first["id"])["sightingId"]
    desk.report(read="77-BDF-9")
    told = {**SOUGHT, "instruction": "call"}
    load(desk.data, (FIRST, *FILLING, told, {**SOUGHT, "plate": "77BDF9"}))
    assert found_later(desk, "77BDF9")
    hits = hits_on(desk, "8XKV41")
    assert [hit["id"] for hit in hits if hit["sightingId"] == sighting] == [first["id"]]


def test_a_corrected_entry_ends_its_hit_and_makes_another(desk: Harness) -> None:
    load(desk.data, (FIRST, *FILLING, SOUGHT))
    first = soon(lambda: desk.report(read="8XKV41")["hits"])[0]
    load(desk.data, (FIRST, *FILLING, {**SOUGHT, "category": "burglary"}))
    assert ended(desk, first["id"])["reason"] == "corrected"
    load(desk.data, (FIRST, *FILLING, {**SOUGHT, "category": "violence"}))
    sighting = hit_of(desk, first["id"])["sightingId"]
    again = soon(
        lambda: [
            hit
            for hit in hits_on(desk, "8XKV41")
            if hit["entries"][0]["category"] == "violence" and hit["sightingId"] == sighting
        ]
    )
    assert again[0]["foundAt"]
    assert again[0]["standDown"] is None


def test_an_entry_put_in_by_itself_is_matched_with_what_was_seen(desk: Harness) -> None:
    before = desk.report(read="12ABC3")
    until = clock.to_text(clock.now() + clock.HOUR)
    sent = {"plate": "12ABC3", "reference": "SYN-9", "category": "robbery", "validUntil": until,
            "legalGround": "synthetic", "purpose": "offences"}  # fmt: skip
    assert desk.post("/v1/entries", sent, "dispatch").status_code == 201
    assert found_later(desk, "12ABC3")["sightingId"] == before["id"]


def test_an_entry_is_matched_back_when_it_begins_and_not_before(desk: Harness) -> None:
    before = desk.report(read="8XKV41")
    begins = clock.now() + 3 * clock.SECOND
    load(desk.data, (FIRST, *FILLING, {**SOUGHT, "validFrom": clock.to_text(begins)}))
    hit = found_later(desk)
    assert hit["sightingId"] == before["id"]
    assert hit["foundAt"] >= clock.to_text(begins)


def test_a_list_that_came_while_no_service_ran_is_matched_by_the_next(tmp_path: Path) -> None:
    load(tmp_path, (FIRST, *FILLING))
    with service(tmp_path) as client:
        desk = Harness(client, keys(tmp_path), tmp_path)
        before = desk.report(read="8XKV41")
    load(tmp_path, (FIRST, *FILLING, SOUGHT))
    for _ in range(2):
        with service(tmp_path) as client:
            hit = found_later(Harness(client, desk.keys, tmp_path))
            assert hit["sightingId"] == before["id"]


def test_an_entry_that_was_there_is_not_found_later_because_another_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match_back, "UNSETTLED", 0)
    gone: dict[str, object] = {"plate": "8XKV66", "reference": "SYN-5"}
    near: dict[str, object] = {"plate": "8XKV55", "reference": "SYN-4"}
    load(tmp_path, (FIRST, gone, near))
    with service(tmp_path) as client:
        desk = Harness(client, keys(tmp_path), tmp_path)
        assert [hit["plate"] for hit in desk.report(read="8XKV66")["hits"]] == ["8XKV66"]
        assert hits_on(desk, "8XKV55") == []
    load(tmp_path, (FIRST, near))
    with service(tmp_path) as client:
        desk = Harness(client, desk.keys, tmp_path)
        assert [hit["plate"] for hit in desk.report(read="8XKV66")["hits"]] == ["8XKV55"]
        load(tmp_path, (FIRST, near, {"plate": "77ZZG9", "reference": "SYN-2"}))
        desk.report(read="77ZZG9")
        assert soon(lambda: hits_on(desk, "77ZZG9"))
        assert len(hits_on(desk, "8XKV55")) == 1


def test_what_was_received_longer_ago_than_the_window_is_left_alone(tmp_path: Path) -> None:
    load(tmp_path, (FIRST, *FILLING))
    with service(tmp_path, match_back_hours=0) as client:
        desk = Harness(client, keys(tmp_path), tmp_path)
        desk.report(read="8XKV41")
        load(tmp_path, (FIRST, *FILLING, SOUGHT))
        soon(lambda: desk.report(read="8XKV41")["hits"])
        assert all(hit["foundAt"] is None for hit in hits_on(desk, "8XKV41"))


@pytest.mark.parametrize("few", [match_back.FEW, 10])
def test_a_whole_new_list_is_matched_back_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(match_back, "FEW", few)
    with service(tmp_path) as client:
        desk = Harness(client, keys(tmp_path), tmp_path)
        load(tmp_path, (FIRST,))
        before = soon(lambda: _answered(desk))
        load(tmp_path, (SOUGHT, *FILLING))
        assert found_later(desk)["sightingId"] == before["id"]


def _answered(desk: Harness) -> Any:
    response = desk.post("/v1/sightings", {"read": "8XKV41", "source": "camera",
        "seenAt": clock.to_text(clock.now()), "purpose": "offences"})  # fmt: skip
    return response.json() if response.status_code == 201 else None


def test_many_sightings_to_match_delay_no_stand_down_and_what_ended_makes_no_hit(
    desk: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {**SOUGHT, "plate": "77ZZG9", "reference": "SYN-2"}
    load(desk.data, (FIRST, *FILLING, other))
    first = soon(lambda: desk.report(read="77ZZG9")["hits"])[0]
    for _ in range(SEEN):
        desk.report(read="8XKV41")
    with monkeypatch.context() as slow:
        slow.setattr(MatchBack, "_hits", slowly(MatchBack._hits))
        load(desk.data, (FIRST, *FILLING, other, SOUGHT))
        assert soon(lambda: hits_on(desk, "8XKV41"))
        load(desk.data, (FIRST, *FILLING))
        assert ended(desk, first["id"])["reason"] == "withdrawn"
        made = hits_on(desk, "8XKV41")
    assert len(made) < SEEN
    assert all(ended(desk, hit["id"])["reason"] == "withdrawn" for hit in made)


def test_a_freeze_ends_the_matching_and_the_thaw_goes_on_with_it(
    desk: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(SEEN):
        desk.report(read="8XKV41")
    files = HotlistFiles(desk.data / "hotlist")
    with monkeypatch.context() as slow:
        slow.setattr(MatchBack, "_hits", slowly(MatchBack._hits))
        load(desk.data, (FIRST, *FILLING, SOUGHT))
        assert soon(lambda: hits_on(desk, "8XKV41"))
        files.freeze(frozen=True)
        soon(lambda: desk.post("/v1/hits/search", {}, "dispatch").status_code == 503)
        time.sleep(3 * SLOW)  # for the one that was being matched
        made = recorded(desk)
        time.sleep(6 * SLOW)
        assert recorded(desk) == made < SEEN
    files.freeze(frozen=False)
    soon(lambda: recorded(desk) == SEEN)
