"""A listing has the plates of some entries, and those entries by the places of the plates."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plate_match.audience import Audience
from plate_match.country import possible_countries
from plate_match.description import profile_of
from plate_match.hotlist import Dissemination, Entry
from plate_match.listing import Listing
from plate_match.plate import Pattern, Plate
from plate_match.traits import Profile
from tests.strategies import entries

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLATE, OTHER = Plate("8XKV41"), Plate("12AB34")


@given(st.lists(entries(), max_size=20))
def test_every_entry_is_at_the_place_of_its_plate_in_the_order_given(listed: list[Entry]) -> None:
    listing = Listing.of([*listed, *listed[:3]])
    assert len(listing) == len(listing.index) == len({entry.plate for entry in listed})
    for place, plate in enumerate(listing.index.plates):
        mine = [entry for entry in [*listed, *listed[:3]] if entry.plate == plate]
        assert list(listing.entries[place]) == mine == list(listing.known(place, None))
        assert listing.profiles(place) == tuple(map(profile_of, mine))
        which, possible = listing.facts.country, listing.facts.countries
        assert possible[which[place]] == possible_countries(mine)
    assert listing.counts.sum() == len(listing) == listing.count(None)
    assert listing.counts.tolist() == [
        int((listing.facts.kind == one).sum()) for one in range(len(listing.facts.kinds))
    ]


def test_a_kind_weighs_the_mean_of_its_entries() -> None:
    grey, red = (Entry(plate=PLATE, colour=colour) for colour in ("grijs", "rood"))
    alone = Entry(plate=OTHER, colour="grijs")
    listing = Listing.of([grey, red, alone])
    ratio: dict[Profile, float] = {profile_of(grey): 3.0, profile_of(red): 0.5}
    by_place = listing.by_kind(ratio)[listing.facts.kind]
    weights = dict(zip(listing.index.plates, by_place.tolist(), strict=True))
    assert weights == {PLATE: 1.75, OTHER: 3.0}
    assert set(listing.every_profile.profiles) == set(ratio)


def test_times_are_kept_only_where_an_entry_has_some() -> None:
    always = Entry(plate=PLATE)
    assert Listing.of([always]).spans_at(NOW) is None
    early = Entry(plate=OTHER, valid_until=NOW)
    late = Entry(plate=OTHER, valid_from=NOW + HOUR)
    listing = Listing.of([always, early, late])
    assert listing.index.plates == [OTHER, PLATE]
    now = NOW.timestamp()
    for step, expected in (
        (-1, [-np.inf, now]),
        (-0.5, [-np.inf, now]),
        (0, [np.inf, -np.inf]),
        (1, [now + 3600, np.inf]),
        (-1, [-np.inf, now]),
    ):
        spans = listing.spans_at(NOW + step * HOUR)
        assert spans is not None
        assert spans.tolist() == [expected, [-np.inf, np.inf]]
    once = Listing.of([always, early]).spans_at(NOW)
    assert once is not None
    assert once.tolist() == [[-np.inf, now], [-np.inf, np.inf]]
    assert [listing.count(NOW + step * HOUR) for step in (-1, 0, 1)] == [2, 1, 2]
    assert [listing.known(0, NOW + step * HOUR) for step in (-1, 0, 1)] == [(early,), (), (late,)]


def test_a_guard_may_know_of_all_but_what_is_for_dispatch_only() -> None:
    for dissemination in Dissemination:
        entry = Entry(plate=PLATE, dissemination=dissemination)
        assert Audience.CONTROL_ROOM.may_know(entry)
        hidden = dissemination is Dissemination.DISPATCH_ONLY
        assert Audience.GUARD.may_know(entry) is not hidden


def test_entries_are_found_by_how_their_plate_is_spelled() -> None:
    whole = [Entry(plate=Plate("8XKV41"), reference=name) for name in ("R-1", "R-2")]
    pattern = Entry(plate=Pattern(("1", "2", "X", "?", "?", "?")), reference="R-3")
    described = [Entry(plate=None, make=make) for make in ("Volvo", "Saab")]
    listing = Listing.of([*whole, pattern, *described])
    assert listing.about("8XKV41") == tuple(whole)
    assert listing.about("12X???") == (pattern,)
    assert set(listing.about("")) == set(described)
    assert listing.about("8XKV42") == listing.about("9?????") == ()


def test_entries_that_begin_are_told_once_their_time_has_come() -> None:
    begin, second = datetime(2026, 11, 24, 12, tzinfo=UTC), timedelta(seconds=1)
    there = Entry(plate=Plate("8XKV41"), reference="R-1")
    begins = Entry(plate=Plate("8XKV42"), reference="R-2", valid_from=begin)
    again = [
        Entry(plate=Plate("8XKV43"), reference="R-3", valid_until=begin - second),
        Entry(plate=Plate("8XKV43"), reference="R-4", valid_from=begin),
    ]
    listing = Listing.of([there, begins, *again])
    assert Listing.of([there]).started(begin - second, begin) == ()
    assert set(listing.started(begin - second, begin)) == {begins, again[1]}
    assert listing.started(begin, begin + second) == ()
    assert listing.started(begin - 2 * second, begin - second) == ()


def test_entries_for_a_test_are_told_apart() -> None:
    bird = Entry(plate=Plate("00XXX0"), test=True)
    assert list(Listing.of([bird, Entry(plate=Plate("8XKV41"))]).tests()) == [bird]
