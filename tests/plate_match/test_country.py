"""A country that was said weighs for plates of it and against others, and adds up."""

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.channel import Read, Source, load
from plate_match.country import PERHAPS, RIGHT, WRONG, agreement, possible_countries
from plate_match.found import Answer
from plate_match.hotlist import Entry, Hotlist
from plate_match.matcher import Matcher
from plate_match.normalize import parse
from plate_match.plate import Plate
from plate_match.population import Population
from plate_match.population import load as population
from plate_match.report import Look, Report, read_of
from plate_match.sight import Sight
from tests.plate_match.test_population import FEW
from tests.strategies import patterns, plates

SAID = st.sampled_from((None, "NL", "DE", "BE", "FR"))


def answer(matcher: Matcher, text: str, country: str | None) -> Answer:
    report = Report((Look(read_of(text)),), country=country)
    return matcher.search(report, cutoff=700).answer(limit=100, min_confidence=0)


def test_what_was_said_agrees_perhaps_agrees_or_does_not() -> None:
    assert agreement(None, ("NL",)) == 1
    assert agreement("NL", ("NL", "DE")) == RIGHT
    assert agreement("DE", ("NL", "DE")) == agreement("DE", ()) == PERHAPS
    assert agreement("FR", ("NL", "DE")) == WRONG
    assert RIGHT > PERHAPS > WRONG > 0


def test_an_entry_knows_its_country_better_than_its_spelling() -> None:
    plate = Plate("8XKV41")
    assert possible_countries([Entry(plate=plate)])[0] == "NL"
    assert possible_countries([Entry(plate=plate, country="DE")]) == ("DE",)


def test_the_country_said_moves_the_confidence() -> None:
    matcher = Matcher.build(["BOR AB 12", "8-XKV-41", *(f"{n}-GBB-1" for n in range(10, 99))])
    unsaid, right, wrong = (
        answer(matcher, "B?R AB 12", country).hits[0].confidence for country in (None, "DE", "NL")
    )
    assert right > unsaid > wrong


def test_between_two_plates_that_fit_alike_the_country_decides() -> None:
    plates = [Plate("BORAB12"), Plate("BORAB13")]
    entries = (Entry(plate=plates[0], country="NL"), Entry(plate=plates[1], country="DE"))
    matcher = Matcher.build(Hotlist(entries))
    assert answer(matcher, "BOR AB 1?", "DE").hits[0].plate == plates[1]
    assert answer(matcher, "BOR AB 1?", "NL").hits[0].plate == plates[0]


@given(st.lists(plates(), min_size=1, max_size=6, unique=True), patterns(), SAID)
def test_it_all_still_sums_to_one_and_adds_up(
    listed: list[Plate], pattern: object, said: str | None
) -> None:
    found = answer(Matcher.build(listed), str(pattern), said)
    total = found.not_listed + sum(hit.confidence for hit in found.hits)
    assert total == pytest.approx(1, abs=1e-9)
    confidences = [hit.confidence for hit in found.hits]
    assert confidences == sorted(confidences, reverse=True)
    for hit in found.hits[:1]:
        evidence = {one.name: one.bits for one in hit.explanation.evidence}
        factor = agreement(said, possible_countries(hit.entries))
        assert evidence.get("country", 0.0) == pytest.approx(log2(factor))
        odds = 2 ** sum(evidence.values())
        assert odds / (1 + odds) == pytest.approx(hit.confidence, rel=1e-6)


def test_the_population_is_weighed_by_its_countries() -> None:
    seen = Sight(load(), Source.EYESIGHT, ((1.0, Read(parse("KB-G"))),))
    rows = [{**FEW[0], "country": "DE"}, FEW[1]]
    mixed, dutch = Population.of_rows("mixed", rows), Population.of_rows("dutch", FEW)
    of_dutch_row = Population.of_rows("one", FEW[1:]).likelihood(seen) * 0.7
    of_other_row = dutch.likelihood(seen) - of_dutch_row
    expected = of_dutch_row * RIGHT + of_other_row * WRONG
    assert mixed.likelihood(seen, "NL") == pytest.approx(expected)
    assert mixed.agreement("NL") == pytest.approx(0.7 * RIGHT + 0.3 * WRONG)
    assert population().agreement("NL") > 0.9
