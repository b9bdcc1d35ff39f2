"""A read in, ranked probabilities out: what must hold for any hotlist and any read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match import (
    Answer,
    Disposition,
    Entry,
    Hotlist,
    Matcher,
    Plate,
    Source,
    UnreadablePlate,
)
from plate_match.audience import Audience
from plate_match.hotlist import Category, Dissemination
from plate_match.matcher import BASE_RATE, DEFAULT_CUTOFF
from plate_match.policy import COSTS, SENSITIVE_FACTOR
from plate_match.report import Look, Report, read_of
from plate_match.sight import MOST_COLUMNS
from tests.strategies import patterns, plates

SYNTHETIC = ["8-XKV-41", "HJB-23-K", "12-AB-34", "GV-123-B", "BOR AB 12", "1-ABC-23"]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOTLISTS = st.lists(plates(), min_size=1, max_size=8, unique=True)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher.build(SYNTHETIC)


def report(text: str, source: Source = Source.EYESIGHT) -> Report:
    return Report((Look(read_of(text), source),))


def everything(listed: list[Plate], text: str, limit: int = 100) -> Answer:
    return Matcher.build(listed).match(text, limit=limit, min_confidence=0)


def test_a_clean_read_finds_its_plate(matcher: Matcher) -> None:
    answer = matcher.match("8xkv41")
    hit = answer.hits[0]
    assert hit.plate == "8XKV41"
    assert hit.confidence > 0.99
    assert hit.similarity == 1.0
    assert hit.disposition is Disposition.ALERT
    assert hit.country == "NL"
    assert answer.not_listed < 0.01


@pytest.mark.parametrize(
    ("text", "source", "plate"),
    [
        ("8X-?V-41", "eyesight", "8XKV41"),
        ("8XKV*", "memory", "8XKV41"),
        ("BXKV41", "camera", "8XKV41"),
        ("I8-XKV-41", "camera", "8XKV41"),
        ("12-BA-34", "eyesight", "12AB34"),
        ("bor-ab12", "eyesight", "BORAB12"),
        ("hotel johan bernard 2 3 karel", "radio", "HJB23K"),
        ("HJD-23-K", "radio", "HJB23K"),
    ],
)
def test_a_misread_or_a_part_still_leads_to_the_plate(
    matcher: Matcher, text: str, source: str, plate: str
) -> None:
    assert matcher.match(text, source=source, min_confidence=0).hits[0].plate == plate


def test_an_innocent_plate_is_not_listed(matcher: Matcher) -> None:
    answer = matcher.match("99-ZZ-ZZ")
    assert answer.hits == ()
    assert answer.not_listed > 0.999


def test_a_one_letter_match_on_an_issued_plate_is_doubted(matcher: Matcher) -> None:
    """HJ-823-K may itself be on the road, so a camera that read it may well have seen it."""
    read, rate = "HJ823K", 1e-5
    hit = matcher.match(read, source="camera", base_rate=rate, min_confidence=0).hits[0]
    assert hit.plate == "HJB23K"
    assert hit.confidence < 0.9
    assert "HJ823K" in hit.explanation.twins


@given(HOTLISTS, patterns(), st.randoms(use_true_random=False))
def test_the_order_of_the_hotlist_changes_nothing(
    listed: list[Plate], pattern: object, random: object
) -> None:
    shuffled = list(listed)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis' Random is untyped here
    one, other = everything(listed, str(pattern)), everything(shuffled, str(pattern))
    assert [(hit.plate, hit.confidence) for hit in one.hits] == [
        (hit.plate, hit.confidence) for hit in other.hits
    ]
    assert one.not_listed == other.not_listed


@given(HOTLISTS, patterns())
def test_a_short_list_of_hits_is_the_head_of_a_long_one(
    listed: list[Plate], pattern: object
) -> None:
    short, long = (everything(listed, str(pattern), limit) for limit in (2, 100))
    assert [hit.plate for hit in short.hits] == [hit.plate for hit in long.hits][:2]
    confidences = [hit.confidence for hit in long.hits]
    assert confidences == sorted(confidences, reverse=True)
    assert [hit.rank for hit in long.hits] == list(range(1, len(long.hits) + 1))


@given(st.lists(plates(), min_size=3, max_size=8, unique=True), patterns())
def test_two_entries_stand_to_each_other_whatever_else_is_listed(
    listed: list[Plate], pattern: object
) -> None:
    asked = report(str(pattern))
    fewer, more = (
        Matcher.build(some).search(asked, cutoff=700).answer(limit=100, min_confidence=0).hits
        for some in (listed[:-1], listed)
    )
    before = {hit.plate: hit.confidence for hit in fewer}
    after = {hit.plate: hit.confidence for hit in more}
    for first, second in pairwise(before):
        ratio = before[first] / before[second]
        assert after[first] / after[second] == pytest.approx(ratio, rel=1e-6)


@given(HOTLISTS, patterns())
def test_all_probabilities_sum_to_one(listed: list[Plate], pattern: object) -> None:
    found = Matcher.build(listed).search(report(str(pattern)), cutoff=700)
    answer = found.answer(limit=100, min_confidence=0)
    total = answer.not_listed + sum(hit.confidence for hit in answer.hits)
    assert total == pytest.approx(1, abs=1e-9)


@given(plates(), st.data())
def test_the_right_symbol_in_place_of_an_unknown_one_never_ranks_the_plate_lower(
    plate: Plate, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(plate) - 1))
    partial = f"{plate[:place]}?{plate[place + 1 :]}"
    others = data.draw(st.lists(plates(), max_size=6, unique=True))
    doubtful, whole = (
        [hit.plate for hit in everything([plate, *others], text).hits] for text in (partial, plate)
    )
    assert whole.index(plate) <= doubtful.index(plate)


@given(HOTLISTS, patterns())
def test_evidence_adds_up_to_the_confidence(listed: list[Plate], pattern: object) -> None:
    answer = everything(listed, str(pattern), limit=1)
    for hit in answer.hits:
        explanation = hit.explanation
        bits = sum(one.bits for one in explanation.evidence)
        odds = 2**bits
        assert odds / (1 + odds) == pytest.approx(hit.confidence, rel=1e-6)
        steps = sum(step.bits for step in explanation.alignment)
        alignment = next(one for one in explanation.evidence if one.name == "alignment")
        assert alignment.bits == pytest.approx(steps)
        assert explanation.vehicles_that_fit >= 0


def test_several_entries_of_one_plate_are_one_hit() -> None:
    plate = Plate("8XKV41")
    entries = [
        Entry(plate=plate, reference="A", category=Category.FINES, country="NL"),
        Entry(plate=plate, reference="B", category=Category.ROBBERY),
    ]
    answer = Matcher.build(Hotlist(tuple(entries))).match("8-XKV-41")
    assert [entry.reference for entry in answer.hits[0].entries] == ["A", "B"]
    assert len(answer.hits) == 1


def listed_with_hidden(texts: list[str], hidden: list[str]) -> Hotlist:
    entries = [Entry(plate=Plate(text)) for text in texts]
    secret = [
        Entry(plate=Plate(text), dissemination=Dissemination.DISPATCH_ONLY) for text in hidden
    ]
    return Hotlist((*entries, *secret))


@given(HOTLISTS, HOTLISTS, patterns(), st.sampled_from(Source))
def test_a_hidden_entry_changes_nothing_a_guard_can_see(
    listed: list[Plate], hidden: list[Plate], pattern: object, source: Source
) -> None:
    asked = report(str(pattern), source)
    plain = Matcher.build(listed_with_hidden(list(listed), []))
    secret = Matcher.build(listed_with_hidden(list(listed), list(hidden)))
    one, other = (
        matcher.search(asked, at=NOW).answer(Audience.GUARD, limit=100, min_confidence=0)
        for matcher in (plain, secret)
    )
    assert (one.not_listed, one.model, one.pattern) == (
        other.not_listed,
        other.model,
        other.pattern,
    )
    for first, second in zip(one.hits, other.hits, strict=True):
        assert first.explanation == second.explanation
        assert replace(first, explain=second.explain) == second


def test_the_control_room_sees_what_a_guard_does_not() -> None:
    found = Matcher.build(listed_with_hidden(["12AB34"], ["8XKV41"])).search(report("8XKV41"))
    assert found.answer(Audience.GUARD).hits == ()
    assert found.answer(Audience.CONTROL_ROOM).hits[0].plate == "8XKV41"


def test_an_entry_that_has_ended_is_as_if_it_were_not_listed() -> None:
    ended = Entry(plate=Plate("8XKV41"), valid_until=NOW)
    matcher = Matcher.build(Hotlist((ended, Entry(plate=Plate("12AB34")))))
    before = matcher.search(report("8XKV41"), at=NOW - timedelta(seconds=1)).answer()
    after = matcher.search(report("8XKV41"), at=NOW).answer()
    assert before.hits[0].plate == "8XKV41"
    assert after.hits == ()
    only = Matcher.build(["12-AB-34"]).search(report("8XKV41"), at=NOW).answer()
    assert after.not_listed == pytest.approx(only.not_listed, rel=1e-9)


def test_the_base_rate_moves_the_confidence_and_is_stated(matcher: Matcher) -> None:
    low, high = (
        matcher.match("HJ823K", source="camera", base_rate=rate, min_confidence=0)
        for rate in (0.001, 0.3)
    )
    assert high.hits[0].confidence > low.hits[0].confidence
    assert (low.model.base_rate, low.model.basis) == (0.001, "assumed")
    assert low.model.version == matcher.version


def test_a_disposition_that_hangs_on_the_base_rate_is_sensitive(matcher: Matcher) -> None:
    clean = matcher.match("8-XKV-41", source="camera").hits[0]
    assert not clean.sensitive
    flips = [
        hit
        for rate in (1e-7, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 1e-3)
        for hit in matcher.match("HJ823K", source="camera", base_rate=rate, min_confidence=0).hits
        if hit.plate == "HJB23K" and hit.sensitive
    ]
    assert flips


def test_sensitive_looks_a_factor_of_three_up_and_down() -> None:
    matcher = Matcher.build(["8-XKV-41"])
    sides = set()
    for exponent in range(-40, -10):
        rate = 10 ** (exponent / 4)
        answer = matcher.match("8-XKV-41", source="camera", base_rate=rate, min_confidence=0)
        hit = answer.hits[0]
        odds = hit.confidence / (1 - hit.confidence)
        asked = [
            COSTS[Category.OTHER].disposition(shifted / (1 + shifted))
            for shifted in (odds / 3, odds, odds * 3)
        ]
        assert hit.sensitive == (len(set(asked)) > 1)
        sides.add((asked[0] != asked[1], asked[1] != asked[2]))
    assert sides >= {(False, False), (True, False), (False, True)}


def test_vehicles_that_fit_are_the_odds_turned_round(matcher: Matcher) -> None:
    """Confidence : 1 - confidence = prior odds x population / vehicles that fit, but for others."""
    alone = Matcher.build(["8-XKV-41"])
    for text in ("8X?V41", "BXKV41", "8XKV41"):
        hit = alone.match(text, min_confidence=0).hits[0]
        odds = 0.01 / 0.99 * alone.others.vehicles / hit.explanation.vehicles_that_fit
        assert odds / (1 + odds) == pytest.approx(hit.confidence, rel=1e-9)
    one_unknown = matcher.match("8X?V41", min_confidence=0).hits[0].explanation
    assert 5 < one_unknown.vehicles_that_fit < 20


def test_the_figures_of_the_contract_stand() -> None:
    assert (DEFAULT_CUTOFF, BASE_RATE, SENSITIVE_FACTOR) == (12.0, 0.01, 3.0)
    assert 19 < MOST_COLUMNS <= 32


def test_the_model_version_names_channel_and_population(matcher: Matcher) -> None:
    assert matcher.version == f"{matcher.channel.version}+{matcher.others.version}"
    assert "series-" in matcher.version


def test_the_country_of_an_entry_is_that_of_the_hit() -> None:
    listed = Hotlist((Entry(plate=Plate("8XKV41"), country="BE"),))
    assert Matcher.build(listed).match("8XKV41").hits[0].country == "BE"


def test_a_hidden_plate_is_not_counted_for_a_guard_without_a_moment_either() -> None:
    secret = Matcher.build(listed_with_hidden(["12AB34"], ["8XKV41"]))
    plain = Matcher.build(listed_with_hidden(["12AB34"], []))
    one, other = (
        found.search(report("12AB3?")).answer(Audience.GUARD) for found in (secret, plain)
    )
    assert one.hits[0].confidence == other.hits[0].confidence
    assert one.not_listed == other.not_listed


def test_a_least_confidence_that_is_just_met_is_kept(matcher: Matcher) -> None:
    exactly = matcher.match("8-XKV-41").hits[0].confidence
    assert matcher.match("8-XKV-41", min_confidence=exactly).hits[0].plate == "8XKV41"
    assert matcher.match("8-XKV-41", limit=-1).hits == ()


def test_least_confidence_and_limit_are_kept(matcher: Matcher) -> None:
    everything_near = matcher.match("H*", min_confidence=0, limit=100)
    assert matcher.match("H*", min_confidence=0, limit=0).hits == ()
    least = everything_near.hits[0].confidence
    assert all(hit.confidence >= least for hit in matcher.match("H*", min_confidence=least).hits)
    assert matcher.match("H*", min_confidence=1).hits == ()


def test_the_cut_off_is_a_distance(matcher: Matcher) -> None:
    near, far = (
        matcher.search(report("8XKV41"), cutoff=nats).answer(limit=100, min_confidence=0).hits
        for nats in (1.0, 60.0)
    )
    assert len(near) < len(far) <= len(SYNTHETIC)


def test_a_read_longer_than_any_plate_speaks_for_none(matcher: Matcher) -> None:
    answer = matcher.match("8XKV41" * 6, min_confidence=0)
    assert answer.hits == ()
    assert answer.not_listed == pytest.approx(0.99, abs=0.01)
    assert matcher.match("8-X-K-V-4-1-" * 2, min_confidence=0).hits != ()


def test_an_empty_hotlist_answers_that_nothing_is_listed() -> None:
    answer = Matcher.build([]).match("8XKV41", min_confidence=0)
    assert answer.hits == ()
    assert answer.not_listed == 1.0


def test_foreign_and_impossible_plates_on_the_list_are_found(matcher: Matcher) -> None:
    foreign = matcher.match("BOR AB 12").hits[0]
    assert (foreign.plate, foreign.country) == ("BORAB12", "DE")
    strange = Matcher.build(["QQQ000"]).match("QQQ000").hits[0]
    assert strange.plate == "QQQ000"


@pytest.mark.parametrize("first", ["8X-?V-41", "8X-KV-4?"])
def test_a_second_look_tells_more_than_one(matcher: Matcher, first: str) -> None:
    one = matcher.match(first, min_confidence=0)
    two = matcher.match([first, "8-XKV-4"], min_confidence=0)
    other_way = matcher.match(["8-XKV-4", first], min_confidence=0)
    assert two.hits[0].confidence > one.hits[0].confidence
    assert two.not_listed < one.not_listed
    assert [hit.plate for hit in two.hits] == [hit.plate for hit in other_way.hits]
    assert two.not_listed == pytest.approx(other_way.not_listed, rel=1e-6)
    evidence = two.hits[0].explanation.evidence
    odds = 2 ** sum(reason.bits for reason in evidence)
    assert odds / (1 + odds) == pytest.approx(two.hits[0].confidence, rel=1e-6)
    assert "shared-looks" in {reason.name for reason in evidence}


def test_the_same_look_again_is_worth_little(matcher: Matcher) -> None:
    once = matcher.match("8X-?V-41", source="camera").not_listed
    often = matcher.match(["8X-?V-41"] * 10, source="camera").not_listed
    assert often > once / 10


def test_what_cannot_be_weighed_is_refused_by_name(matcher: Matcher) -> None:
    with pytest.raises(UnreadablePlate, match="needs a read"):
        matcher.match([])
    with pytest.raises(UnreadablePlate, match="whole plates"):
        Matcher.build(["8X-?V-41"])
    with pytest.raises(ValueError, match="'guess' is not a valid Source"):
        matcher.match("8XKV41", source="guess")
    for rate in (0, 1, 1.5, -0.1):
        with pytest.raises(ValueError, match="between 0 and 1"):
            matcher.match("8XKV41", base_rate=rate)
    assert matcher.match(["8XKV41"]).hits[0].plate == "8XKV41"


def test_hits_are_worth_showing_apart(matcher: Matcher) -> None:
    """No ties at 1.0 among inexact hits: saturation is for the evidence alone."""
    inexact = [
        matcher.match(text, source="camera").hits[0].confidence
        for text in ("BXKV41", "8XXV41", "8XKV4I", "8XKV4")
    ]
    assert len(set(inexact)) == len(inexact)
    assert all(confidence < 1 for confidence in inexact)


def test_log_odds_of_a_sure_hit_are_finite(matcher: Matcher) -> None:
    explanation = matcher.match("8-XKV-41", source="camera").hits[0].explanation
    assert 5 < sum(one.bits for one in explanation.evidence) < log2(1e12)
