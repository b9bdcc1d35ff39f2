"""Who may take part: each reason alone, and all of them at once."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.records import Role
from service.standing import OPEN, Pass, PassColour, Standing, Terms

NOW = 1_795_000_000_000_000
TERMS = Terms(licence="ND 0000", decision="synthetic", since=NOW - 1)
CARD = Pass(number="SYN-1", colour="grey", until=NOW + 1, role="guard", secrecy_at=NOW - 1)
SOUND = Standing(terms=TERMS, screened=True, card=CARD)


def codes(standing: Standing, role: str = "guard", *, registered_only: bool = True) -> set[str]:
    """The codes of the reasons why somebody may not take part."""
    return {one.code for one in standing.reasons(role, NOW, registered_only=registered_only)}


def test_who_has_all_that_is_asked_takes_part() -> None:
    assert codes(SOUND) == set()


@pytest.mark.parametrize(
    ("standing", "code"),
    [
        (replace(SOUND, suspended=True), "firm-suspended"),
        (replace(SOUND, terms=None), "firm-unregistered"),
        (replace(SOUND, terms=replace(TERMS, since=NOW + 1)), "decision-not-begun"),
        (replace(SOUND, terms=replace(TERMS, until=NOW)), "decision-ended"),
        (replace(SOUND, terms=replace(TERMS, licence_until=NOW)), "licence-ended"),
        (replace(SOUND, terms=replace(TERMS, mark_until=NOW)), "mark-ended"),
        (replace(SOUND, dropped=True), "person-dropped"),
        (replace(SOUND, card=None), "pass-not-approved"),
        (replace(SOUND, card=replace(CARD, role="manager")), "other-role"),
        (replace(SOUND, card=replace(CARD, until=NOW)), "pass-ended"),
        (replace(SOUND, card=replace(CARD, colour="orange")), "pass-colour"),
        (replace(SOUND, card=replace(CARD, secrecy_at=None)), "secrecy"),
        (replace(SOUND, card=replace(CARD, secrecy_at=NOW + 1)), "secrecy"),
        (replace(SOUND, terms=replace(TERMS, roles=("manager",))), "role-not-of-firm"),
        (replace(SOUND, device_dropped=True), "device-dropped"),
        (replace(SOUND, without_device=True), "device-required"),
    ],
)
def test_each_thing_that_is_wanting_is_a_reason_of_its_own(standing: Standing, code: str) -> None:
    assert codes(standing) == {code}


def test_until_the_last_moment_they_take_part() -> None:
    terms = replace(TERMS, since=NOW, until=NOW + 1, licence_until=NOW + 1, mark_until=NOW + 1)
    assert codes(replace(SOUND, terms=terms)) == set()


def test_every_reason_is_told_at_once() -> None:
    terms = replace(TERMS, until=NOW, licence_until=NOW, mark_until=NOW)
    card = replace(CARD, until=NOW, colour="blue", secrecy_at=None)
    worst = Standing(
        terms=terms, suspended=True, screened=True, card=card, dropped=True, device_dropped=True
    )
    assert len(codes(worst)) == 9


@pytest.mark.parametrize("role", list(Role))
def test_of_whom_nothing_is_on_record_takes_part_unless_all_are_to_be(role: Role) -> None:
    assert codes(OPEN, role, registered_only=False) == set()
    missing = set() if role is Role.OPERATOR else {"firm-unregistered"}
    if role in {Role.GUARD, Role.MANAGER}:
        missing.add("pass-not-approved")
    assert codes(OPEN, role) == missing


@given(
    st.sampled_from(PassColour),
    st.lists(st.sampled_from(PassColour), min_size=1, unique=True),
    st.sampled_from(["guard", "manager"]),
)
def test_the_terms_say_which_colours_allow_the_work_of_a_guard(
    colour: PassColour, allowed: list[PassColour], role: str
) -> None:
    card = replace(CARD, colour=colour, role=role)
    standing = replace(SOUND, card=card, terms=replace(TERMS, colours=tuple(allowed)))
    assert (codes(standing, role) == set()) is (role == "manager" or colour in allowed)


def test_the_decision_says_for_what_and_of_what() -> None:
    assert not SOUND.purpose_refused("offences")
    assert SOUND.categories is None
    terms = replace(TERMS, purposes=("assistance",), categories=("burglary",))
    narrow = replace(SOUND, terms=terms)
    assert narrow.purpose_refused("offences")
    assert not narrow.purpose_refused("assistance")
    assert narrow.categories == frozenset({"burglary"})
