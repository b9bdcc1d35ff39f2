"""A proposal is approved, turned down or withdrawn. All names and passes are synthetic."""

from typing import Any

import pytest

from service.records import Role
from tests.service.api.harness import Harness, audited
from tests.service.api.test_partners import Firm


@pytest.fixture
def firm(harness: Harness) -> Firm:
    return Firm(harness)


def end(
    harness: Harness, person: dict[str, Any], how: str, by: str, reason: str = "no photo"
) -> tuple[int, dict[str, Any]]:
    """End the proposal of a person that was looked at."""
    body = {"proposal": person["waiting"]["id"], "reason": reason}
    answer = harness.post(f"/v1/people/{person['id']}/{how}", body, by)
    return answer.status_code, answer.json()


def test_a_pass_that_is_turned_down_leaves_the_one_in_force_and_another_may_follow(
    firm: Firm, harness: Harness
) -> None:
    manager, guard = firm.key(Role.MANAGER, None), firm.guard("A. Sample")
    proposed = firm.propose("A. Sample", manager, passNumber="SYN-2")
    status, told = end(harness, proposed, "refusals", "operator")
    assert (status, told["waiting"], told["dropped"]) == (201, None, None)
    assert told["approved"]["passNumber"] == "SYN-1"
    seen = harness.get(f"/v1/people/{proposed['id']}", manager).json()
    assert seen["turnedDown"]["reason"] == "no photo"
    assert seen["turnedDown"]["at"] > seen["approvedAt"]
    assert seen["withdrawn"] is None
    assert firm.told(guard) == set()
    again = firm.propose("A. Sample", manager, passNumber="SYN-3")
    assert (again["id"], again["turnedDown"]) == (proposed["id"], None)
    firm.approve(again)
    assert firm.told(guard) == set()


def test_who_was_only_ever_turned_down_or_withdrawn_waits_for_an_approval(
    firm: Firm, harness: Harness
) -> None:
    manager = firm.key(Role.MANAGER, None)
    for name, how, by in (("B", "refusals", "operator"), ("C", "withdrawals", manager)):
        guard = firm.key(Role.GUARD, name)
        end(harness, firm.propose(name, manager), how, by)
        assert firm.told(guard) == {"pass-not-approved"}
    found = harness.post("/v1/people/search", {"waiting": True}, manager).json()["items"]
    assert found == []


def test_a_manager_withdraws_and_what_ended_is_not_approved_any_more(
    firm: Firm, harness: Harness
) -> None:
    manager = firm.key(Role.MANAGER, None)
    for name, how, by in (("D", "withdrawals", manager), ("E", "refusals", "operator")):
        proposed = firm.propose(name, manager)
        status, told = end(harness, proposed, how, by, "a mistake")
        field = "withdrawn" if how == "withdrawals" else "turnedDown"
        assert (status, told[field]["reason"]) == (201, "a mistake")
        for another in ("approvals", "refusals"):
            body = {"proposal": proposed["waiting"]["id"]}
            sent = body if another == "approvals" else {**body, "reason": "x"}
            late = harness.post(f"/v1/people/{proposed['id']}/{another}", sent, "operator")
            assert late.json()["type"] == "urn:plate-match:another-waits"
        assert end(harness, proposed, "withdrawals", manager)[0] == 409


def test_a_proposal_that_ended_with_the_person_gives_its_id_to_no_other(
    firm: Firm, harness: Harness
) -> None:
    firm.key(Role.GUARD, None)
    seen = firm.propose("F. Sample")
    harness.post(f"/v1/people/{seen['id']}/drops", {"reason": "left"}, "operator")
    swapped = firm.propose("F. Sample", passNumber="SYN-2")
    assert swapped["waiting"]["id"] != seen["waiting"]["id"]
    body = {"proposal": seen["waiting"]["id"]}
    refused = harness.post(f"/v1/people/{seen['id']}/approvals", body, "operator")
    assert refused.status_code == 409


def test_each_end_is_on_record_with_what_was_looked_at(firm: Firm, harness: Harness) -> None:
    manager = firm.key(Role.MANAGER, "M. Sample")
    for how, by, action in (
        ("refusals", "operator", "proposal-turned-down"),
        ("withdrawals", manager, "proposal-withdrawn"),
    ):
        proposed = firm.propose(f"G. {how}", passNumber="SYN-9")
        end(harness, proposed, how, by)
        header, payload = audited(harness)[-1]
        assert (header["action"], header["subject"]) == (action, proposed["id"])
        assert (payload["name"], payload["reason"]) == (f"G. {how}", "no photo")
        assert payload["pass"]["passNumber"] == "SYN-9"
        assert "SYN-9" not in str(header)


def test_nobody_withdraws_for_another_firm_or_without_a_reason(
    firm: Firm, harness: Harness
) -> None:
    manager, other = firm.key(Role.MANAGER, None), Firm(harness)
    other.key(Role.GUARD, None)
    theirs, own = other.propose("H. Sample"), firm.propose("H. Sample")
    assert end(harness, theirs, "withdrawals", manager)[0] == 404
    assert audited(harness)[-1][0]["wanted"] == "proposal-withdrawn"
    assert end(harness, own, "withdrawals", manager, reason="")[0] == 400
    assert harness.get(f"/v1/people/{own['id']}", manager).json() == own
