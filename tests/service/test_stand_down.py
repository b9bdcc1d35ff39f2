"""What becomes of a hit when its entries change. All plates are synthetic."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.hotlist import Category, Entry, Hotlist, Wanted
from plate_match.matcher import Matcher
from plate_match.plate import Plate
from service.disclosure import hit_document
from service.stand_down import Ended, Fate, OpenHit, age_of, fate_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)

ENTRY = Entry(
    plate=Plate("8XKV41"), reference="R-1", feed="east", make="Volvo", colour="grey",
    category=Category.BURGLARY, valid_until=LATER,
)  # fmt: skip
OTHER = replace(ENTRY, reference="R-2", valid_until=None)


def hit_of(*entries: Entry) -> OpenHit:
    """Return a hit that names these entries as an answer does."""
    documents = [one for entry in entries for one in shown(entry)]
    return OpenHit(1, 2, "firm", "credential", "8XKV41", "none", tuple(documents))


def shown(entry: Entry) -> list[dict[str, Any]]:
    hit = Matcher.build(Hotlist((entry,))).match("8XKV41").hits[0]
    documents: list[dict[str, Any]] = orjson.loads(orjson.dumps(hit_document(hit, 1)))["entries"]
    return documents


def test_a_hit_is_open_while_an_entry_of_it_is_in_force_until_that_ends() -> None:
    assert fate_of(hit_of(ENTRY), [ENTRY], NOW) == Fate(until=LATER)
    assert fate_of(hit_of(ENTRY, OTHER), [ENTRY, OTHER], NOW) == Fate()
    assert fate_of(hit_of(ENTRY, OTHER), [ENTRY], NOW) == Fate(until=LATER)


@pytest.mark.parametrize(
    "told", [{"instruction": "call"}, {"priority": 1}, {"warnings": ("x",)}, {"valid_until": None}]
)
def test_what_is_only_told_may_change(told: dict[str, Any]) -> None:
    assert fate_of(hit_of(ENTRY), [replace(ENTRY, **told)], NOW).ended is None


@pytest.mark.parametrize(
    "weighed",
    [{"make": "Saab"}, {"colour": None}, {"wanted": Wanted.PLATE}, {"category": Category.FINES}],
)
def test_a_correction_of_what_is_weighed_ends_a_hit(weighed: dict[str, Any]) -> None:
    assert fate_of(hit_of(ENTRY), [replace(ENTRY, **weighed)], NOW).ended is Ended.CORRECTED
    assert fate_of(hit_of(ENTRY, OTHER), [replace(ENTRY, **weighed), OTHER], NOW) == Fate()


def test_an_entry_ends_by_its_time_or_because_it_was_withdrawn() -> None:
    assert fate_of(hit_of(ENTRY), [ENTRY], LATER).ended is Ended.EXPIRED
    assert fate_of(hit_of(ENTRY), [], LATER).ended is Ended.EXPIRED
    assert fate_of(hit_of(ENTRY), [], NOW).ended is Ended.WITHDRAWN
    assert fate_of(hit_of(OTHER), [], LATER).ended is Ended.WITHDRAWN


def test_an_entry_of_another_feed_or_reference_keeps_no_hit_open() -> None:
    for other in (replace(ENTRY, feed="west"), replace(ENTRY, reference="R-9")):
        assert fate_of(hit_of(ENTRY), [other], NOW).ended is Ended.WITHDRAWN


ENTRIES = st.sets(st.sampled_from([ENTRY, OTHER, replace(OTHER, reference="R-3")]), min_size=1)


@given(ENTRIES, ENTRIES)
def test_a_hit_is_open_exactly_while_something_it_names_is_there(
    named: set[Entry], there: set[Entry]
) -> None:
    fate = fate_of(hit_of(*named), there, NOW)
    assert (fate.ended is None) == bool(named & there)


def test_versions_are_as_old_as_their_names_say() -> None:
    ages = [
        "none", "none+1", "20261124T120000000000Z-ab", "20261124T120000000000Z-ab+2",
        "20261124T120000000000Z-ab+10", "20261125T120000000000Z-aa",
    ]  # fmt: skip
    assert sorted(set(ages), key=age_of) == ages
