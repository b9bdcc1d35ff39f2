"""Every look names what it is for; what the decision does not name is refused, on record."""

from datetime import datetime, timedelta

import pytest

from service import clock
from service.adapters.db import open_database
from service.records import Role
from service.usecases.credentials import Holder, issue_to
from tests.service.api.harness import Harness, audited, faults, sighting, time
from tests.service.api.test_entries import sent as entry
from tests.service.api.test_partners import Firm

LOOKS: tuple[tuple[str, str, object], ...] = (
    ("POST", "/v1/hits/search", {}),
    ("GET", "/v1/hits/0000000000000", None),
    ("GET", "/v1/sightings/0000000000000", None),
    ("POST", "/v1/entries/search", {}),
    ("GET", "/v1/entries/0000000000000", None),
)


@pytest.fixture
def analyst(harness: Harness) -> str:
    """The name of a key of the info desk that was issued for no incident."""
    with open_database(data=harness.data) as database:
        holder = Holder(Role.INFODESK, "Synthetic police", "L. Sample")
        harness.keys["analyst"] = issue_to(database.credentials, holder, now=clock.now())[1]
    return "analyst"


@pytest.mark.parametrize(("method", "path", "body"), LOOKS)
def test_an_analyst_names_an_incident_for_every_look(
    harness: Harness, analyst: str, method: str, path: str, body: object
) -> None:
    refused = harness.call(method, path, analyst, json=body)
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:plate-match:purpose"
    assert faults(refused) == {("", "no-incident")}
    assert audited(harness)[-1][0]["reasons"] == ["no-incident"]
    named = {"Incident-Reference": "2026-0042", "Purpose": "assistance"}
    answer = harness.call(method, path, analyst, json=body, headers=named)
    assert answer.status_code in {200, 404}
    header, payload = audited(harness)[-1]
    assert header["purpose"] == "assistance"
    assert payload["incident"] == "2026-0042"


def test_a_look_that_names_no_purpose_is_for_that_of_its_key(harness: Harness) -> None:
    for role, purpose in (("dispatch", "offences"), ("auditor", "supervision")):
        assert harness.post("/v1/hits/search", {}, role).status_code == 200
        assert audited(harness)[-1][0]["purpose"] == purpose


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Purpose": "curiosity"}, "no-purpose"),
        ({"Purpose": "Offences"}, "no-purpose"),
        ([("Purpose", "offences"), ("Purpose", "assistance")], "no-purpose"),
        ({"Incident-Reference": "x" * 101}, "bad-incident"),
        ([("Incident-Reference", "1"), ("Incident-Reference", "2")], "bad-incident"),
    ],
)
def test_a_purpose_or_an_incident_that_is_none_is_refused(
    harness: Harness, headers: dict[str, str] | list[tuple[str, str]], code: str
) -> None:
    key = ("Authorization", f"Bearer {harness.keys['dispatch']}")
    sent = [key, *(headers.items() if isinstance(headers, dict) else headers)]
    refused = harness.client.post("/v1/hits/search", json={}, headers=sent)
    assert (refused.status_code, faults(refused)) == (403, {("", code)})


def test_what_the_decision_does_not_name_is_refused_and_on_record(
    harness: Harness, now: datetime
) -> None:
    firm = Firm(harness)
    guard, desk = firm.guard(), firm.key(Role.DISPATCH, None)
    since = time(now - timedelta(days=1))
    firm.set_terms(
        {"licence": "ND", "decision": "d", "from": since, "purposes": ["assistance", "supervision"]}
    )
    refused = harness.post("/v1/sightings", sighting(), guard)
    assert (refused.status_code, faults(refused)) == (403, {("/purpose", "other-purpose")})
    header, payload = audited(harness)[-1]
    assert (header["reasons"], header["purpose"]) == (["other-purpose"], "offences")
    assert payload["reads"] == ["8X-?V-41"]
    assert harness.post("/v1/sightings", sighting(purpose="assistance"), guard).status_code == 201
    batch = {"sightings": [sighting(), sighting(purpose="supervision")]}
    results = harness.post("/v1/sightings/batch", batch, guard).json()["results"]
    assert [one["status"] for one in results] == [403, 201]
    end = time(now + timedelta(hours=1))
    put_in = harness.post("/v1/entries", entry(now, validUntil=end), desk)
    assert (put_in.status_code, faults(put_in)) == (403, {("/purpose", "other-purpose")})
    look = harness.post("/v1/hits/search", {}, desk)
    assert (look.status_code, faults(look)) == (403, {("", "other-purpose")})
    named = {"Purpose": "supervision"}
    assert harness.post("/v1/hits/search", {}, desk, headers=named).status_code == 200


@pytest.mark.parametrize("role", ["guard", "dispatch"])
def test_answers_that_can_hold_police_data_tell_of_the_duty_of_secrecy(
    harness: Harness, role: str
) -> None:
    answer = harness.post("/v1/sightings", sighting(), role)
    assert "7(2)" in answer.headers["duty-of-secrecy"]
    assert "duty-of-secrecy" in harness.get(f"/v1/sightings/{answer.json()['id']}", role).headers
    assert "duty-of-secrecy" not in harness.get("/v1/hotlist", role).headers


def test_what_is_refused_of_a_batch_for_one_purpose_is_one_record(
    harness: Harness, now: datetime
) -> None:
    firm = Firm(harness)
    guard, since = firm.guard(), time(now - timedelta(days=1))
    firm.set_terms({"licence": "ND", "decision": "d", "from": since, "purposes": ["supervision"]})
    batch = {"sightings": [sighting(), sighting(purpose="public-order"), sighting(read="GV-1*")]}
    before = len(audited(harness))
    results = harness.post("/v1/sightings/batch", batch, guard).json()["results"]
    assert [one["status"] for one in results] == [403] * 3
    first, second = audited(harness)[before:]
    assert (first[0]["purpose"], first[0]["times"]) == ("offences", 2)
    assert first[1]["tried"] == [["8X-?V-41"], ["GV-1*"]]
    assert (second[0]["purpose"], second[1]["reads"]) == ("public-order", ["8X-?V-41"])
