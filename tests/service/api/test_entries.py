"""One entry at a time, over HTTP: in force, or out, without a file. All plates are synthetic."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from service import clock
from service.adapters.db import open_database
from service.api.entries import EntryOnRecord
from service.api.sighting_models import SightingAnswer
from service.app import create_app
from service.records import Role
from service.settings import Settings
from service.usecases.credentials import issue
from tests.service.api.conftest import UNLIMITED, keys, load
from tests.service.api.harness import Harness, audited, faults, sighting
from tests.service.api.harness import time as moment

PATIENCE = 20.0
"""Seconds a test waits at most; how long it takes is for `benchmarks.entries` to say."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """A service of its own, whose list these tests change."""
    data = tmp_path_factory.mktemp("entries")
    load(data)
    with open_database(data=data) as database:
        issue(database.credentials, Role.GUARD, "Synthetic East", person=None, now=clock.now())
    with TestClient(create_app(Settings(data=data, **UNLIMITED)), "http://127.0.0.1") as client:
        yield Harness(client, keys(data), data)


def sent(now: datetime, **changes: object) -> dict[str, Any]:
    """An entry as dispatch puts it in, with changes; None leaves a field out."""
    entry: dict[str, object] = {
        "plate": "T-VRK-42",
        "category": "robbery",
        "validUntil": moment(now + timedelta(hours=4)),
        "legalGround": "Wpg 8",
        "purpose": "offences",
        "owner": "Synthetic police",
        "contact": "desk 1",
    } | changes
    return {name: value for name, value in entry.items() if value is not None}


def put_in(kept: Harness, body: dict[str, Any], role: str = "dispatch") -> dict[str, Any]:
    response = kept.post("/v1/entries", body, role)
    assert response.status_code == 201, response.text
    EntryOnRecord.model_validate_json(response.content)
    found: dict[str, Any] = response.json()
    return found


def withdraw(kept: Harness, id_: str, role: str = "dispatch") -> Response:
    return kept.post(f"/v1/entries/{id_}/withdrawals", {"reason": "found"}, role)


def soon(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def references(kept: Harness, read: str, role: str = "guard") -> list[str]:
    hits = kept.report(role, read=read, source="camera")["hits"]
    return [entry["reference"] for hit in hits for entry in hit["entries"]]


def test_an_entry_is_in_force_soon_and_out_again(kept: Harness, now: datetime) -> None:
    before = kept.get("/v1/hotlist").json()
    entry = put_in(kept, sent(now, instruction="call"))
    assert (entry["plate"], entry["inForce"], entry["withdrawn"]) == ("TVRK42", True, None)
    assert entry["reference"] == entry["id"]
    assert soon(lambda: entry["id"] in references(kept, "TVRK42"))
    during = kept.get("/v1/hotlist").json()
    base, _, changes = during["version"].partition("+")
    assert before["version"].startswith(base)
    assert int(changes) > int(before["version"].partition("+")[2] or 0)
    assert withdraw(kept, entry["id"], "infodesk").json()["withdrawn"]["reason"] == "found"
    assert soon(lambda: entry["id"] not in references(kept, "TVRK42"))


def test_an_entry_as_long_as_one_may_be_is_in_force(kept: Harness, now: datetime) -> None:
    long = ["\u8eca" * 500] * 20
    texts = {"warnings": long, "persons": long, "instruction": "\u8eca" * 2000}
    entry = put_in(kept, sent(now, plate="T-VRK-43", **texts))
    assert soon(lambda: entry["id"] in references(kept, "TVRK43"))
    assert withdraw(kept, entry["id"]).status_code == 201


def test_blanks_around_a_text_are_no_part_of_it_and_alone_they_say_nothing(
    kept: Harness, now: datetime
) -> None:
    entry = put_in(kept, sent(now, plate="T-VRK-44", reference=" R-44 ", make=" ", owner=" o "))
    assert (entry["reference"], entry["make"], entry["owner"]) == ("R-44", None, "o")
    assert withdraw(kept, entry["id"]).status_code == 201
    for blank, fault in (
        ({"legalGround": " "}, ("/legalGround", "too-short")),
        ({"plate": None, "make": " "}, ("/plate", "missing")),
        ({"contact": "desk\x85"}, ("/contact", "control-character")),
    ):
        response = kept.post("/v1/entries", sent(now, **blank), "dispatch")
        assert faults(response) == {fault}


def test_an_entry_on_a_listed_plate_is_shown_with_those_of_the_feeds(
    kept: Harness, now: datetime
) -> None:
    entry = put_in(kept, sent(now, plate="8XKV41", reference="OVC-1"))
    assert soon(lambda: references(kept, "8XKV41") == ["SYN-1", "SYN-2", "OVC-1"])
    withdraw(kept, entry["id"])
    assert soon(lambda: references(kept, "8XKV41") == ["SYN-1", "SYN-2"])


def test_a_guard_does_not_learn_of_an_entry_for_dispatch_only(kept: Harness, now: datetime) -> None:
    entry = put_in(kept, sent(now, plate="HBN88R", dissemination="dispatch-only"))
    assert soon(lambda: entry["id"] in references(kept, "HBN88R", "dispatch"))
    assert entry["id"] not in references(kept, "HBN88R", "guard")


def test_guards_learn_of_an_entry_that_names_partners_if_it_names_their_firm(
    kept: Harness, now: datetime
) -> None:
    body = sent(now, plate="HBN88R")
    ours = put_in(kept, body | {"partners": ["Synthetic East", "Synthetic Security"]})
    theirs = put_in(kept, body | {"partners": ["Synthetic East"]})
    secret = put_in(
        kept, body | {"partners": ["Synthetic Security"], "dissemination": "dispatch-only"}
    )
    assert ours["partners"] == ["Synthetic East", "Synthetic Security"]
    there = {ours["id"], theirs["id"], secret["id"]}
    assert soon(lambda: there <= set(references(kept, "HBN88R", "dispatch")))
    assert there & set(references(kept, "HBN88R")) == {ours["id"]}
    counts = [kept.get("/v1/hotlist", role).json()["entries"] for role in ("dispatch", "guard")]
    assert counts[0] - counts[1] >= 2


@pytest.mark.parametrize("name", ["", " ", " Synthetic Security", "x" * 101])
def test_a_partner_that_nobody_can_be_called_is_refused(
    kept: Harness, now: datetime, name: str
) -> None:
    response = kept.post("/v1/entries", sent(now, partners=["Synthetic East", name]), "dispatch")
    assert response.status_code == 400
    assert {pointer for pointer, _ in faults(response)} == {"/partners/1"}


def test_a_partner_that_nobody_knows_is_refused_however_the_others_are_spelled(
    kept: Harness, now: datetime
) -> None:
    before = kept.post("/v1/entries/search", {"limit": 1}, "dispatch").json()["items"]
    names = ["synthetic  EAST", "Synthetic Eest", "Synthetic Security", "Nobody"]
    response = kept.post("/v1/entries", sent(now, partners=names), "dispatch")
    assert response.status_code == 400
    assert faults(response) == {
        ("/partners/1", "unknown-organisation"), ("/partners/3", "unknown-organisation")
    }  # fmt: skip
    after = kept.post("/v1/entries/search", {"limit": 1}, "dispatch").json()["items"]
    assert before == after
    assert put_in(kept, sent(now, partners=names[::2]))["partners"] == names[::2]


@pytest.mark.parametrize("owner", [None, "", "  "])
def test_an_entry_without_an_owner_is_that_of_the_organisation_that_put_it_in(
    kept: Harness, now: datetime, owner: str | None
) -> None:
    entry = put_in(kept, sent(now, owner=owner, contact=""))
    assert (entry["owner"], entry["contact"]) == (entry["organisation"], "")
    assert kept.get(f"/v1/entries/{entry['id']}", "dispatch").json()["owner"] == entry["owner"]


def test_every_fault_is_named_at_once(kept: Harness, now: datetime) -> None:
    body = sent(now, plate="8X*41", legalGround="", purpose="fun", colour=3, unknown=1)
    response = kept.post("/v1/entries", body, "dispatch")
    assert response.status_code == 400
    assert faults(response) == {
        ("/plate", "not-a-plate"),
        ("/legalGround", "too-short"),
        ("/purpose", "unknown-value"),
        ("/colour", "wrong-type"),
        ("/unknown", "unknown-field"),
    }
    nothing = kept.post("/v1/entries", {}, "dispatch")
    missing = {"/validUntil", "/legalGround", "/purpose"}
    assert faults(nothing) == {(one, "missing") for one in missing}
    for more in ({}, {"make": "BMW", "wanted": "plate"}):
        unknown = kept.post("/v1/entries", sent(now, plate=None, **more), "dispatch")
        assert faults(unknown) == {("/plate", "missing")}


def test_a_plate_of_which_a_part_is_known_or_nothing_is_found_by_what_is(
    kept: Harness, now: datetime
) -> None:
    seen = {"make": "Porsche", "colour": "geel"}
    for plate, model in (("57-SR?-.", "911"), (None, "Cayman"), (None, "Boxster")):
        body = sent(now, plate=plate, make="Porsche", colour="yellow", model=model)
        put_in(kept, body | {"reference": f"SYN-{model}"})

    def hits(read: str) -> dict[str, dict[str, Any]]:
        asked = sighting(read=read, seenAt=moment(now), vehicle=seen)
        response = kept.post("/v1/sightings", asked, "dispatch")
        assert response.status_code == 201, response.text
        SightingAnswer.model_validate_json(response.content)
        return {hit["entries"][0]["reference"]: hit for hit in response.json()["hits"]}

    assert soon(lambda: {"SYN-Cayman", "SYN-Boxster"} <= set(hits("99-GBD-7")))
    for read, expected in (
        ("57-SRX-8", {"SYN-911": "57SR??"}),
        ("99-GBD-7", {"SYN-Cayman": "", "SYN-Boxster": ""}),
    ):
        found = hits(read)
        plates = {reference: hit["plate"] for reference, hit in found.items()}
        assert expected.items() <= plates.items()
        assert len({hit["id"] for hit in found.values()}) == len(found)
        for hit in found.values():
            again = kept.get(f"/v1/hits/{hit['id']}", "dispatch").json()
            assert {name: again[name] for name in hit} == hit
    listed = kept.post("/v1/entries/search", {"plate": "57-SR?-."}, "dispatch").json()["items"]
    assert [one["plate"] for one in listed] == ["57SR??"]
    assert put_in(kept, sent(now, plate=None, make="BMW"))["plate"] is None


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        (None, -1, {"over", "ends-before"}),
        (3, 2, {"ends-before"}),
        (None, 49, {"too-long"}),
        (1, 50, {"too-long"}),
    ],
)
def test_an_entry_has_an_end_that_makes_sense(
    kept: Harness, now: datetime, begin: int | None, end: int, expected: set[str]
) -> None:
    start = None if begin is None else moment(now + timedelta(hours=begin))
    body = sent(now, validUntil=moment(now + timedelta(hours=end)), validFrom=start)
    response = kept.post("/v1/entries", body, "dispatch")
    assert faults(response) == {("/validUntil", code) for code in expected}


def test_an_entry_is_read_with_who_to_call_and_whether_it_stands(
    kept: Harness, now: datetime
) -> None:
    later = moment(now + timedelta(hours=1))
    entry = put_in(kept, sent(now, plate="KPZ55G", validFrom=later))
    assert not entry["inForce"]
    read = kept.get(f"/v1/entries/{entry['id']}", "auditor")
    assert read.json() == entry
    assert (entry["owner"], entry["contact"]) == ("Synthetic police", "desk 1")
    first = withdraw(kept, entry["id"])
    assert withdraw(kept, entry["id"], "infodesk").json() == first.json()
    for id_ in ("0000000000000", "TVRK42", "8XKV41"):
        assert kept.get(f"/v1/entries/{id_}", "dispatch").status_code == 404
        assert withdraw(kept, id_).status_code == 404


def test_entries_are_found_by_what_they_say(kept: Harness, now: datetime) -> None:
    one = put_in(kept, sent(now, plate="RSD31L", category="weapons", reference="W-1"))
    other = put_in(kept, sent(now, plate="RSD32L", category="weapons"))
    withdraw(kept, other["id"])

    def found(**filters: object) -> list[str]:
        body = kept.post("/v1/entries/search", filters, "auditor").json()
        return [item["id"] for item in body["items"]]

    assert found(category="weapons") == [other["id"], one["id"]]
    assert found(category="weapons", inForce=True) == [one["id"]]
    assert found(category="weapons", inForce=False) == [other["id"]]
    assert found(plate="rsd-31-l") == found(reference="W-1") == [one["id"]]
    assert found(category="weapons", to=moment(now)) == []
    first = kept.post("/v1/entries/search", {"category": "weapons", "limit": 1}, "auditor").json()
    assert [item["id"] for item in first["items"]] == [other["id"]]
    put_in(kept, sent(now, plate="RSD33L", category="weapons"))
    rest = {"category": "weapons", "limit": 1, "cursor": first["next"]}
    assert [
        item["id"] for item in kept.post("/v1/entries/search", rest, "auditor").json()["items"]
    ] == [one["id"]]
    elsewhere = {"category": "fines", "cursor": first["next"]}
    assert faults(kept.post("/v1/entries/search", elsewhere, "auditor")) == {
        ("/cursor", "bad-cursor")
    }


def test_what_is_done_with_entries_is_on_record_without_a_plate_in_what_stays(
    kept: Harness, now: datetime
) -> None:
    before = len(audited(kept))
    entry = put_in(kept, sent(now, plate="DLB07S"))
    kept.get(f"/v1/entries/{entry['id']}", "auditor")
    kept.post("/v1/entries/search", {"plate": "DLB07S"}, "infodesk")
    withdraw(kept, entry["id"])
    # a hit of an entry of before may be found meanwhile
    records = [one for one in audited(kept)[before:] if one[0]["action"].startswith("entr")]
    assert [header["action"] for header, _ in records] == [
        "entry-put-in",
        "entry-read",
        "entries-searched",
        "entry-withdrawn",
    ]
    assert all("DLB07S" not in json.dumps(header) for header, _ in records)
    assert records[0][1]["entry"]["plate"] == records[3][1]["plate"] == "DLB07S"
    assert records[2][1]["filters"]["plate"] == "DLB07S"
    assert records[2][1]["shown"] == [{"entry": entry["id"], "plate": "DLB07S"}]
    assert records[1][1]["reference"] == entry["reference"]


def test_a_feed_sees_and_withdraws_only_what_its_own_firm_put_in(
    tmp_path: Path, now: datetime
) -> None:
    load(tmp_path)
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        service = Harness(client, keys(tmp_path) | other_feed(tmp_path), tmp_path)
        entry = put_in(service, sent(now))
        assert service.get(f"/v1/entries/{entry['id']}", "feed").status_code == 200
        assert service.get(f"/v1/entries/{entry['id']}", "other feed").status_code == 404
        assert withdraw(service, entry["id"], "other feed").status_code == 404
        header, _ = audited(service)[-1]
        assert (header["action"], header["subject"]) == ("not-shown", entry["id"])
        assert header["wanted"] == "entry-withdrawn"
        found = service.post("/v1/entries/search", {}, "other feed").json()
        assert found == {"items": [], "next": None}


def other_feed(data: Path) -> dict[str, str]:
    with open_database(data=data) as database:
        firm, now = "Another synthetic police", clock.now()
        return {"other feed": issue(database.credentials, Role.FEED, firm, person=None, now=now)[1]}


def test_entries_outlive_a_restart_and_stand_without_any_file(
    tmp_path: Path, now: datetime
) -> None:
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        service = Harness(client, keys(tmp_path), tmp_path)
        assert service.post("/v1/sightings", sighting(read="TVRK42")).status_code == 503
        entry = put_in(service, sent(now))
        assert soon(
            lambda: service.post("/v1/sightings", sighting(read="TVRK42")).status_code == 201
        )
        issued = service.keys
    with TestClient(create_app(Settings(data=tmp_path)), "http://127.0.0.1") as client:
        again = Harness(client, issued, tmp_path)
        assert references(again, "TVRK42") == [entry["id"]]
        assert again.get("/v1/hotlist").json()["version"] == "none+1"
