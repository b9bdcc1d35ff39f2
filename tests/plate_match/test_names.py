"""Names that nobody could tell apart are one. All names are synthetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.audience import Audience
from plate_match.hotlist import Entry
from plate_match.names import alike
from plate_match.plate import Plate


@pytest.mark.parametrize(
    "other",
    [
        "alpha security",
        "ALPHA  SECURITY ",
        "\u0410lph\u0430 Security",  # Cyrillic
        "\u0391lpha\u00a0Security",  # Greek, and a space that does not break
        "\uff21lpha Security",  # full width
        "Alpha\u200b Secu\u00adrity",  # what cannot be seen
    ],
)
def test_spellings_of_one_name(other: str) -> None:
    assert alike(other) == alike("Alpha Security")


@pytest.mark.parametrize("other", ["Alpha Secur\u00edty", "Alpha Security 2", "AlphaSecurity"])
def test_other_names(other: str) -> None:
    assert alike(other) != alike("Alpha Security")


@given(st.text(max_size=30))
def test_it_is_the_same_however_often_and_in_whatever_case(name: str) -> None:
    once = alike(name)
    assert alike(once) == once
    assert alike(f" {name}  ") == once


@given(st.text(st.characters(codec="latin-1"), max_size=30))
def test_the_case_makes_no_difference(name: str) -> None:
    assert alike(name.upper()) == alike(name.lower()) == alike(name)


def test_who_an_entry_names_may_know_of_it_however_they_are_spelled() -> None:
    entry = Entry(plate=Plate("8XKV41"), partners=("alpha  SECURITY",))  # synthetic
    assert Audience("Alpha Security").may_know(entry)
    assert not Audience("Beta Security").may_know(entry)


def test_a_name_that_cannot_be_seen_is_nobodys() -> None:
    assert not Audience.GUARD.may_know(Entry(plate=Plate("8XKV41"), partners=("\u200b",)))
