"""What is answered of any report: looks, a description, a country, entries that come and go."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match import found as found_module
from plate_match import kernel
from plate_match.audience import Audience
from plate_match.channel import Read, Source
from plate_match.description import NOTHING_SAID, Description
from plate_match.found import Answer, Found
from plate_match.grammar import CAPACITY, plates_at
from plate_match.hotlist import Dissemination, Entry, Hotlist, Wanted
from plate_match.matcher import FORESEEN, Matcher
from plate_match.plate import Pattern, Plate
from plate_match.report import Look, Report, read_of
from tests.strategies import plates, reads

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
EVERYTHING = 700.0
"""Nats: a cut-off that leaves out nothing that can be told from nothing."""

ESTIMATED = 0.07
"""How much a confidence may change by what is shown, since the rest is then an estimate: of lists
of a few plates that weigh a hundred times more or less than one another. See also the last test."""

MAKES = st.sampled_from((None, "VOLKSWAGEN", "Tesla", "VW GOLF"))
COLOURS = st.sampled_from((None, "GRIJS", "red", "zilver"))
COUNTRIES = st.sampled_from((None, None, "NL", "DE"))


@st.composite
def entries(draw: st.DrawFn, *, most: int = 12) -> list[Entry]:
    """Of vehicles and of plates, hidden and shown, now, before and later; some of one plate."""
    hour = timedelta(hours=1)
    listed = draw(st.lists(plates(), min_size=1, max_size=most))
    time = st.sampled_from((None, None, NOW - hour, NOW + hour))
    found = []
    for plate in listed + listed[:2]:
        begin, end = draw(time), draw(time)
        found.append(
            Entry(
                plate=plate,
                make=draw(MAKES),
                colour=draw(COLOURS),
                country=draw(COUNTRIES),
                wanted=draw(st.sampled_from(Wanted)),
                dissemination=draw(st.sampled_from(Dissemination)),
                valid_from=begin,
                valid_until=end if begin is None or end is None or end > begin else None,
            )
        )
    return found


@st.composite
def reports(draw: st.DrawFn, listed: list[Entry], *, looks: int = 3) -> Report:
    names = [entry.plate for entry in listed if isinstance(entry.plate, Plate)]
    seen = draw(
        st.lists(st.tuples(reads(names), st.sampled_from(Source)), min_size=1, max_size=looks)
    )
    description = Description(make=draw(MAKES), colour=draw(COLOURS))
    said = draw(st.sampled_from((NOTHING_SAID, description)))
    return Report(tuple(Look(*each) for each in seen), said, draw(COUNTRIES))


def found_of(listed: list[Entry], report: Report, *, rate: float = 0.01) -> Found:
    matcher = Matcher.build(Hotlist(tuple(listed)))
    return matcher.search(report, at=NOW, cutoff=EVERYTHING, base_rate=rate)


def everything(found: Found, audience: Audience = Audience.CONTROL_ROOM) -> Answer:
    return found.answer(audience, limit=100, min_confidence=0)


@given(entries(), st.data(), st.sampled_from((1e-5, 0.01, 0.6)))
def test_all_probabilities_sum_to_one_and_the_best_come_first(
    listed: list[Entry], data: st.DataObject, rate: float
) -> None:
    found = found_of(listed, data.draw(reports(listed)), rate=rate)
    for audience in FORESEEN:
        answer = everything(found, audience)
        confidences = [hit.confidence for hit in answer.hits]
        assert answer.not_listed + sum(confidences) == pytest.approx(1, abs=1e-9)
        assert all(one >= other * (1 - 1e-9) for one, other in pairwise(confidences))
        assert [hit.rank for hit in answer.hits] == list(range(1, len(answer.hits) + 1))
        for hit in answer.hits:
            assert hit.entries
            assert all(
                entry.plate == hit.plate and entry.in_force(NOW) and audience.may_know(entry)
                for entry in hit.entries
            )


@given(entries(most=4), st.data(), st.sampled_from((1e-5, 0.01, 0.6)))
def test_evidence_adds_up_to_the_log_odds_of_every_hit(
    listed: list[Entry], data: st.DataObject, rate: float
) -> None:
    answer = everything(found_of(listed, data.draw(reports(listed)), rate=rate))
    for hit in answer.hits:
        bits = sum(one.bits for one in hit.explanation.evidence)
        rivals = answer.not_listed + sum(
            other.confidence for other in answer.hits if other is not hit
        )
        if hit.confidence and rivals:
            assert bits == pytest.approx(log2(hit.confidence / rivals), abs=1e-6)
        assert hit.explanation.evidence[0].name == "prior"
        assert hit.explanation.vehicles_that_fit >= 0


@given(entries(), st.data(), st.integers(0, 6), st.sampled_from((0.0, 1e-6, 0.01, 0.3)))
def test_what_is_shown_is_the_head_of_what_there_is_and_changes_no_number_much(
    listed: list[Entry], data: st.DataObject, limit: int, least: float
) -> None:
    found = found_of(listed, data.draw(reports(listed)))
    whole, short = everything(found), found.answer(limit=limit, min_confidence=least)
    assert [hit.plate for hit in short.hits] == [hit.plate for hit in whole.hits][: len(short.hits)]
    assert len(short.hits) <= limit
    assert short.not_listed == pytest.approx(whole.not_listed, abs=ESTIMATED)
    for mine, same in zip(short.hits, whole.hits, strict=False):
        assert mine.confidence == pytest.approx(same.confidence, abs=ESTIMATED)
        assert mine.confidence >= least
    left_out = whole.hits[len(short.hits) : limit]
    assert all(hit.confidence < least + ESTIMATED for hit in left_out)


@given(entries(), st.data())
def test_two_entries_stand_to_each_other_whatever_else_is_listed(
    listed: list[Entry], data: st.DataObject
) -> None:
    report = data.draw(reports(listed))
    last = listed[-1].plate
    fewer = [entry for entry in listed if entry.plate != last]
    before, after = (
        {hit.plate: hit.confidence for hit in everything(found_of(some, report)).hits}
        for some in (fewer, listed)
    )
    assert set(before) == set(after) - {last}
    shown = [plate for plate in before if before[plate] > 1e-290]
    for one, other in pairwise(shown):
        ratio = before[one] / before[other]
        assert after[one] / after[other] == pytest.approx(ratio, rel=1e-6)
    assert [plate for plate in after if plate in shown] == shown or len(set(before.values())) < len(
        before
    )


@given(entries(), st.data())
def test_what_a_guard_may_not_know_changes_nothing_a_guard_is_told(
    listed: list[Entry], data: st.DataObject
) -> None:
    report = data.draw(reports(listed))
    shown = [entry for entry in listed if Audience.GUARD.may_know(entry)]
    one, other = (found_of(some, report).answer(Audience.GUARD) for some in (listed, shown))
    assert replace(one, hits=()) == replace(other, hits=())
    for mine, same in zip(one.hits, other.hits, strict=True):
        assert mine.explanation == same.explanation
        assert replace(mine, explain=same.explain) == same


@given(entries(), st.data())
def test_entries_that_are_not_in_force_are_as_if_they_were_not_listed(
    listed: list[Entry], data: st.DataObject
) -> None:
    report = replace(data.draw(reports(listed)), description=NOTHING_SAID, country=None)
    current = [entry for entry in listed if entry.in_force(NOW)]
    one, other = (everything(found_of(some, report)) for some in (listed, current))
    assert [(hit.plate, hit.entries) for hit in one.hits] == [
        (hit.plate, hit.entries) for hit in other.hits
    ]
    assert one.not_listed == pytest.approx(other.not_listed, abs=ESTIMATED)
    for mine, same in zip(one.hits, other.hits, strict=True):
        assert mine.confidence == pytest.approx(same.confidence, abs=ESTIMATED)


@given(entries(), st.data())
def test_numpy_answers_as_the_kernel_does(listed: list[Entry], data: st.DataObject) -> None:
    report = data.draw(reports(listed, looks=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "native", None)
        slow = everything(found_of(listed, report))
        reasons = [hit.explanation for hit in slow.hits[:1]]
    quick = everything(found_of(listed, report))
    assert [hit.plate for hit in quick.hits] == [hit.plate for hit in slow.hits]
    assert quick.not_listed == pytest.approx(slow.not_listed, rel=1e-6)
    for mine, same in zip(quick.hits, slow.hits, strict=True):
        assert mine.confidence == pytest.approx(same.confidence, rel=1e-6)
    for mine, explanation in zip(quick.hits, reasons, strict=False):
        assert mine.explanation.twins == explanation.twins
        assert [one.name for one in mine.explanation.evidence] == [
            one.name for one in explanation.evidence
        ]


def test_an_answer_is_worked_out_once_for_all_who_may_know_the_same() -> None:
    open_to_all = [Entry(plate=Plate("8XKV41"))]
    report = Report((Look(read_of("8XKV41")),))
    found = found_of(open_to_all, report)
    guard, room = (found.answer(audience) for audience in FORESEEN)
    assert guard.hits[0] is room.hits[0]
    assert guard.hits[0].explanation is room.hits[0].explanation
    hidden = [*open_to_all, Entry(plate=Plate("8XKV42"), dissemination=Dissemination.DISPATCH_ONLY)]
    apart = found_of(hidden, report)
    assert apart.answer(Audience.GUARD).hits[0] is not apart.answer().hits[0]


def test_a_look_that_says_nothing_of_any_plate_explains_nothing() -> None:
    look, long = Look(read_of("8XKV41")), Look(Read(Pattern(("8",) * 40)))
    listed = [Entry(plate=Plate("8XKV41")), Entry(plate=Plate("8XKV42"))]
    both = everything(found_of(listed, Report((look, long)))).hits[0]
    alone = everything(found_of(listed, Report((look,)))).hits[0]
    assert both.explanation.alignment == alone.explanation.alignment
    assert both.plate == "8XKV41"


@pytest.mark.parametrize("text", ["2", "G?", "GB*", "*14*", "?B-0??-K", "GB-014-K"])
def test_what_is_not_worked_out_to_its_end_is_estimated_to_a_thousandth_or_three_if_none_is(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = "BDFGHJKLNPRSTVXZ"
    numbers = [number * 7919 % 4_096_000 for number in range(3000)]
    matcher = Matcher.build(
        f"{letters[n % 16]}{letters[n // 16 % 16]}{n // 4096 % 1000:03}{letters[n // 256 % 16]}"
        for n in numbers
    )
    estimated, unseen = (matcher.match(text, limit=limit, min_confidence=0) for limit in (5, 0))
    monkeypatch.setattr(found_module, "TIGHTNESS", 0.0)
    exact = matcher.match(text, limit=3000, min_confidence=0)
    assert unseen.not_listed == pytest.approx(exact.not_listed, abs=3e-3)
    assert estimated.not_listed == pytest.approx(exact.not_listed, abs=1e-3)
    for mine, same in zip(estimated.hits, exact.hits, strict=False):
        assert mine.plate == same.plate
        assert mine.confidence == pytest.approx(same.confidence, abs=1e-3)


def test_what_an_index_is_asked_is_what_the_answer_is_made_of() -> None:
    found = found_of(
        [Entry(plate=Plate("8XKV41")), Entry(plate=Plate("12AB34"))],
        Report((Look(read_of("8XKV41")),)),
    )
    asked = found.asked(limit=1, min_confidence=0.5)
    listing = found.lists[Audience.CONTROL_ROOM]
    plates = listing.index.search(found.looks, asked).plates
    assert (asked.limit, plates) == (1, [hit.plate for hit in found.answer(limit=1).hits])
    assert asked.least > found.asked(min_confidence=0.01).least > 0


@pytest.fixture(scope="module")
def many() -> Matcher:
    """A list of ten thousand synthetic plates."""
    codes = np.random.default_rng(7).integers(0, CAPACITY, size=10_000)
    return Matcher.build(map(str, plates_at(codes)))


TWO_LOOKS = [
    (("?4WVZ?", "eyesight"), ("??WVZV", "mirror")),
    (("?H?64D", "eyesight"), ("?H76?D", "mirror")),
    (("8X?V41", "eyesight"), ("8XKV4?", "eyesight")),
    (("8X-KV-41", "camera"), ("8X-KY-41", "camera")),
]


@pytest.mark.parametrize("looks", TWO_LOOKS)
def test_what_is_not_shown_of_several_looks_is_no_more_than_it_is(
    looks: tuple[tuple[str, str], ...], many: Matcher
) -> None:
    """What may be left out of the sum of the rest is left out in many pieces."""
    report = Report(
        tuple(Look(read_of(text, source=Source(how)), Source(how)) for text, how in looks)
    )
    found = many.search(report)
    whole = found.answer(limit=len(many.index), min_confidence=0)
    assert found.answer().not_listed == pytest.approx(whole.not_listed, abs=0.01)
