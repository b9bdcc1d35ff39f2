"""A list with entries put in since is the list that would have been built of all of them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match import channel
from plate_match.channel import Source
from plate_match.glance import Looks
from plate_match.hotlist import Entry, Hotlist
from plate_match.index import Asked
from plate_match.keys import keys_of
from plate_match.layers import Layers
from plate_match.listing import Listing
from plate_match.matcher import FORESEEN, Matcher
from plate_match.overlay import overlaid
from plate_match.plate import Plate
from plate_match.report import Look, Report, read_of
from plate_match.sight import Sight
from tests.strategies import entries

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLATE, OTHER, NEW = Plate("8XKV41"), Plate("12AB34"), Plate("99GBD7")

some = st.lists(entries(), max_size=12)
READS = ("8XKV41", "8X-?V-41", "12AB3", "99-GBD-7", "*KV*")


def report(text: str) -> Report:
    return Report((Look(read_of(text)),))


@given(some, some)
def test_everything_that_is_known_of_a_plate_is_as_if_built_of_all(
    first: list[Entry], added: list[Entry]
) -> None:
    added += first[:3]
    found, built = overlaid(Listing.of(first), added), Listing.of([*first, *added])
    assert len(found) == len(built) == len(found.index)
    places = found.index.places(keys_of(tuple(built.index.plates))).tolist()
    assert [found.index.plates[place] for place in places] == built.index.plates
    which, names = found.facts.country, found.facts.countries
    there, theirs = built.facts.country, built.facts.countries
    spans, other = found.spans_at(NOW), built.spans_at(NOW)
    for place, old in zip(places, range(len(built)), strict=True):
        assert found.entries[place] == built.entries[old]
        assert found.profiles(place) == built.profiles(old)
        assert names[which[place]] == theirs[there[old]]
        if spans is not None and other is not None:
            assert spans[place].tolist() == other[old].tolist()
    assert (spans is None) is (other is None)
    for at in (None, NOW, NOW + 30 * HOUR):
        assert found.count(at) == built.count(at)
    assert sorted(found.counts.tolist()) == sorted(
        np.bincount(found.facts.kind, minlength=len(found.facts.kinds)).tolist()
    )


@given(some, some, st.sampled_from(READS), st.integers(0, 6))
def test_parts_are_searched_as_one_list(
    first: list[Entry], added: list[Entry], read: str, limit: int
) -> None:
    seen = Looks.of(Sight.of(channel.load(), read_of(read), Source.EYESIGHT))
    found, built = overlaid(Listing.of(first), added), Listing.of([*first, *added])
    for ask in (Asked(0.0, limit), Asked(0.0, None)):
        one, other = (listing.index.search(seen, ask) for listing in (found, built))
        assert one.keys.tolist() == other.keys.tolist()
        assert one.likelihood == pytest.approx(other.likelihood)
        assert one.rest.low == pytest.approx(other.rest.low, rel=1e-9, abs=1e-300)
        assert one.rest.high == pytest.approx(other.rest.high, rel=1e-9, abs=1e-300)
        assert [found.index.plates[place] for place in one.places] == one.plates


@given(some, some, st.sampled_from(READS))
def test_answers_are_those_of_a_matcher_built_of_all(
    first: list[Entry], added: list[Entry], read: str
) -> None:
    put_in = Matcher.build(Hotlist(tuple(first))).with_entries(added)
    built = Matcher.build(Hotlist((*first, *added)))
    for audience in FORESEEN:
        one, other = (
            matcher.search(report(read), at=NOW).answer(audience, min_confidence=0)
            for matcher in (put_in, built)
        )
        assert [hit.plate for hit in one.hits] == [hit.plate for hit in other.hits]
        assert [hit.entries for hit in one.hits] == [hit.entries for hit in other.hits]
        assert one.not_listed == pytest.approx(other.not_listed, rel=0.05)
        confidences = [[hit.confidence for hit in answer.hits] for answer in (one, other)]
        assert confidences[0] == pytest.approx(confidences[1], rel=0.05)


def test_an_entry_more_on_a_listed_plate_is_shown_with_those_before() -> None:
    feed, single = Entry(plate=PLATE, reference="feed"), Entry(plate=PLATE, reference="single")
    matcher = Matcher.build(Hotlist((feed, Entry(plate=OTHER)))).with_entries([single])
    assert matcher.match("8-XKV-41").hits[0].entries == (feed, single)
    assert not isinstance(matcher.index, Layers)


def test_an_entry_is_found_before_and_after_its_time_only_as_far_as_others_name_its_plate() -> None:
    feed = Entry(plate=PLATE, reference="feed", valid_until=NOW)
    single = Entry(plate=NEW, reference="single", valid_until=NOW + HOUR)
    matcher = Matcher.build(Hotlist((feed,))).with_entries([single])
    for at, plates in ((NOW - HOUR, {PLATE, NEW}), (NOW, {NEW}), (NOW + HOUR, set())):
        found = {
            hit.plate
            for read in ("8XKV41", "99GBD7")
            for hit in matcher.search(report(read), at=at).answer().hits
        }
        assert found == plates


def test_without_entries_nothing_is_made_anew() -> None:
    listing = Listing.of([Entry(plate=PLATE)])
    assert overlaid(listing, []) is listing
