"""An organisation is one, however its name is written. All names and plates are synthetic."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest

from service import clock
from service.adapters.db import open_database
from service.adapters.db.caller_tables import ORGANISATION
from service.adapters.db.engine import writing
from service.errors import NotThere
from service.records import Caller, Role
from service.usecases.credentials import CredentialRefused, issue
from tests.service.api.harness import Harness, audited, faults, sighting
from tests.service.api.test_partners import Firm

TERMS = {"licence": "ND 0000", "decision": "synthetic", "from": "2026-01-01T00:00:00Z"}


def cyrillic(name: str) -> str:
    """The same name with a letter of another alphabet."""
    assert "y" in name
    return name.replace("y", "\u0443").upper()


OTHERS: tuple[Callable[[str], str], ...] = (
    str.upper,
    cyrillic,
    lambda name: name.replace(" ", "  "),
)


@pytest.fixture
def firm(harness: Harness) -> Firm:
    return Firm(harness)


def as_written(firm: Firm, write: Callable[[str], str]) -> Firm:
    """The same firm for somebody who writes it in another way."""
    other = Firm(firm.harness)
    other.name = write(firm.name)
    assert other.name != firm.name
    return other


def organisations(harness: Harness) -> list[str]:
    items = harness.get("/v1/organisations?limit=200", "operator").json()["items"]
    return [one["name"] for one in items]


@pytest.mark.parametrize("write", OTHERS)
def test_terms_keys_people_and_devices_are_of_the_one_organisation(
    firm: Firm, harness: Harness, write: Callable[[str], str]
) -> None:
    guard, manager = firm.key(Role.GUARD, "A. Sample"), firm.key(Role.MANAGER, None)
    before, other = organisations(harness), as_written(firm, write)
    second = other.key(Role.GUARD, "A. Sample")
    assert audited(harness)[-1][0]["organisation"] == firm.name
    person = other.propose("A. Sample", manager)
    assert person["organisation"] == firm.name
    assert audited(harness)[-1][0]["partner"] == firm.name
    assert firm.told(guard) == firm.told(second) == {"pass-not-approved"}
    found = harness.post("/v1/people/search", {"organisation": other.name}, manager).json()
    assert [one["id"] for one in found["items"]] == [person["id"]]
    device = harness.post("/v1/devices", {"name": "x", "organisation": other.name}, manager)
    assert device.json()["organisation"] == firm.name
    shown = other.set_terms(TERMS)
    assert (shown["name"], audited(harness)[-1][0]["partner"]) == (firm.name, firm.name)
    assert organisations(harness) == before


def test_hits_are_found_and_entries_told_by_any_spelling(firm: Firm, harness: Harness) -> None:
    guard, other = firm.key(Role.GUARD, None), as_written(firm, cyrillic)
    entry = {
        "plate": "21XKV4",
        "validUntil": clock.to_text(clock.now() + clock.HOUR),
        "legalGround": "synthetic",
        "purpose": "offences",
        "partners": [other.name],
    }
    put_in = harness.post("/v1/entries", entry, "dispatch")
    assert put_in.status_code == 201

    def hits() -> list[Any]:
        answer: dict[str, Any] = harness.report(guard, read="21XKV4")
        return list(answer["hits"])

    until = clock.now() + 10 * clock.SECOND
    while not hits() and clock.now() < until:
        pass
    assert [one["plate"] for one in hits()] == ["21XKV4"]
    sent = {"organisation": other.name, "plate": "21XKV4"}
    assert harness.post("/v1/hits/search", sent, "dispatch").json()["items"]
    reason = {"reason": "synthetic"}
    harness.post(f"/v1/entries/{put_in.json()['id']}/withdrawals", reason, "dispatch")


def test_who_keeps_a_feed_owns_it_by_any_spelling(harness: Harness) -> None:
    feeds = harness.state.feed_files
    declared = feeds.declared("synthetic")
    assert declared is not None
    for owner, whose in (("SYNTHETIC  security", True), ("Synthetic Security 2", False)):
        declaration = declared.model_copy(update={"owner": owner})
        renamed = replace(feeds, declared={"synthetic": declaration}.get)
        keeper = Caller("0000000000001", Role.FEED, "Synthetic Security", None)
        with nullcontext() if whose else pytest.raises(NotThere):
            renamed.require_own(keeper, "synthetic")


def test_nobody_is_the_canary_in_any_spelling(harness: Harness) -> None:
    with (
        open_database(data=harness.data) as database,
        pytest.raises(CredentialRefused, match="the service's own"),
    ):
        issue(database.credentials, Role.GUARD, "C\u0430n\u0430ry", person=None, now=clock.now())
    body = {"name": "CANARY", "terms": TERMS}
    assert ("/name", "bad-name") in faults(harness.post("/v1/organisations", body, "operator"))


def test_two_that_were_there_before_stay_two_and_other_spellings_are_the_older_one(
    firm: Firm, harness: Harness
) -> None:
    guard, newer = firm.key(Role.GUARD, None), as_written(firm, str.lower)
    with open_database(data=harness.data) as database, writing(database._engine) as connection:
        connection.execute(ORGANISATION.insert().values(name=newer.name))
    theirs = newer.key(Role.GUARD, None)
    assert newer.set_terms(TERMS)["name"] == newer.name
    assert (firm.told(guard), newer.told(theirs)) == (set(), {"pass-not-approved"})
    third = as_written(firm, str.upper)
    assert third.set_terms({**TERMS, "until": "2026-02-01T00:00:00Z"})["name"] == firm.name
    assert firm.told(guard) == {"decision-ended", "pass-not-approved"}
    assert harness.post("/v1/sightings", sighting(), theirs).status_code == 403
