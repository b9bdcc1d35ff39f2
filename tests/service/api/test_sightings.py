import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from service.api.sighting_models import SightingAnswer, SightingOnRecord
from tests.service.api.harness import Harness, faults, sighting, time


def test_a_partial_read_is_answered_with_the_plate_and_all_entries_that_name_it(
    harness: Harness,
) -> None:
    answer = harness.report()
    assert answer["pattern"] == "8X-?V-41"
    hit = answer["hits"][0]
    assert (hit["rank"], hit["plate"], hit["country"]) == (1, "8XKV41", "NL")
    assert hit["confidence"] > 0.5
    assert [entry["reference"] for entry in hit["entries"]] == ["SYN-1", "SYN-2"]
    assert hit["entries"][0]["vehicle"]["make"] == "Volkswagen"
    assert hit["entries"][0]["validUntil"] == "2099-12-31T23:00:00Z"
    assert hit["entries"][0]["warnings"] == ["may flee"]


def test_what_is_answered_is_what_is_described_to_the_byte(harness: Harness) -> None:
    response = harness.post("/v1/sightings", sighting())
    model = SightingAnswer.model_validate_json(response.content)
    assert model.model_dump_json(by_alias=True) == response.text


def test_evidence_begins_with_the_prior_and_adds_up_to_the_confidence(harness: Harness) -> None:
    for hit in harness.report("dispatch", read="8XKV4")["hits"]:
        evidence = hit["explanation"]["evidence"]
        assert evidence[0]["name"] == "prior"
        odds = 2 ** sum(one["bits"] for one in evidence)
        assert odds / (1 + odds) == pytest.approx(hit["confidence"], abs=1e-9)


def test_a_sighting_reads_back_as_it_was_sent_and_answered(harness: Harness) -> None:
    sent = sighting(
        location={"latitude": 52.2, "longitude": 6.9, "place": "Enschede"},
        country="NL",
        incidentReference="SYN-INC-1",
        follows=harness.report()["id"],
        vehicle={"make": "VW", "colour": "zilver", "model": None, "plateColour": ""},
        duplicateCode=0,
        alsoRead=[
            {"read": "8XKV-4"},
            {
                "read": "XK",
                "source": "camera",
                "symbols": [{"symbol": "X", "confidence": 0.5}, {"symbol": "K"}],
            },
        ],
        note="one\nline\tand another",
    )
    answer = harness.post("/v1/sightings", sent).json()
    response = harness.get(f"/v1/sightings/{answer['id']}")
    assert response.json() == {**sent, **answer}
    SightingOnRecord.model_validate_json(response.content)


def test_the_country_said_changes_the_answer(harness: Harness) -> None:
    unsaid, wrong = (
        harness.report("dispatch", read="8XKV4", **said)["hits"][0]
        for said in ({}, {"country": "DE"})
    )
    assert wrong["plate"] == unsaid["plate"]
    assert wrong["confidence"] < unsaid["confidence"]


def test_any_offset_comes_in_and_utc_goes_out(harness: Harness, now: datetime) -> None:
    seen_at = (now - timedelta(hours=3)).replace(tzinfo=None).isoformat() + "-01:00"
    id_ = harness.report(seenAt=seen_at)["id"]
    read = harness.get(f"/v1/sightings/{id_}").json()
    assert read["seenAt"] == time(now - timedelta(hours=2))


def test_a_guard_reads_own_sightings_only_and_cannot_tell_others_from_unknown(
    harness: Harness,
) -> None:
    id_ = harness.report()["id"]
    unknown = harness.get("/v1/sightings/0000000000000")
    for other in (harness.get(f"/v1/sightings/{id_}", "other guard"), unknown):
        assert other.status_code == 404
        assert other.json() == unknown.json()
    assert harness.get(f"/v1/sightings/{id_}", "dispatch").status_code == 200
    assert harness.get("/v1/sightings/8-XKV-41").status_code == 404


def test_an_entry_for_dispatch_only_is_hidden_from_a_guard_but_found_and_recorded(
    harness: Harness,
) -> None:
    guarded = harness.report(read="12-ABC-3")
    assert guarded["hits"] == []
    told = harness.report("dispatch", read="12-ABC-3")
    assert told["hits"][0]["plate"] == "12ABC3"
    history = harness.post("/v1/hits/search", {"plate": "12-ABC-3"}, "dispatch").json()
    assert guarded["id"] in {hit["sightingId"] for hit in history["items"]}


def test_a_hit_that_policy_keeps_back_is_not_shown_to_a_guard_but_is_on_record(
    harness: Harness,
) -> None:
    kept_back = 0
    for read in ("V1", "G*", "*K*", "*23*"):
        answer = harness.report(read=read)
        assert "withhold" not in {hit["disposition"] for hit in answer["hits"]}
        search = {"disposition": "withhold", "limit": 200}
        history = harness.post("/v1/hits/search", search, "dispatch").json()["items"]
        kept_back += answer["id"] in {hit["sightingId"] for hit in history}
    assert kept_back


def test_an_entry_that_is_not_in_force_yet_is_not_answered(harness: Harness) -> None:
    assert harness.report("dispatch", read="99-ZZZ-9")["hits"] == []


def test_symbols_bring_confidences_and_alternatives(harness: Harness) -> None:
    symbols = [{"symbol": character, "confidence": 0.9} for character in "BX-KV-41"]
    symbols[0] = {"symbol": "B", "confidence": 0.3, "alternatives": ["8"]}
    plain = harness.report("dispatch", read="BX-KV-41", source="camera")
    answer = harness.report("dispatch", read="BX-KV-41", source="camera", symbols=symbols)
    assert answer["pattern"] == "[8B]X-KV-41"
    assert answer["hits"][0]["plate"] == "8XKV41"
    assert answer["hits"][0]["confidence"] > (
        plain["hits"][0]["confidence"] if plain["hits"] else 0
    )


TOO_MUCH: list[tuple[dict[str, Any], set[tuple[str, str]]]] = [
    ({"read": ""}, {("/read", "unreadable")}),
    ({"read": "8" * 10_000}, {("/read", "too-long")}),
    ({"read": "8" * 65}, {("/read", "too-long")}),
    ({"read": "8X\x00KV41"}, {("/read", "unreadable")}),
    ({"read": "8X\x1bKV41"}, {("/read", "unreadable")}),
    ({"read": "***"}, {("/read", "unreadable")}),
    ({"read": 8}, {("/read", "wrong-type")}),
    ({"source": "hearsay"}, {("/source", "unknown-value")}),
    ({"purpose": "curiosity"}, {("/purpose", "unknown-value")}),
    ({"seenAt": "2026-11-24T21:03:00"}, {("/seenAt", "no-offset")}),
    ({"seenAt": "2026-11-24T21:03:60Z"}, {("/seenAt", "leap-second")}),
    ({"seenAt": "2026-02-30T21:03:00Z"}, {("/seenAt", "not-a-time")}),
    ({"seenAt": "yesterday"}, {("/seenAt", "not-a-time")}),
    ({"seenAt": 1764000000}, {("/seenAt", "not-a-time")}),
    ({"seenAt": "0001-01-01T00:00:00+23:59"}, {("/seenAt", "not-a-time")}),
    ({"seenAt": "2020-01-01T00:00:00Z"}, {("/seenAt", "too-late")}),
    ({"seenAt": "2099-01-01T00:00:00Z"}, {("/seenAt", "in-the-future")}),
    ({"location": {"latitude": 91, "longitude": -181}},
     {("/location/latitude", "out-of-range"), ("/location/longitude", "out-of-range")}),
    ({"location": {"latitude": True, "longitude": float("nan")}},
     {("/location/latitude", "wrong-type"), ("/location/longitude", "not-finite")}),
    ({"location": {"latitude": 1, "longitude": 1, "accuracyMetres": float("inf")}},
     {("/location/accuracyMetres", "not-finite")}),
    ({"location": {"latitude": 1}}, {("/location/longitude", "missing")}),
    ({"plate": "8XKV41"}, {("/plate", "unknown-field")}),
    ({"8XKV41": 1}, {("", "unknown-field")}),
    ({"location": {"latitude": 1, "longitude": 1, "8XKV41": 1}},
     {("/location", "unknown-field")}),
    ({"symbols": [{"symbol": "8", "8XKV41": {"a": 1}}]}, {("/symbols/0", "unknown-field")}),
    ({"symbols": []}, {("/symbols", "symbols-differ")}),
    ({"vehicle": {"make": "x" * 101, "model": 3, "colour": "a\x00b", "year": 1999}},
     {("/vehicle/make", "too-long"), ("/vehicle/model", "wrong-type"),
      ("/vehicle/colour", "control-character"), ("/vehicle/year", "unknown-field")}),
    ({"vehicle": "red Fiat"}, {("/vehicle", "wrong-type")}),
    ({"vehicle": {"8XKV41": 1}}, {("/vehicle", "unknown-field")}),
    ({"duplicateCode": 100}, {("/duplicateCode", "out-of-range")}),
    ({"duplicateCode": -1}, {("/duplicateCode", "out-of-range")}),
    ({"duplicateCode": True}, {("/duplicateCode", "wrong-type")}),
    ({"duplicateCode": 1.5}, {("/duplicateCode", "wrong-type")}),
    ({"alsoRead": [{"read": "8XKV4"}] * 10}, {("/alsoRead", "too-long")}),
    ({"alsoRead": [{"read": "8XKV4"}] * 10 + [{"read": 1}]}, {("/alsoRead", "too-long")}),
    ({"alsoRead": {"read": "8XKV4"}}, {("/alsoRead", "wrong-type")}),
    ({"alsoRead": ["8XKV4"]}, {("/alsoRead/0", "wrong-type")}),
    ({"alsoRead": [{"read": "8" * 65}, {}]},
     {("/alsoRead/0/read", "too-long"), ("/alsoRead/1/read", "missing")}),
    ({"alsoRead": [{"read": "8XKV4", "source": "hearsay", "seenAt": "2026-11-24T21:03:00Z"}]},
     {("/alsoRead/0/source", "unknown-value"), ("/alsoRead/0/seenAt", "unknown-field")}),
    ({"read": "***", "alsoRead": [{"read": "8XKV4"}, {"read": ""}, {"read": "8", "symbols": []},
                                  {"read": "8", "source": ""}, {"read": "!"}]},
     {("/read", "unreadable"), ("/alsoRead/1/read", "unreadable"),
      ("/alsoRead/2/symbols", "symbols-differ"), ("/alsoRead/3/source", "unknown-value"),
      ("/alsoRead/4/read", "unreadable")}),
    ({"alsoRead": [{"read": "begint met 12",
                    "symbols": [{"symbol": one} for one in "begint met 12"]}]},
     {("/alsoRead/0/symbols", "symbols-differ")}),
    ({"alsoRead": [{"read": "8X", "symbols": [{"symbol": "8", "8XKV41": 1}]}]},
     {("/alsoRead/0/symbols/0", "unknown-field")}),
    ({"note": "x" * 2001}, {("/note", "too-long")}),
    ({"note": "a\x00b"}, {("/note", "control-character")}),
    ({"country": "Nederland"}, {("/country", "wrong-form")}),
    ({"follows": "0000000000000"}, {("/follows", "not-there")}),
    ({"follows": "8XKV41"}, {("/follows", "not-there")}),
    ({"symbols": [{"symbol": "8"}]}, {("/symbols", "symbols-differ")}),
    ({"read": "begint met 12", "symbols": [{"symbol": one} for one in "begint met 12"]},
     {("/symbols", "symbols-differ")}),
    ({"symbols": [{"symbol": "8", "alternatives": ["88"], "confidence": 2}]},
     {("/symbols/0/alternatives/0", "wrong-form"), ("/symbols/0/confidence", "out-of-range")}),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), TOO_MUCH, ids=lambda case: str(case)[:60])
def test_a_bad_value_is_refused_by_name(
    harness: Harness, changes: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    response = harness.post("/v1/sightings", sighting(**changes))
    assert response.status_code == 400
    assert faults(response) == expected


def test_all_faults_are_told_at_once_also_those_of_sound_parts(harness: Harness) -> None:
    body = sighting(
        read="***",
        source=None,
        seenAt="2020-01-01T00:00:00Z",
        follows="0000000000000",
        colour="red",
        country="nl",
    )
    response = harness.post("/v1/sightings", body, headers={"Idempotency-Key": "not visible"})
    assert faults(response) == {
        ("", "bad-idempotency-key"),
        ("/read", "unreadable"),
        ("/source", "missing"),
        ("/seenAt", "too-late"),
        ("/follows", "not-there"),
        ("/colour", "unknown-field"),
        ("/country", "wrong-form"),
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", {("", "broken-json")}),
        (b'{"read": "8XKV41"', {("", "broken-json")}),
        (b'{"read": "\\ud800"}', {("", "broken-json")}),
        (b"\xff\xfe{}", {("", "broken-json")}),
        (b"[" * 100_000, {("", "broken-json")}),
        (b"[]", {("", "wrong-type")}),
        (b"null", {("", "wrong-type")}),
        (
            b'{"read":"8XKV41","read":"x","a":[{"b":1,"b":2}],"location":{"latitude":1e999}}',
            {
                ("/read", "repeated-name"),
                ("", "repeated-name"),
                ("", "unknown-field"),
                ("/source", "missing"),
                ("/seenAt", "missing"),
                ("/purpose", "missing"),
                ("/location/latitude", "not-finite"),
                ("/location/longitude", "missing"),
            },
        ),
    ],
    ids=lambda case: str(case)[:40],
)
def test_a_body_that_is_no_sighting_at_all_is_refused(
    harness: Harness, body: bytes, expected: set[tuple[str, str]]
) -> None:
    response = harness.post("/v1/sightings", body)
    assert response.status_code == 400
    assert faults(response) == expected


def test_a_name_that_comes_twice_is_refused_though_all_else_is_well(harness: Harness) -> None:
    body = json.dumps(sighting()).encode()
    response = harness.post("/v1/sightings", body[:-1] + b',"read":"8XKV41"}')
    assert faults(response) == {("/read", "repeated-name")}


def test_a_body_of_faults_only_is_not_answered_with_more_than_anybody_reads(
    harness: Harness,
) -> None:
    alternatives = {"symbol": "8", "alternatives": ["88"] * 36}
    response = harness.post("/v1/sightings", sighting(symbols=[alternatives] * 64))
    assert response.status_code == 400
    assert len(response.json()["errors"]) == 1000


def test_names_nobody_knows_are_counted_and_not_repeated(harness: Harness) -> None:
    names = b",".join(b'"8XKV%d":{"GV1":1,"GV1":2}' % place for place in range(10_000))
    body = json.dumps(sighting(read="***")).encode()
    response = harness.post("/v1/sightings", body[:-1] + b"," + names + b',"8XKV1":1}')
    assert faults(response) == {
        ("", "unknown-field"),
        ("", "repeated-name"),
        ("/read", "unreadable"),
    }
    assert "8XKV" not in response.text
    assert "GV1" not in response.text
    told = {one["code"]: one["message"] for one in response.json()["errors"]}
    assert told["unknown-field"].startswith("10000 fields are not known here; these are: read, ")
    assert "seenAt" in told["unknown-field"]
    alone = harness.post(
        "/v1/sightings", sighting(location={"latitude": 1, "longitude": 1, "x": 2})
    )
    (one,) = alone.json()["errors"]
    assert one["message"] == (
        "1 field is not known here; these are: latitude, longitude, accuracyMetres, place"
    )


def test_a_refusal_never_repeats_the_read(harness: Harness) -> None:
    response = harness.post("/v1/sightings", sighting(read="8XKV41" * 20, source="8XKV41"))
    assert response.status_code == 400
    assert "8XKV41" not in response.text


@pytest.mark.parametrize(
    ("ahead", "status"),
    [
        (timedelta(minutes=4, seconds=50), 201),
        (timedelta(minutes=5, seconds=10), 400),
        (timedelta(days=-7, seconds=10), 201),
        (timedelta(days=-7, seconds=-10), 400),
    ],
)
def test_sightings_are_taken_seven_days_late_and_five_minutes_ahead(
    harness: Harness, now: datetime, ahead: timedelta, status: int
) -> None:
    response = harness.post("/v1/sightings", sighting(seenAt=time(now + ahead)))
    assert response.status_code == status
