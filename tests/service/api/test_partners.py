"""Partners, people and devices: who is lapsed, dropped or suspended is refused at the next request.

All names, passes and plates are synthetic.
"""

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from plate_match.hotlist import Purpose
from service import clock
from service.adapters.db import open_database
from service.errors import NotThere
from service.records import Role
from service.usecases.credentials import CannotRotate, Holder, issue_to, revoke, rotate
from tests.service.api.harness import Harness, audited, faults, sighting, time

_FIRMS = itertools.count(1)

Terms = Callable[..., dict[str, Any]]

_PASS: dict[str, object] = {
    "passNumber": "SYN-1",
    "passColour": "grey",
    "passUntil": "2099-01-01T00:00:00Z",
    "secrecyAcknowledgedAt": "2026-01-05T09:00:00Z",
}


@pytest.fixture
def terms(now: datetime) -> Terms:
    """Terms that are in force, with changes."""

    def made(**changes: object) -> dict[str, Any]:
        sent = {
            "licence": "ND 0000",
            "decision": "synthetic decision",
            "from": time(now - timedelta(days=1)),
        }
        return {name: value for name, value in (sent | changes).items() if value is not None}

    return made


class Firm:
    """A firm of its own, with a guard and a manager that it has proposed to nobody yet."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.name = f"Synthetic firm {next(_FIRMS)}"
        self.keys: dict[str, str] = {}

    def key(self, role: Role, person: str | None, device: str | None = None) -> str:
        """Issue a key for a person of the firm, and return the name it goes by."""
        name = f"{self.name} {role} {person} {device}"
        with open_database(data=self.harness.data) as database:
            holder = Holder(role, self.name, person, device)
            self.harness.keys[name] = issue_to(database.credentials, holder, now=clock.now())[1]
        return name

    def guard(self, person: str = "Q. Sample") -> str:
        """Issue a key for a guard with a pass, and return the name it goes by."""
        name = self.key(Role.GUARD, person)
        self.approve(self.propose(person))
        return name

    def set_terms(self, terms: dict[str, Any]) -> dict[str, Any]:
        """Put the terms of the firm on record."""
        body = {"name": self.name, "terms": terms}
        answer = self.harness.post("/v1/organisations", body, "operator")
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def propose(
        self, name: str, by: str = "operator", *, role: str = "guard", **changes: object
    ) -> dict[str, Any]:
        """Propose a person."""
        body = {
            "role": role,
            "name": name,
            "organisation": self.name,
            **_PASS,
        }
        answer = self.harness.post("/v1/people", body | changes, by)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def approve(self, person: dict[str, Any]) -> None:
        """Approve what was proposed."""
        body = {"proposal": person["waiting"]["id"]}
        answer = self.harness.post(f"/v1/people/{person['id']}/approvals", body, "operator")
        assert answer.status_code == 201, answer.text

    def told(self, key: str) -> set[str]:
        """Why whoever has this key is refused; nothing if they are let in."""
        answer = self.harness.get("/v1/hotlist", key)
        if answer.status_code == 200:
            return set()
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:plate-match:not-in-force"
        return {code for _, code in faults(answer)}


@pytest.fixture
def firm(harness: Harness) -> Firm:
    return Firm(harness)


def test_a_guard_takes_part_from_the_approval_to_the_drop(firm: Firm, harness: Harness) -> None:
    guard, manager = firm.key(Role.GUARD, "A. Sample"), firm.key(Role.MANAGER, None)
    assert firm.told(guard) == set()
    person = firm.propose("A. Sample", manager)
    assert firm.told(guard) == {"pass-not-approved"}
    refused = harness.call("POST", f"/v1/people/{person['id']}/approvals", manager)
    assert refused.status_code == 403
    firm.approve(person)
    assert firm.told(guard) == set()
    dropped = harness.post(f"/v1/people/{person['id']}/drops", {"reason": "left"}, manager)
    assert dropped.json()["dropped"]["reason"] == "left"
    assert firm.told(guard) == {"person-dropped"}
    again = firm.propose("A. Sample", manager)
    assert again["id"] == person["id"]
    assert firm.told(guard) == {"person-dropped"}
    firm.approve(again)
    assert firm.told(guard) == set()


def test_another_pass_counts_when_it_is_approved_and_the_one_before_until_then(
    firm: Firm, harness: Harness, now: datetime
) -> None:
    guard = firm.key(Role.GUARD, "B. Sample")
    person = firm.propose("B. Sample")
    firm.approve(person)
    ended = firm.propose("B. Sample", passUntil=time(now - timedelta(seconds=1)))
    assert ended["waiting"]["passNumber"] == "SYN-1"
    assert firm.told(guard) == set()
    firm.approve(ended)
    assert firm.told(guard) == {"pass-ended"}
    again = {"proposal": ended["waiting"]["id"]}
    nothing = harness.post(f"/v1/people/{person['id']}/approvals", again, "operator")
    assert (nothing.status_code, nothing.json()["type"]) == (409, "urn:plate-match:another-waits")


def test_what_is_approved_is_what_was_looked_at(firm: Firm, harness: Harness) -> None:
    firm.guard()
    seen = firm.propose("O. Sample")
    swapped = firm.propose("O. Sample", passNumber="SYN-2", role="manager")
    place = f"/v1/people/{seen['id']}/approvals"
    refused = harness.post(place, {"proposal": seen["waiting"]["id"]}, "operator")
    assert refused.status_code == 409
    taken = harness.post(place, {"proposal": swapped["waiting"]["id"]}, "operator").json()
    assert taken["approved"]["passNumber"] == "SYN-2"
    assert audited(harness)[-1][1]["pass"]["passNumber"] == "SYN-2"


def test_who_was_approved_for_one_role_has_no_other(firm: Firm, terms: Terms) -> None:
    guard, desk = (firm.key(role, "P. Sample") for role in (Role.GUARD, Role.DISPATCH))
    firm.approve(firm.propose("P. Sample"))
    assert (firm.told(guard), firm.told(desk)) == (set(), {"other-role"})
    nobody = firm.key(Role.DISPATCH, None)
    unscreened = firm.key(Role.GUARD, None)
    assert firm.told(unscreened) == set()
    firm.set_terms(terms(roles=["guard", "manager"]))
    assert firm.told(unscreened) == {"pass-not-approved"}
    assert (firm.told(guard), firm.told(nobody)) == (set(), {"role-not-of-firm"})


def test_names_that_look_alike_are_one(firm: Firm, harness: Harness) -> None:
    guard = firm.key(Role.GUARD, "Jose\u0301  Sample ")
    firm.propose(" Jos\u00e9 Sample")
    assert firm.told(guard) == {"pass-not-approved"}
    for name in ("a\u200bb", "a\tb", " ", "x" * 201):
        told = harness.post("/v1/devices", {"name": name, "organisation": firm.name}, "operator")
        assert faults(told) == {("/name", "bad-name")}


def test_nobody_suspends_the_own_organisation_or_is_the_canary(harness: Harness) -> None:
    firms = harness.get("/v1/organisations?limit=200", "operator").json()["items"]
    own = next(one["id"] for one in firms if one["name"] == "Synthetic Security")
    refused = harness.post(f"/v1/organisations/{own}/suspensions", {"reason": "x"}, "operator")
    assert faults(refused) == {("", "own-organisation")}
    body = {"name": "canary", "organisation": "canary"}
    assert ("/organisation", "bad-name") in faults(harness.post("/v1/devices", body, "operator"))


@pytest.mark.parametrize(
    "changes",
    [
        {"roles": ["guard"]},
        {"licenceUntil": "2020-01-01T00:00:00Z"},
        {"from": "2090-01-01T00:00:00Z"},
    ],
)
def test_nobody_puts_terms_on_record_that_shut_themselves_out(
    harness: Harness, terms: Terms, changes: dict[str, object]
) -> None:
    body = {"name": "SYNTHETIC  security", "terms": terms(**changes)}
    before = len(audited(harness))
    refused = harness.post("/v1/organisations", body, "operator")
    assert (refused.status_code, faults(refused)) == (400, {("/terms", "own-organisation")})
    assert harness.get("/v1/organisations", "operator").status_code == 200
    assert [header["action"] for header, _ in audited(harness)[before:]] == ["partners-read"]


def test_a_firm_takes_part_whatever_roles_its_people_may_have(firm: Firm, terms: Terms) -> None:
    for roles, codes in ((["dispatch", "infodesk"], []), ([], ["role-not-of-firm"])):
        shown = firm.set_terms(terms(roles=roles))
        assert [one["code"] for one in shown["reasons"]] == codes


def test_why_somebody_who_waits_takes_no_part_goes_by_the_role_that_waits(
    firm: Firm, terms: Terms
) -> None:
    firm.set_terms(terms(roles=["manager"]))
    for role, codes in (
        ("manager", ["pass-not-approved"]),
        ("guard", ["role-not-of-firm", "pass-not-approved"]),
    ):
        shown = firm.propose(f"{role} Sample", role=role)
        assert [one["code"] for one in shown["reasons"]] == codes


@pytest.mark.parametrize("limit", ["9" * 5000, "0" * 5000, "201", "0", "", "-1", "1.0"])
@pytest.mark.parametrize("path", ["/v1/organisations", "/v1/devices"])
def test_a_limit_that_is_none_is_a_fault_however_long(
    harness: Harness, path: str, limit: str
) -> None:
    refused = harness.get(f"{path}?limit={limit}", "auditor")
    assert (refused.status_code, faults(refused)) == (400, {("/limit", "out-of-range")})


def test_a_key_is_not_issued_for_a_device_that_was_dropped(firm: Firm, harness: Harness) -> None:
    manager = firm.key(Role.MANAGER, None)
    device = harness.post("/v1/devices", {"name": "phone"}, manager).json()
    harness.post(f"/v1/devices/{device['id']}/drops", {"reason": "lost"}, manager)
    with pytest.raises(NotThere):
        firm.key(Role.GUARD, None, device["id"])


def test_a_key_for_a_device_that_was_dropped_is_not_replaced_and_the_reason_is_told(
    firm: Firm, harness: Harness
) -> None:
    manager = firm.key(Role.MANAGER, None)
    device = harness.post("/v1/devices", {"name": "phone"}, manager).json()
    firm.key(Role.GUARD, "T. Sample", device["id"])
    harness.post(f"/v1/devices/{device['id']}/drops", {"reason": "lost"}, manager)
    with open_database(data=harness.data) as database:
        mine = next(one for one in database.credentials.all() if one.device == device["id"])
        with pytest.raises(CannotRotate, match="its device was dropped"):
            rotate(database.credentials, mine.id, overlap=timedelta(0), now=clock.now())
        assert database.credentials.find(mine.id) == mine


def test_a_pass_lapses_without_anybody_doing_anything(firm: Firm) -> None:
    guard = firm.key(Role.GUARD, "C. Sample")
    soon = clock.to_datetime(clock.now()) + timedelta(seconds=0.6)
    firm.approve(firm.propose("C. Sample", passUntil=time(soon)))
    assert firm.told(guard) == set()
    while clock.to_datetime(clock.now()) < soon:
        pass
    assert firm.told(guard) == {"pass-ended"}


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"licenceUntil": "2026-01-02T00:00:00Z"}, {"licence-ended"}),
        ({"markUntil": "2026-01-02T00:00:00Z", "mark": "synthetic"}, {"mark-ended"}),
        ({"from": "2099-01-01T00:00:00Z"}, {"decision-not-begun"}),
        ({"from": "2020-01-01T00:00:00Z", "until": "2021-01-01T00:00:00Z"}, {"decision-ended"}),
    ],
)
def test_a_firm_takes_part_while_its_terms_are_in_force(
    firm: Firm, terms: Terms, changes: dict[str, object], codes: set[str]
) -> None:
    keys = [firm.guard(), firm.key(Role.DISPATCH, None)]
    shown = firm.set_terms(terms(**changes))
    assert {one["code"] for one in shown["reasons"]} == codes
    assert [firm.told(key) for key in keys] == [codes, codes]
    firm.set_terms(terms())
    assert [firm.told(key) for key in keys] == [set(), set()]


def test_a_suspended_firm_is_refused_until_it_is_reinstated(
    firm: Firm, harness: Harness, terms: Terms
) -> None:
    key = firm.guard()
    place = f"/v1/organisations/{firm.set_terms(terms())['id']}"
    harness.post(f"{place}/suspensions", {"reason": "a leak"}, "operator")
    assert firm.told(key) == {"firm-suspended"}
    firm.set_terms(terms(mark="another"))
    assert firm.told(key) == {"firm-suspended"}
    back = harness.post(f"{place}/reinstatements", {"reason": "mended"}, "operator")
    assert back.json()["suspended"] is None
    assert back.json()["terms"]["mark"] == "another"
    assert firm.told(key) == set()


def test_a_dropped_device_is_refused_and_what_it_did_is_on_record_by_its_id(
    firm: Firm, harness: Harness
) -> None:
    manager = firm.key(Role.MANAGER, None)
    device = harness.post("/v1/devices", {"name": "phone 12"}, manager).json()
    guard = firm.key(Role.GUARD, None, device["id"])
    assert harness.post("/v1/sightings", sighting(), guard).status_code == 201
    assert audited(harness)[-1][0]["device"] == device["id"]
    harness.post(f"/v1/devices/{device['id']}/drops", {"reason": "stolen"}, manager)
    assert firm.told(guard) == {"device-dropped"}
    refusal = audited(harness)[-1][0]
    assert (refusal["action"], refusal["reasons"]) == ("refused", ["device-dropped"])
    listed = harness.get("/v1/devices", manager).json()["items"]
    assert [one["dropped"]["reason"] for one in listed] == ["stolen"]


def test_a_firm_may_ask_that_its_guards_have_a_device(
    firm: Firm, harness: Harness, terms: Terms
) -> None:
    manager = firm.key(Role.MANAGER, "V. Sample")
    firm.approve(firm.propose("V. Sample", role="manager"))
    bare = firm.guard("W. Sample")
    assert firm.set_terms(terms(deviceRequired=True))["terms"]["deviceRequired"] is True
    assert (firm.told(bare), firm.told(manager)) == ({"device-required"}, set())
    refused = harness.post("/v1/sightings", sighting(), bare)
    assert (refused.status_code, faults(refused)) == (403, {("", "device-required")})
    device = harness.post("/v1/devices", {"name": "phone 13"}, manager).json()
    bound = firm.key(Role.GUARD, "W. Sample", device["id"])
    assert firm.told(bound) == set()
    harness.post(f"/v1/devices/{device['id']}/drops", {"reason": "stolen"}, manager)
    assert firm.told(bound) == {"device-dropped"}
    assert firm.set_terms(terms())["terms"]["deviceRequired"] is False
    assert firm.told(bare) == set()


def test_the_pass_of_whoever_did_something_is_on_record_beside_the_chain(
    firm: Firm, harness: Harness
) -> None:
    guard = firm.key(Role.GUARD, "D. Sample")
    firm.approve(firm.propose("D. Sample", passNumber="SYN-77"))
    assert harness.post("/v1/sightings", sighting(), guard).status_code == 201
    header, payload = audited(harness)[-1]
    assert (payload["person"], payload["passNumber"]) == ("D. Sample", "SYN-77")
    assert "SYN-77" not in str(header)


def test_a_manager_sees_and_changes_the_own_firm_alone(harness: Harness, terms: Terms) -> None:
    mine, other = Firm(harness), Firm(harness)
    manager = mine.key(Role.MANAGER, "R. Sample")
    mine.approve(mine.propose("R. Sample", role="manager"))
    mine.set_terms(terms())
    other.set_terms(terms())
    person = other.propose("E. Sample")
    own = mine.propose("F. Sample", manager)
    device = harness.post("/v1/devices", {"name": "p", "organisation": other.name}, "operator")
    for method, path, body in (
        ("GET", f"/v1/people/{person['id']}", None),
        ("POST", f"/v1/people/{person['id']}/drops", {"reason": "x"}),
        ("POST", f"/v1/devices/{device.json()['id']}/drops", {"reason": "x"}),
        ("POST", "/v1/devices", {"name": "x", "organisation": other.name}),
        ("GET", "/v1/people/0000000000000", None),
        ("GET", "/v1/people/nobody", None),
    ):
        answer = harness.call(method, path, manager, json=body)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:plate-match:not-there")
    everybody = {"organisation": other.name}
    found = harness.post("/v1/people/search", {}, manager).json()["items"]
    assert [one["name"] for one in found] == ["F. Sample", "R. Sample"]
    assert harness.post("/v1/people/search", everybody, manager).json()["items"] == []
    header, payload = audited(harness)[-1]
    assert (header["action"], header["shown"]) == ("people-searched", [])
    assert payload["filters"]["organisation"] == other.name
    firms = harness.get("/v1/organisations", manager).json()["items"]
    assert [one["name"] for one in firms] == [mine.name]
    assert harness.get("/v1/devices", manager).json()["items"] == []
    assert harness.get(f"/v1/people/{own['id']}", manager).json() == own


def test_what_a_manager_tries_on_another_firm_is_on_record(harness: Harness) -> None:
    mine, other = Firm(harness), Firm(harness)
    manager = mine.key(Role.MANAGER, None)
    other.key(Role.GUARD, "S. Sample")
    person = other.propose("S. Sample")
    device = harness.post("/v1/devices", {"name": "p", "organisation": other.name}, "operator")
    for path, body, wanted in (
        ("/v1/people", {"name": "T. Sample", **_PASS}, "person-proposed"),
        ("/v1/devices", {"name": "x"}, "device-added"),
        (f"/v1/people/{person['id']}/drops", {"reason": "x"}, "person-dropped"),
        (f"/v1/devices/{device.json()['id']}/drops", {"reason": "x"}, "device-dropped"),
    ):
        sent = body if "reason" in body else {**body, "organisation": other.name}
        before = len(audited(harness))
        assert harness.post(path, sent, manager).status_code == 404
        ((header, payload),) = audited(harness)[before:]
        assert (header["action"], header["wanted"]) == ("not-shown", wanted)
        assert header["organisation"] == mine.name
        named = header.get("subject") in {person["id"], device.json()["id"]}
        assert named or payload["of"] == other.name
        assert other.name not in str(header)


def test_terms_are_on_record_by_the_names_they_are_sent_by(firm: Firm, harness: Harness) -> None:
    sent = {
        "licence": "ND 0000",
        "decision": "synthetic decision",
        "from": "2026-01-01T00:00:00Z",
        "licenceUntil": "2099-01-01T00:00:00Z",
        "passColours": ["grey", "green"],
    }
    shown = firm.set_terms(sent)
    header = audited(harness)[-1][0]
    assert header["terms"] == shown["terms"]
    assert {name: header["terms"][name] for name in sent} == sent


def test_a_manager_sees_which_passes_are_about_to_end_and_which_wait(
    firm: Firm, harness: Harness, now: datetime
) -> None:
    manager = firm.key(Role.MANAGER, None)
    for name, days in (("G", -1), ("H", 10), ("I", 60)):
        firm.approve(firm.propose(name, passUntil=time(now + timedelta(days=days))))
    firm.propose("J")

    def names(**filters: object) -> list[str]:
        found = harness.post("/v1/people/search", filters, manager).json()["items"]
        return [one["name"] for one in found]

    assert names(passEndsWithinDays=30) == ["H", "G"]
    assert names(passEndsWithinDays=0) == ["G"]
    assert names(waiting=True) == ["J"]
    assert names(waiting=False) == ["I", "H", "G"]
    assert names(name="I") == ["I"]
    header, payload = audited(harness)[-1]
    assert len(header["shown"]) == 1
    assert payload["filters"]["name"] == "I"
    first = harness.post("/v1/people/search", {"limit": 3}, manager).json()
    rest = harness.post("/v1/people/search", {"limit": 3, "cursor": first["next"]}, manager).json()
    assert [one["name"] for one in (*first["items"], *rest["items"])] == ["J", "I", "H", "G"]
    assert rest["next"] is None
    other = harness.post("/v1/people/search", {"cursor": first["next"], "waiting": True}, manager)
    assert faults(other) == {("/cursor", "bad-cursor")}


def test_organisations_and_devices_come_in_pages(harness: Harness, firm: Firm) -> None:
    for name in ("one", "two", "three"):
        harness.post("/v1/devices", {"name": name, "organisation": firm.name}, "operator")
        if name == "one":
            firm.key(Role.MANAGER, None)
            harness.post("/v1/devices", {"name": name, "organisation": firm.name}, "operator")
    for path in ("/v1/devices", "/v1/organisations"):
        first = harness.get(f"{path}?limit=1", "auditor").json()
        second = harness.get(f"{path}?limit=1&cursor={first['next']}", "auditor").json()
        both = harness.get(f"{path}?limit=2", "auditor").json()
        assert both["items"] == [*first["items"], *second["items"]]


def test_what_is_proposed_for_a_firm_that_is_not_there_is_refused(harness: Harness) -> None:
    unnamed = harness.post("/v1/devices", {"name": "x"}, "operator")
    assert faults(unnamed) == {("/organisation", "missing")}
    unknown = harness.post("/v1/devices", {"name": "x", "organisation": "nobody"}, "operator")
    assert unknown.status_code == 404


def test_the_terms_of_the_firm_say_which_colour_is_a_reason(
    firm: Firm, harness: Harness, terms: Terms
) -> None:
    firm.set_terms(terms())
    person = firm.propose("N. Sample", passColour="orange")
    firm.approve(person)
    for colours, codes in ((["orange"], []), (["grey"], ["pass-colour"])):
        firm.set_terms(terms(passColours=colours))
        shown = harness.get(f"/v1/people/{person['id']}", "auditor").json()
        assert [one["code"] for one in shown["reasons"]] == codes


def test_faulty_terms_are_refused_with_every_fault(harness: Harness) -> None:
    body = {
        "name": " ",
        "terms": {
            "licence": "",
            "decision": "d",
            "from": "2026-01-01",
            "categories": ["unknown"],
            "passColours": [],
        },
    }
    told = {pointer for pointer, _ in faults(harness.post("/v1/organisations", body, "operator"))}
    assert told == {
        "/name",
        "/terms/licence",
        "/terms/from",
        "/terms/categories/0",
        "/terms/passColours",
    }


def test_every_change_is_on_record_without_a_name_where_it_cannot_be_erased(
    firm: Firm, harness: Harness, terms: Terms
) -> None:
    before = len(audited(harness))
    firm.set_terms(terms())
    person = firm.propose("K. Sample")
    firm.approve(person)
    harness.post(f"/v1/people/{person['id']}/drops", {"reason": "left"}, "operator")
    harness.get(f"/v1/people/{person['id']}", "auditor")
    made = audited(harness)[before:]
    assert [header["action"] for header, _ in made] == [
        "terms-set",
        "person-proposed",
        "person-approved",
        "person-dropped",
        "person-read",
    ]
    assert not any("Sample" in str(header) for header, _ in made)
    assert made[2][1]["name"] == "K. Sample"
    made_up = harness.get("/v1/people/0000000000000", "auditor")
    assert made_up.status_code == 404
    assert audited(harness)[-1][0]["action"] == "not-shown"


def test_guards_are_answered_over_the_categories_that_their_firm_may_see(
    firm: Firm, harness: Harness, terms: Terms
) -> None:
    key = firm.guard()
    (hit,) = harness.report(key, read="8XKV41")["hits"]
    category = hit["entries"][0]["category"]
    other = "fines" if category != "fines" else "drugs"
    told = harness.report(key, read="8XKV41")["id"]
    for categories, seen in (([other], 0), ([other, category], 1), (None, 1), ([], 0)):
        firm.set_terms(terms(categories=categories))
        assert len(harness.report(key, read="8XKV41")["hits"]) == seen
        again = harness.get(f"/v1/sightings/{told}", key).json()
        assert len(again["hits"]) == seen


def test_an_answer_given_again_tells_nothing_that_the_terms_allow_no_longer(
    firm: Firm, harness: Harness, terms: Terms
) -> None:
    key, sent, under = firm.guard(), sighting(read="8XKV41"), {"Idempotency-Key": "once"}
    firm.set_terms(terms(purposes=["offences", "assistance"]))
    first = harness.post("/v1/sightings", sent, key, headers=under).json()
    assert len(first["hits"]) == 1
    for changes, seen in (
        ({"purposes": ["assistance", "offences", "supervision"]}, 1),
        ({"purposes": ["offences"]}, 0),
        ({"categories": []}, 0),
        ({}, 1),
    ):
        firm.set_terms(terms(**changes))
        read = harness.get(f"/v1/sightings/{first['id']}", key).json()
        replayed = harness.post("/v1/sightings", sent, key, headers=under).json()
        for again in (read, replayed):
            assert len(again["hits"]) == seen
            assert again["notListed"] == (first["notListed"] if seen else None)


def test_terms_that_narrow_what_all_could_be_told_of_narrow_what_was(
    firm: Firm, harness: Harness, terms: Terms
) -> None:
    key = firm.guard()
    told = harness.report(key, read="8XKV41")
    assert len(told["hits"]) == 1
    for purposes, seen in ([*Purpose], 1), (["offences"], 0):
        firm.set_terms(terms(purposes=purposes))
        assert len(harness.get(f"/v1/sightings/{told['id']}", key).json()["hits"]) == seen
    whole = harness.get(f"/v1/sightings/{told['id']}", "dispatch").json()
    assert len(whole["hits"]) == 1


def test_a_revoked_key_that_is_tried_is_on_record(firm: Firm, harness: Harness) -> None:
    name = firm.key(Role.GUARD, "M. Sample")
    with open_database(data=harness.data) as database:
        issued = database.credentials.all()
        mine = next(one for one in issued if one.organisation == firm.name and one.person)
        revoke(database.credentials, mine.id, now=clock.now())
    assert harness.post("/v1/sightings", sighting(), name).status_code == 401
    header, payload = audited(harness)[-1]
    assert (header["credential"], header["reasons"]) == (mine.id, ["key-revoked"])
    assert (header["route"], payload["person"]) == ("POST /v1/sightings", "M. Sample")
