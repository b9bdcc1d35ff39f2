import json
import sqlite3
from datetime import datetime, timedelta
from typing import Any

import pytest

from service import ids
from service.api.answers import HitOnRecord
from tests.service.api.harness import Harness, audited, faults, time


def search(harness: Harness, **filters: object) -> list[dict[str, Any]]:
    response = harness.post("/v1/hits/search", filters, "dispatch")
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


def test_a_hit_is_found_by_the_plate_in_any_spelling_and_read_alone(harness: Harness) -> None:
    answer = harness.report()
    hit = search(harness, plate="8-xkv.41", limit=1)[0]
    assert hit["id"] == answer["hits"][0]["id"]
    assert hit["sightingId"] == answer["id"]
    assert hit["receivedAt"] == answer["receivedAt"]
    response = harness.get(f"/v1/hits/{hit['id']}", "auditor")
    assert response.json() == hit
    model = HitOnRecord.model_validate_json(response.content)
    assert model.model_dump_json(by_alias=True) == response.text


def test_a_hit_that_is_not_there_is_404(harness: Harness) -> None:
    for id_ in ("0000000000000", "8XKV41", "x"):
        assert harness.get(f"/v1/hits/{id_}", "dispatch").status_code == 404


def test_from_is_included_and_to_is_not(harness: Harness, now: datetime) -> None:
    at = now - timedelta(days=3)
    id_ = harness.report(seenAt=time(at))["id"]
    second = timedelta(seconds=1)

    def found(**filters: object) -> bool:
        return id_ in {hit["sightingId"] for hit in search(harness, limit=200, **filters)}

    assert found(**{"from": time(at), "to": time(at + second)})
    assert not found(**{"from": time(at - second), "to": time(at)})
    assert not found(**{"from": time(at + second)})


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"category": "burglary"}, True),
        ({"category": "stolen-plate"}, True),
        ({"category": "fines"}, False),
        ({"disposition": "alert"}, True),
        ({"disposition": "withhold"}, False),
        ({"minConfidence": 0.5}, True),
        ({"minConfidence": 1}, False),
        ({"organisation": "Synthetic Security"}, True),
        ({"organisation": "Another"}, False),
        ({"area": {"south": 52, "west": 6, "north": 53, "east": 7}}, True),
        ({"area": {"south": 50, "west": 6, "north": 51, "east": 7}}, False),
        ({"judgement": "misread"}, False),
    ],
)
def test_every_filter_filters(harness: Harness, filters: dict[str, object], found: bool) -> None:  # noqa: FBT001 - a case
    id_ = harness.report(location={"latitude": 52.2, "longitude": 6.9})["id"]
    hits = search(harness, **filters, plate="8XKV41", limit=200)
    assert (id_ in {hit["sightingId"] for hit in hits}) is found


def test_pages_follow_each_other_newest_first_whatever_arrives_meanwhile(harness: Harness) -> None:
    sent = [harness.report()["id"] for _ in range(5)]
    seen: list[str] = []
    more: dict[str, str] = {}
    while len(seen) < len(sent):
        query = {"plate": "8XKV41", "limit": 2, **more}
        page = harness.post("/v1/hits/search", query, "dispatch").json()
        seen += [hit["sightingId"] for hit in page["items"]]
        more = {"cursor": page["next"]}
        harness.report()
    assert seen[:5] == sent[::-1]


def test_the_last_page_has_no_next(harness: Harness) -> None:
    response = harness.post("/v1/hits/search", {"plate": "ZZ-ZZ-99"}, "dispatch")
    assert response.json() == {"items": [], "next": None}


@pytest.mark.parametrize("cursor", ["", "garbage", "AAAAAAAAAAA=", "\u00e9", "x" * 200])
def test_a_cursor_that_is_none_is_refused(harness: Harness, cursor: str) -> None:
    response = harness.post("/v1/hits/search", {"cursor": cursor}, "dispatch")
    assert response.status_code == 400
    assert faults(response) == {("/cursor", "bad-cursor")}


def test_a_cursor_belongs_to_its_query_whatever_the_limit(harness: Harness) -> None:
    harness.report()
    harness.report()
    query: dict[str, object] = {"plate": "8XKV41", "limit": 1}
    cursor = harness.post("/v1/hits/search", query, "dispatch").json()["next"]
    same = harness.post("/v1/hits/search", {**query, "limit": 2, "cursor": cursor}, "dispatch")
    assert same.status_code == 200
    for other in ({"plate": "GV123B"}, {}, {**query, "minConfidence": 0}):
        response = harness.post("/v1/hits/search", {**other, "cursor": cursor}, "dispatch")
        assert faults(response) == {("/cursor", "bad-cursor")}


def test_all_faults_of_a_search_are_told_at_once(harness: Harness) -> None:
    bad = {
        "plate": "8XK*41",
        "from": "2026-11-24",
        "category": "speeding",
        "minConfidence": True,
        "area": {"south": 53, "west": 6, "north": 52, "east": 7},
        "judgement": "guilty",
        "limit": 201,
        "sort": "asc",
    }
    assert faults(harness.post("/v1/hits/search", bad, "dispatch")) == {
        ("/plate", "not-a-plate"),
        ("/from", "not-a-time"),
        ("/category", "unknown-value"),
        ("/minConfidence", "wrong-type"),
        ("/area", "upside-down"),
        ("/judgement", "unknown-value"),
        ("/limit", "out-of-range"),
        ("/sort", "unknown-field"),
    }
    for limit in (0, 1.5, "1"):
        response = harness.post("/v1/hits/search", {"limit": limit}, "dispatch")
        assert response.status_code == 400
    unreadable = harness.post("/v1/hits/search", {"plate": "***"}, "dispatch")
    assert faults(unreadable) == {("/plate", "unreadable")}


def test_every_look_is_on_record_with_what_was_shown(harness: Harness) -> None:
    answer = harness.report(role="dispatch")
    harness.get(f"/v1/sightings/{answer['id']}", "auditor")
    harness.get(f"/v1/sightings/{answer['id']}", "other guard")
    harness.get(f"/v1/hits/{answer['hits'][0]['id']}", "infodesk")
    harness.post("/v1/hits/search", {"plate": "8XKV41", "limit": 1}, "dispatch")
    reported, read, refused, hit, searched = audited(harness)[-5:]
    assert reported[0]["action"] == "sighting-reported"
    assert reported[0]["subject"] == answer["id"]
    assert reported[0]["listVersion"] == answer["hotlist"]["version"]
    assert reported[0]["modelVersion"] == answer["model"]["version"]
    assert reported[0]["purpose"] == "offences"
    assert reported[1]["reads"] == ["8X-?V-41"]
    assert reported[1]["person"] == "dispatch"
    first = answer["hits"][0]
    assert reported[1]["shown"][0] == {
        "plate": "8XKV41",
        "references": ["SYN-1", "SYN-2"],
        "confidence": first["confidence"],
        "disposition": first["disposition"],
    }
    assert read[1]["reads"] == ["8X-?V-41"]
    assert [one["hit"] for one in read[1]["shown"]] == [one["id"] for one in answer["hits"]]
    for header in (read[0], hit[0]):
        assert header["listVersion"] == answer["hotlist"]["version"]
        assert header["modelVersion"] == answer["model"]["version"]
    assert (read[0]["action"], read[0]["found"]) == ("sighting-read", True)
    assert (refused[0]["action"], refused[0]["found"]) == ("sighting-read", False)
    assert (hit[0]["action"], hit[1]["shown"][0]["plate"]) == ("hit-read", "8XKV41")
    assert searched[0]["action"] == "hits-searched"
    assert searched[1]["filters"]["plate"] == "8XKV41"


def test_no_header_of_the_audit_holds_a_plate_or_a_read(harness: Harness) -> None:
    harness.report()
    harness.get("/v1/hits/8XKV41", "dispatch")
    for header, _ in audited(harness):
        assert "8XKV41" not in json.dumps(header)
        assert "8X-?V-41" not in json.dumps(header)


def test_a_hit_that_alerts_leaves_an_alert_row(harness: Harness) -> None:
    hit = harness.report()["hits"][0]
    assert hit["disposition"] == "alert"
    with sqlite3.connect(harness.data / "plate-match.sqlite", timeout=30) as database:
        rows = database.execute(
            "SELECT count(*) FROM alert WHERE hit = ?", (ids.from_text(hit["id"]),)
        ).fetchall()
    database.close()
    assert rows == [(1,)]
