"""What a question costs before it is answered, and what an answer gives away. Synthetic plates."""

from collections import defaultdict
from dataclasses import replace
from math import comb, log2

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plate_match.audience import Audience
from plate_match.channel import Source
from plate_match.hotlist import Dissemination, Entry, Hotlist
from plate_match.matcher import Matcher
from plate_match.plate import Plate
from plate_match.report import Look, Report, read_of
from plate_match.revealed import STEP, Question, question_of, told
from tests.strategies import sidecode_plates

MATCHER = Matcher.build(["8XKV41", "GV123B"])
VEHICLES = 16_000_000.0
LISTED = 10_000

COMMON = (4, 5, 6, 7, 8, 9, 10)
"""Sidecodes that most vehicles have."""

CARRIED = 0.05
"""Vehicles that carry a plate, at least, for a read of it to be one of a plate that there is."""

questions = st.builds(
    Question,
    plates=st.floats(1, VEHICLES),
    fewest=st.floats(1, VEHICLES),
    listed=st.integers(0, 2 * int(VEHICLES)),
    vehicles=st.just(VEHICLES),
    base_rate=st.floats(0.001, 0.5),
)


def asked(
    *texts: str,
    source: Source = Source.EYESIGHT,
    matcher: Matcher = MATCHER,
    country: str | None = None,
) -> Question:
    """What a report of these reads asks a guard's list."""
    looks = tuple(Look(read_of(text, source=source), source) for text in texts)
    return question_of(matcher.search(Report(looks, country=country)), Audience.GUARD)


def of_ten_thousand(question: Question) -> Question:
    """The same question to a list of the usual length."""
    return replace(question, listed=LISTED)


@given(question=questions, hits=st.integers(0, 5))
def test_an_answer_never_gives_back_what_it_gave_away(question: Question, hits: int) -> None:
    assert 0 <= question.asked <= question.revealed(hits)
    assert question.revealed(hits) <= question.revealed(hits + 1)
    assert question.said >= 0


@given(question=questions, shares=st.tuples(st.floats(0, 0.999), st.floats(0, 0.999)))
def test_what_is_listed_and_not_shown_costs_more_the_more_it_takes_from_none_of_these(
    question: Question, shares: tuple[float, float]
) -> None:
    less, more = sorted(shares)
    costs = [question.revealed(0, untold) for untold in (0.0, less, more)]
    assert costs == sorted(costs)
    assert costs[2] <= question.revealed(1) + 1e-9
    if more <= question.base_rate:
        assert costs[2] == pytest.approx(question.asked)


@given(question=questions, more=st.floats(1, VEHICLES))
def test_a_question_about_more_plates_never_costs_less(question: Question, more: float) -> None:
    wider = replace(question, plates=min(question.plates * more, VEHICLES))
    assert wider.asked >= question.asked


@given(plate=st.sampled_from(COMMON).flatmap(sidecode_plates), data=st.data())
def test_a_symbol_less_never_makes_a_cheaper_question(plate: Plate, data: st.DataObject) -> None:
    assume(MATCHER.others.densities([plate])[0] * MATCHER.others.vehicles > CARRIED)
    source = data.draw(st.sampled_from([one for one in Source if one is not Source.CAMERA]))
    order = data.draw(st.permutations(range(6)))
    symbols, before = list(str(plate)), 0.0
    for place in order[:4]:
        symbols[place] = "?"
        question = of_ten_thousand(asked("".join(symbols), source=source))
        assert question.asked >= before * (1 - 1e-9)
        before = question.asked


def test_a_full_plate_is_cheap_and_a_pattern_is_not() -> None:
    full = of_ten_thousand(asked("8-XKV-41"))
    assert 1 <= full.plates < 1.5
    assert full.asked < 0.02
    assert full.revealed(1) == pytest.approx(log2(VEHICLES / LISTED), abs=0.1)
    wide = of_ten_thousand(asked("8X????"))
    assert wide.asked > 100 * full.asked


def test_looks_that_differ_ask_about_the_plates_of_each() -> None:
    first, other = asked("8-XKV-41"), asked("GV-123-B")
    both = asked("8-XKV-41", "GV-123-B")
    assert both.plates == pytest.approx(first.plates + other.plates)
    assert both.said == pytest.approx(first.said, abs=1)
    assert asked("8?", "8-XKV-41").said == pytest.approx(first.said)
    assert asked("8-XKV-41", "8-XKV-41").plates == pytest.approx(first.plates)


def test_a_read_with_gaps_costs_no_less_for_being_called_a_camera_s() -> None:
    for read in ("8X????", "8?????", "8XK*"):
        assert asked(read, source=Source.CAMERA).plates >= asked(read).plates


@given(
    plate=st.sampled_from(COMMON).flatmap(sidecode_plates),
    country=st.sampled_from(["NL", "DE", "FR", "PL", "XX"]),
    source=st.sampled_from(Source),
    unread=st.sets(st.integers(0, 5), max_size=5),
)
def test_a_country_that_is_said_never_makes_a_cheaper_question(
    plate: Plate, country: str, source: Source, unread: set[int]
) -> None:
    text = "".join("?" if place in unread else one for place, one in enumerate(str(plate)))
    said = asked(text, source=source, country=country)
    unsaid = asked(text, source=source)
    assert said.asked >= unsaid.asked * (1 - 1e-9)
    assert said.said <= unsaid.said + 1e-9


def test_what_is_hidden_changes_no_digit_of_what_a_question_costs() -> None:
    known = Entry(plate=Plate("8XKV41"))
    hidden = Entry(plate=Plate("12ABC3"), dissemination=Dissemination.DISPATCH_ONLY)
    without = Matcher.build(Hotlist((known,)))
    for with_it in (Matcher.build(Hotlist((known, hidden))), without.with_entries([hidden])):
        for read in ("8XKV41", "12ABC3", "12AB*"):
            assert asked(read, matcher=with_it) == asked(read, matcher=without)


def test_a_list_of_nothing_is_worth_asking_about_too() -> None:
    assert asked("8XKV41", matcher=Matcher.build([])).revealed(0) > 0


@given(chance=st.floats(0, 1))
def test_none_of_these_is_told_in_steps(chance: float) -> None:
    assert chance - STEP - 1e-9 <= told(chance) <= chance
    assert told(chance) / STEP == pytest.approx(round(told(chance) / STEP), abs=1e-9)


@given(
    number=st.integers(1, 200), listed=st.integers(10_000, 3_000_000), rate=st.floats(0.002, 0.3)
)
def test_a_question_costs_what_the_number_it_can_learn_holds(
    number: int, listed: int, rate: float
) -> None:
    """Against the entropy of "none of these" itself, of plates that fit alike."""
    vehicles = 1e7
    question = Question(number, number, listed, vehicles, rate)
    chance = listed / vehicles
    odds = rate / (1 - rate) / (number * chance)
    shares: defaultdict[float, float] = defaultdict(float)
    for count in range(number + 1):
        seen = comb(number, count) * chance**count * (1 - chance) ** (number - count)
        shares[told(1 / (1 + odds * count))] += seen
    held = -sum(share * log2(share) for share in shares.values() if share > 0)
    assert held <= question.asked + 0.02
