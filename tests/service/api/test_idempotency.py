import asyncio
import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from service import clock, ids
from service.app import create_app
from service.settings import Settings
from tests.service.api.conftest import keys
from tests.service.api.harness import Harness, audited, faults, sighting


def post(harness: Harness, body: object, key: str, role: str = "guard") -> Response:
    return harness.post("/v1/sightings", body, role, headers={"Idempotency-Key": key})


def test_the_same_key_and_body_replay_status_and_body(harness: Harness) -> None:
    body = sighting()
    first, second = post(harness, body, "again"), post(harness, body, "again")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"


def test_an_answer_that_is_given_again_is_on_record(harness: Harness) -> None:
    body = sighting()
    first, _ = post(harness, body, "on-record"), post(harness, body, "on-record")
    header, payload = audited(harness)[-1]
    assert header["action"] == "sighting-answered-again"
    assert header["subject"] == first.json()["id"]
    assert [one["plate"] for one in payload["shown"]] == ["8XKV41"]
    assert payload["reads"] == ["8X-?V-41"]
    assert payload["person"] == "guard"


def test_a_body_that_is_only_ordered_otherwise_is_the_same_body(harness: Harness) -> None:
    body = sighting()
    first = post(harness, body, "ordered")
    second = post(harness, dict(reversed(body.items())), "ordered")
    assert first.content == second.content


def test_the_same_key_for_another_body_is_refused(harness: Harness) -> None:
    post(harness, sighting(), "other")
    response = post(harness, sighting(read="12-ABC-3"), "other")
    assert response.status_code == 422
    assert response.json()["type"] == "urn:plate-match:key-reused"


def test_a_key_belongs_to_its_credential(harness: Harness) -> None:
    body = sighting()
    first = post(harness, body, "mine")
    second = post(harness, body, "mine", "other guard")
    assert second.status_code == 201
    assert first.json()["id"] != second.json()["id"]


def test_a_refused_request_leaves_its_key_unused(harness: Harness) -> None:
    assert post(harness, sighting(read="***"), "unused").status_code == 400
    assert post(harness, sighting(), "unused").status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 201, "two words", "s\u00e9cret"])
def test_a_key_that_is_none_is_refused(harness: Harness, key: str) -> None:
    response = post(harness, sighting(), key.encode("latin-1"))  # type: ignore[arg-type] # as it travels
    assert faults(response) == {("", "bad-idempotency-key")}


def test_a_key_sent_twice_is_refused(harness: Harness) -> None:
    headers = [
        ("Authorization", f"Bearer {harness.keys['guard']}"),
        ("Content-Type", "application/json"),
        ("Idempotency-Key", "a"),
        ("Idempotency-Key", "b"),
    ]
    response = harness.client.post("/v1/sightings", json=sighting(), headers=headers)
    assert ("", "bad-idempotency-key") in faults(response)


def test_a_replay_is_given_though_its_sighting_would_be_too_late_by_now(harness: Harness) -> None:
    at = clock.now() - 7 * clock.DAY + 1 * clock.SECOND
    body = sighting(seenAt=clock.to_text(at))
    first = post(harness, body, "late")
    while clock.now() < at + 7 * clock.DAY:
        asyncio.run(asyncio.sleep(0.05))
    assert harness.post("/v1/sightings", body).status_code == 400
    assert post(harness, body, "late").content == first.content


def test_two_at_once_with_one_key_make_one_sighting(harness: Harness) -> None:
    body = sighting()
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda _: post(harness, body, "at-once"), range(8)))
    assert {response.status_code for response in responses} == {201}
    assert len({response.content for response in responses}) == 1
    replayed = ["idempotency-replayed" in response.headers for response in responses]
    assert replayed.count(False) == 1


def test_two_at_once_with_one_key_and_two_bodies_let_one_win(harness: Harness) -> None:
    bodies = [sighting(), sighting(read="12-ABC-3")]
    with ThreadPoolExecutor(2) as pool:
        responses = list(pool.map(lambda body: post(harness, body, "torn"), bodies))
    assert sorted(response.status_code for response in responses) == [201, 422]


def test_a_replay_never_outlives_its_sighting(harness: Harness) -> None:
    body = sighting(read="FG-HH-12")
    number = ids.from_text(post(harness, body, "purged").json()["id"])
    with sqlite3.connect(harness.data / "plate-match.sqlite", timeout=30) as database:
        database.execute("DELETE FROM hit WHERE sighting = ?", (number,))
        database.execute("DELETE FROM sighting WHERE id = ?", (number,))
    database.close()
    response = post(harness, body, "purged")
    assert response.status_code == 410
    assert response.json()["type"] == "urn:plate-match:sighting-gone"
    assert post(harness, sighting(), "purged").status_code == 422
    refused = [header["reasons"] for header, _ in audited(harness)[-2:]]
    assert refused == [["sighting-gone"], ["key-reused"]]


def batch(harness: Harness, sightings: object, key: str | None = None) -> Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return harness.post("/v1/sightings/batch", {"sightings": sightings}, headers=headers)


def test_each_sighting_of_a_batch_is_taken_or_refused_on_its_own(harness: Harness) -> None:
    response = batch(harness, [sighting(), sighting(read="***", source="x"), 3, sighting()])
    assert response.status_code == 200
    results: list[dict[str, Any]] = response.json()["results"]
    assert [one["status"] for one in results] == [201, 400, 400, 201]
    assert results[0]["sighting"]["id"] != results[3]["sighting"]["id"]
    told = {(one["pointer"], one["code"]) for one in results[1]["problem"]["errors"]}
    assert told == {("/read", "unreadable"), ("/source", "unknown-value")}


def test_a_repeated_name_is_the_fault_of_its_own_sighting(harness: Harness) -> None:
    body = b'{"sightings":[{"read":"a","read":"b"}]}'
    response = harness.post("/v1/sightings/batch", body)
    errors = response.json()["results"][0]["problem"]["errors"]
    assert ("/read", "repeated-name") in {(one["pointer"], one["code"]) for one in errors}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", {("", "broken-json")}),
        (b"{}", {("/sightings", "missing")}),
        (b'{"sightings":[]}', {("/sightings", "too-short")}),
        (b'{"sightings":[' + b",".join([b"1"] * 101) + b"]}", {("/sightings", "too-long")}),
        (b'{"sightings":[1],"sightings":[2]}', {("/sightings", "repeated-name")}),
        (
            b'{"sightings":1,"x":2,"x":3}',
            {("/sightings", "wrong-type"), ("", "unknown-field"), ("", "repeated-name")},
        ),
    ],
)
def test_a_batch_that_is_none_is_refused_whole(
    harness: Harness, body: bytes, expected: set[tuple[str, str]]
) -> None:
    response = harness.post("/v1/sightings/batch", body)
    assert response.status_code == 400
    assert faults(response) == expected


REPLAYED = ("idempotency-replayed", "true")


def recorded(harness: Harness) -> int:
    with sqlite3.connect(harness.data / "plate-match.sqlite", timeout=30) as database:
        (count,) = database.execute("SELECT count(*) FROM sighting").fetchone()
    database.close()
    return int(count)


def test_the_same_key_and_batch_replay_status_and_body(harness: Harness) -> None:
    sightings = [sighting(), sighting(read="***"), sighting(read="12-ABC-3"), sighting()]
    first = batch(harness, sightings, "batch")
    second = batch(harness, [dict(reversed(one.items())) for one in sightings], "batch")
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert REPLAYED not in first.headers.items()
    assert REPLAYED in second.headers.items()


@pytest.mark.parametrize(
    "name", ["shorter", "longer", "changed", "without the refused", "alone", "none"]
)
def test_the_same_key_with_another_batch_is_refused_and_nothing_of_it_recorded(
    harness: Harness, name: str
) -> None:
    bad, *good = sightings = [sighting(read="***"), sighting(), sighting(read="12-ABC-3")]
    others: dict[str, list[Any]] = {
        "shorter": sightings[:2],
        "longer": [*sightings, sighting()],
        "changed": [bad, sighting(), sighting(note="another")],
        "without the refused": good,
        "alone": [bad],
        "none": [3],
    }
    batch(harness, sightings, f"other {name}".replace(" ", "-"))
    before = recorded(harness)
    response = batch(harness, others[name], f"other {name}".replace(" ", "-"))
    assert response.status_code == 422
    assert response.json()["type"] == "urn:plate-match:key-reused"
    assert recorded(harness) == before


def test_a_batch_of_which_nothing_is_taken_leaves_its_key_unused(harness: Harness) -> None:
    refused = [batch(harness, [sighting(read="***")], "nothing") for _ in range(2)]
    assert all(REPLAYED not in response.headers.items() for response in refused)
    assert batch(harness, [sighting()], "nothing").json()["results"][0]["status"] == 201


def test_names_that_come_twice_make_another_batch(harness: Harness) -> None:
    whole = json.dumps(sighting()).encode()
    twice = whole[:-1] + b',"note":"a","note":"b"}'
    once = whole[:-1] + b',"note":"b"}'
    for last, status in ((twice, 200), (once, 422)):
        body = b'{"sightings":[%b,%b]}' % (whole, last)
        response = harness.post(
            "/v1/sightings/batch", body, headers={"Idempotency-Key": "named-twice"}
        )
        assert response.status_code == status


def test_a_batch_that_was_cut_short_is_finished_when_it_is_sent_again(harness: Harness) -> None:
    sightings = [sighting(), sighting(read="12-ABC-3"), sighting(read="GV-123-B")]
    first = batch(harness, sightings, "cut")
    lost = ids.from_text(first.json()["results"][1]["sighting"]["id"])
    with sqlite3.connect(harness.data / "plate-match.sqlite", timeout=30) as database:
        database.execute("DELETE FROM claim WHERE sighting = ?", (lost,))
    database.close()
    before = recorded(harness)
    second = batch(harness, sightings, "cut")
    assert recorded(harness) == before + 1
    assert REPLAYED not in second.headers.items()
    old, new = first.json()["results"], second.json()["results"]
    assert [one["status"] for one in new] == [201, 201, 201]
    assert [ours == theirs for ours, theirs in zip(old, new, strict=True)] == [True, False, True]
    assert batch(harness, sightings, "cut").content == second.content


def test_of_two_batches_at_once_under_one_key_one_is_taken_whole(harness: Harness) -> None:
    batches = [[sighting(note=f"{one} {two}") for two in range(20)] for one in range(4)]
    before = recorded(harness)
    with ThreadPoolExecutor(4) as pool:
        responses = list(pool.map(lambda sightings: batch(harness, sightings, "race"), batches))
    assert sorted(response.status_code for response in responses) == [200, 422, 422, 422]
    assert recorded(harness) == before + 20


def test_a_key_of_a_sighting_does_not_stand_for_a_batch(harness: Harness) -> None:
    body = sighting()
    post(harness, body, "alone")
    assert batch(harness, [body], "alone").status_code == 422
    batch(harness, [body], "in-batch")
    assert post(harness, body, "in-batch").status_code == 422


def test_a_batch_of_which_nothing_can_be_recorded_now_says_when_to_try_again(
    tmp_path: Path,
) -> None:
    issued = keys(tmp_path)
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        harness = Harness(client, issued, tmp_path)
        response = batch(harness, [sighting(), sighting()])
        assert [one["status"] for one in response.json()["results"]] == [503, 503]
        assert response.headers["retry-after"] == "1"
        mixed = batch(harness, [sighting(), sighting(read="***")])
        assert "retry-after" not in mixed.headers
