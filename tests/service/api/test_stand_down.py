"""Entries end, and all who were told of them are stood down. All plates are synthetic."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from starlette.testclient import TestClient

from service import clock
from service.api.answers import HitOnRecord
from service.app import create_app
from service.settings import Settings
from tests.service.api.conftest import UNLIMITED, keys, load
from tests.service.api.harness import Harness, audited

WANTED: dict[str, object] = {
    "plate": "8XKV41", "reference": "SYN-1", "category": "burglary", "make": "Volvo"
}  # fmt: skip
OTHER: dict[str, object] = {"plate": "GV123B", "reference": "SYN-3"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Harness]:
    load(tmp_path, (WANTED, OTHER))
    with TestClient(create_app(Settings(data=tmp_path, **UNLIMITED)), "http://127.0.0.1") as client:
        yield Harness(client, keys(tmp_path), tmp_path)


def soon(found: Callable[[], Any]) -> Any:
    """Return what is found within seconds."""
    end = monotonic() + 20
    while not (one := found()) and monotonic() < end:
        sleep(0.05)
    return one


def hit(desk: Harness, id_: str) -> dict[str, Any]:
    response = desk.get(f"/v1/hits/{id_}", "dispatch")
    HitOnRecord.model_validate_json(response.content)
    document: dict[str, Any] = response.json()
    return document


def ended(desk: Harness, id_: str) -> Any:
    return soon(lambda: hit(desk, id_)["standDown"])


def stood_down(desk: Harness) -> list[dict[str, Any]]:
    """Return what the audit has of every hit that was stood down."""
    return [header for header, _ in audited(desk) if header["action"] == "hit-stood-down"]


def test_withdrawing_an_entry_stands_its_hits_down_everywhere_they_are_shown(
    desk: Harness,
) -> None:
    key = {"Idempotency-Key": "k-1"}
    body = {"read": "8XKV41", "source": "eyesight", "seenAt": clock.to_text(clock.now()),
            "purpose": "offences"}  # fmt: skip
    first = desk.post("/v1/sightings", body, headers=key).json()
    (one,) = first["hits"]
    assert hit(desk, one["id"])["standDown"] is None
    load(desk.data, (OTHER,))
    end = ended(desk, one["id"])
    assert end["reason"] == "withdrawn"
    (listed,) = desk.post("/v1/hits/search", {"plate": "8XKV41"}, "dispatch").json()["items"]
    assert listed["standDown"] == end
    read = desk.get(f"/v1/sightings/{first['id']}", "guard").json()
    assert read["hits"] == [{**one, "standDown": end}]
    again = desk.post("/v1/sightings", body, headers=key)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == {**first, "hits": [{**one, "standDown": end}]}
    told = stood_down(desk)
    assert [(row["hit"], row["subject"], row["reason"]) for row in told] == [
        (one["id"], first["id"], "withdrawn")
    ]
    assert told[0]["credential"]
    assert "8XKV41" not in str(told)


HIDDEN: dict[str, object] = {**WANTED, "reference": "SYN-H"}


@pytest.mark.parametrize(
    "hiding", [{"dissemination": "dispatch-only"}, {"partners": ["Synthetic East"]}]
)
def test_a_guard_is_stood_down_when_all_it_was_told_has_ended(
    desk: Harness, hiding: dict[str, object]
) -> None:
    hidden, ours = HIDDEN | hiding, WANTED | {"partners": ["Synthetic Security"]}
    load(desk.data, (ours, hidden, OTHER))
    assert soon(lambda: desk.get("/v1/hotlist", "dispatch").json()["entries"] == 3)
    told = desk.report(read="8XKV41")
    (one,) = told["hits"]
    assert [entry["reference"] for entry in one["entries"]] == ["SYN-1"]
    load(desk.data, (hidden, OTHER))
    (read,) = soon(
        lambda: [
            hit
            for hit in desk.get(f"/v1/sightings/{told['id']}").json()["hits"]
            if hit.get("standDown")
        ]
    )
    assert read["standDown"]["reason"] == "withdrawn"
    assert hit(desk, one["id"])["standDown"] is None
    actions = [header["action"] for header, _ in audited(desk)]
    assert actions.count("guards-stood-down") == 1
    load(desk.data, (OTHER,))
    end = ended(desk, one["id"])
    assert end["at"] > read["standDown"]["at"]
    again = desk.get(f"/v1/sightings/{told['id']}").json()["hits"]
    assert again == [read]
    assert len(stood_down(desk)) == 1


def test_a_correction_and_an_end_stand_down_and_a_new_text_does_not(desk: Harness) -> None:
    ends = clock.to_datetime(clock.now()) + timedelta(seconds=6)
    passing = {**OTHER, "validUntil": clock.to_text(clock.to_micros(ends))}
    load(desk.data, (WANTED, passing))
    soon(lambda: desk.report(read="GV123B")["hits"][0]["entries"][0]["validUntil"])
    first, second = (desk.report(read=plate)["hits"][0]["id"] for plate in ("8XKV41", "GV123B"))
    load(desk.data, ({**WANTED, "instruction": "call"}, passing))
    soon(lambda: desk.report(read="8XKV41")["hits"][0]["entries"][0]["instruction"])
    assert hit(desk, first)["standDown"] is None
    assert ended(desk, second)["reason"] == "expired"
    load(desk.data, ({**WANTED, "make": "Saab"}, passing))
    assert ended(desk, first)["reason"] == "corrected"


def test_an_entry_put_in_and_withdrawn_by_itself_stands_down_too(desk: Harness) -> None:
    until = clock.to_text(clock.now() + clock.HOUR)
    sent = {"plate": "12ABC3", "reference": "SYN-9", "category": "robbery", "validUntil": until,
            "legalGround": "synthetic", "purpose": "offences"}  # fmt: skip
    entry = desk.post("/v1/entries", sent, "dispatch").json()
    one = soon(lambda: desk.report(read="12ABC3")["hits"])[0]
    path = f"/v1/entries/{entry['id']}/withdrawals"
    assert desk.post(path, {"reason": "found"}, "dispatch").status_code in {200, 201}
    assert ended(desk, one["id"])["reason"] == "withdrawn"


def test_what_ended_while_no_service_ran_is_stood_down_by_the_next(tmp_path: Path) -> None:
    load(tmp_path, (WANTED, OTHER))
    with TestClient(create_app(Settings(data=tmp_path, **UNLIMITED)), "http://127.0.0.1") as client:
        before = Harness(client, keys(tmp_path), tmp_path)
        one = before.report(read="8XKV41")["hits"][0]["id"]
    load(tmp_path, (OTHER,))
    with TestClient(create_app(Settings(data=tmp_path, **UNLIMITED)), "http://127.0.0.1") as client:
        after = Harness(client, before.keys, tmp_path)
        assert ended(after, one)["reason"] == "withdrawn"
        assert len(stood_down(after)) == 1


def test_a_late_sighting_never_alerts_for_an_entry_that_has_ended_and_says_how_late(
    desk: Harness,
) -> None:
    ends = clock.now() + 2 * clock.SECOND
    load(desk.data, (WANTED, {**OTHER, "validUntil": clock.to_text(ends)}))
    sleep((ends - clock.now()) / clock.SECOND)
    seen = clock.to_text(clock.now() - 3 * clock.HOUR)
    late = soon(lambda: _without_hits(desk, seen))
    assert late["hits"] == []
    assert 10_800 <= late["lateSeconds"] < 10_900
    found = desk.report(read="8XKV41", seenAt=seen)
    assert hit(desk, found["hits"][0]["id"])["lateSeconds"] == found["lateSeconds"] >= 10_800
    assert desk.report(read="8XKV41")["lateSeconds"] == 0


def _without_hits(desk: Harness, seen: str) -> dict[str, Any] | None:
    answer: dict[str, Any] = desk.report(read="GV123B", seenAt=seen)
    return None if answer["hits"] else answer
