"""What is gathered entry by entry is what a person would write down plate by plate."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plate_match.audience import Audience
from plate_match.census import times_of
from plate_match.country import possible_countries
from plate_match.description import profile_of
from plate_match.hotlist import Category, Dissemination, Entry, Wanted
from plate_match.known import gathered
from plate_match.layers import Layers
from plate_match.listing import Listing
from plate_match.lists import Lists
from plate_match.plate import Pattern, Plate, spelled
from tests.strategies import AUDIENCES, NORTH, SOUTH, known_to

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PLATES = [Plate("8XKV41"), Plate("12AB34"), Plate("BXK12"), Plate("1ABC234"), Plate("TVRK42")]
PATTERNS = [Pattern(tuple("12X???")), Pattern(tuple("*41"))]
BEGINS = st.none() | st.integers(-3, 0).map(lambda hours: NOW + timedelta(hours=hours))
ENDS = st.none() | st.integers(1, 3).map(lambda hours: NOW + timedelta(hours=hours))

ENTRIES = st.builds(
    Entry,
    plate=st.sampled_from([*PLATES, *PATTERNS, None]),
    reference=st.sampled_from(["R-1", "R-2", "R-3"]),
    wanted=st.just(Wanted.VEHICLE),
    country=st.sampled_from([None, None, "NL", "DE"]),
    make=st.sampled_from(["VW", "Saab"]),
    colour=st.sampled_from([None, "grey"]),
    category=st.sampled_from([Category.ROBBERY, Category.DRUGS]),
    dissemination=st.sampled_from(Dissemination),
    partners=st.sampled_from([(), (), (NORTH,), (SOUTH, NORTH), ("Synthetic East",)]),
    valid_from=BEGINS,
    valid_until=ENDS,
    test=st.booleans(),
)


@given(st.lists(ENTRIES, max_size=12))
def test_each_audience_has_what_a_person_would_write_down(listed: list[Entry]) -> None:
    lists = Lists.of(listed)
    for audience in AUDIENCES:
        listing = lists[audience]
        told = [entry for entry in listed if audience.may_know(entry)]
        expected = sorted(gathered(told).values(), key=lambda one: listed.index(one[0]))
        found = sorted(map(list, listing.entries), key=lambda one: listed.index(one[0]))
        assert found == expected
        assert len(listing) == len(listing.index) == len(expected)
        spelled_out = [spelled(one[0].plate) for one in listing.entries]
        assert spelled_out[: len(listing.index.plates)] == listing.index.plates
        facts = listing.facts
        for place, mine in enumerate(listing.entries):
            assert listing.profiles(place) == tuple(map(profile_of, mine))
            assert facts.countries[facts.country[place]] == possible_countries(mine)
            assert list(facts.times(place)) == list(times_of(mine))
        for hours in range(-4, 5):
            at = NOW + timedelta(hours=hours)
            assert listing.count(at) == sum(any(e.in_force(at) for e in one) for one in expected)
        tests = [entry for one in listing.entries for entry in one if entry.test]
        assert list(listing.tests()) == tests
        assert sorted(set(facts.kind.tolist())) == list(range(len(facts.kinds)))


def test_audiences_that_may_know_the_same_share_one() -> None:
    shown = Entry(plate=PLATES[0])
    hidden = Entry(plate=PLATES[1], dissemination=Dissemination.DISPATCH_ONLY)
    shared, apart = Lists.of([shown]), Lists.of([shown, hidden])
    assert shared[Audience.GUARD] is shared[Audience.CONTROL_ROOM]
    assert [len(apart[one]) for one in (Audience.GUARD, Audience.CONTROL_ROOM)] == [1, 2]


def test_a_list_longer_than_what_is_turned_at_once_is_gathered_whole() -> None:
    symbols = np.array(list("BDFGHJKLNPRSTVXZ"))
    letters = symbols[np.arange(70_000)[:, None] // np.array([1, 16, 256]) % 16]
    plates = [Plate(f"{n // 4096 + 10}{''.join(row)}1") for n, row in enumerate(letters.tolist())]
    listing = Listing.of(Entry(plate=plate, reference=plate[::-1]) for plate in plates)
    assert len(listing) == len(plates)
    every = range(0, len(plates), 97)
    assert all(listing.entries[at][0].plate == listing.index.plates[at] for at in every)


def test_vehicles_without_a_plate_come_last_in_the_same_order_everywhere() -> None:
    listed = [Entry(plate=None, make=make) for make in ("Volvo", "Saab", "BMW")]
    listing = Listing.of([*listed, Entry(plate=PLATES[0])])
    assert isinstance(listing.index, Layers)
    assert [one[0].make for one in listing.entries[1:]] == ["BMW", "Saab", "Volvo"]


@given(st.lists(ENTRIES, max_size=12), st.lists(ENTRIES, max_size=3), st.sampled_from(AUDIENCES))
def test_what_is_kept_for_an_audience_is_numbered_as_if_there_was_nothing_else(
    listed: list[Entry], more: list[Entry], audience: Audience
) -> None:
    hidden = [replace(one, dissemination=Dissemination.DISPATCH_ONLY) for one in more]
    every = [*hidden, *listed]
    one, other = Lists.of(every)[audience], Lists.of(known_to(audience, every))[audience]
    assert one.index.plates == other.index.plates
    assert one.facts.kinds == other.facts.kinds
    assert one.facts.kind.tolist() == other.facts.kind.tolist()
    assert one.facts.countries == other.facts.countries
    assert one.facts.country.tolist() == other.facts.country.tolist()
