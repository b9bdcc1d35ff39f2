"""Nobody is told anything of what they may not know of. All plates are synthetic."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match import listing_file, taken_file
from plate_match.audience import Audience
from plate_match.channel import Source
from plate_match.description import Description
from plate_match.found import Answer
from plate_match.gathering import Gathering
from plate_match.hotlist import Dissemination, Entry, Hotlist
from plate_match.lists import Derived, Lists
from plate_match.matcher import FORESEEN, Matcher
from plate_match.plate import Plate
from plate_match.report import Look, Report, read_of
from tests.answers import told
from tests.plate_match.test_gathering import ENTRIES, NOW
from tests.strategies import AUDIENCES, NORTH, known_to

READS = ("8-XKV-41", "12-AB-3?", "*V41", "TVRK42")
MIXED = st.lists(ENTRIES, max_size=10)

Making = Callable[[list[Entry]], Matcher]


def built(listed: list[Entry]) -> Matcher:
    return Matcher.build(Hotlist(tuple(listed)))


def stored(folder: Path) -> Making:
    """Return what saves what is kept of entries, and the usual lists, and loads it again."""

    def make(listed: list[Entry]) -> Matcher:
        gathering = Gathering()
        for place, entry in enumerate(listed):
            gathering.take(entry, place)
        taken_file.save(gathering.taken(), folder / "taken", maker="1")
        taken = taken_file.load(folder / "taken", maker="1")
        derived = Derived(taken, listed.__getitem__)
        made = {}
        for number, audience in enumerate(FORESEEN):
            path, circles = folder / str(number), audience.told(taken.circles)
            listing_file.save(derived(circles), path, maker="1")
            made[circles] = listing_file.load(path, listed.__getitem__, maker="1")
        return Matcher.of(Lists(taken.circles, derived, made))

    return make


@pytest.fixture(scope="module", params=["built", "stored"])
def making(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Making:
    return built if request.param == "built" else stored(tmp_path_factory.mktemp("listing"))


def answer_to(audience: Audience, matcher: Matcher, report: Report) -> Answer:
    """Return what an audience is told, to the last digit."""
    return matcher.search(report, at=NOW).answer(audience, min_confidence=0)


@given(
    listed=MIXED,
    put_in=MIXED,
    audience=st.sampled_from(AUDIENCES),
    reads=st.lists(st.sampled_from(READS), min_size=1, max_size=2),
    described=st.booleans(),
)
def test_what_an_audience_may_not_know_of_changes_no_digit_of_what_it_is_told(
    *,
    making: Making,
    listed: list[Entry],
    put_in: list[Entry],
    audience: Audience,
    reads: list[str],
    described: bool,
) -> None:
    looks = tuple(Look(read_of(read), Source.EYESIGHT) for read in reads)
    report = Report(looks, Description(make="VW", colour="grey") if described else Description())
    with_them = making(listed).with_entries(put_in)
    without = built(known_to(audience, listed)).with_entries(known_to(audience, put_in))
    alone = told(answer_to(audience, without, report))
    assert told(answer_to(audience, with_them, report)) == alone
    assert told(answer_to(Audience.CONTROL_ROOM, without, report)) == alone


def test_a_guard_is_told_of_what_names_the_firm_of_the_guard_in_its_categories() -> None:
    north = Entry(plate=Plate("8XKV41"), partners=(NORTH,))
    report = Report((Look(read_of("8XKV41")),))
    for matcher in (built([north]), built([]).with_entries([north])):
        assert answer_to(Audience(NORTH), matcher, report).hits[0].entries == (north,)
        assert answer_to(Audience(NORTH, frozenset({north.category})), matcher, report).hits
        for other in (Audience.GUARD, Audience("Synthetic Sout"), Audience(NORTH, frozenset())):
            assert answer_to(other, matcher, report).hits == ()
    secret = Entry(plate=north.plate, partners=(NORTH,), dissemination=Dissemination.DISPATCH_ONLY)
    assert answer_to(Audience(NORTH), built([secret]), report).hits == ()
