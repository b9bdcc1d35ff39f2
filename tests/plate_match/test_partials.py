"""A pattern is worth what plain enumeration of the plates that fit makes of it."""

from collections.abc import Iterator
from itertools import product
from math import fsum, log2, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from plate_match import channel, kernel, partials, population
from plate_match.channel import Source
from plate_match.description import Description
from plate_match.fits import fitted
from plate_match.glance import Looks
from plate_match.hotlist import NOT_DESCRIBED, Entry, Hotlist, Wanted, fault_of
from plate_match.index import Asked, Weights
from plate_match.keys import dashes_of
from plate_match.lattice import Lattice, backward
from plate_match.listing import Listing
from plate_match.matcher import FORESEEN, Matcher
from plate_match.normalize import normalize, parse
from plate_match.overlay import overlaid
from plate_match.partials import Partials
from plate_match.plate import GAP, SYMBOLS, UNKNOWN, Pattern, Plate, symbols_of
from plate_match.report import Look, Report, read_of
from plate_match.sidecode import sidecode
from plate_match.sight import Sight
from tests.plate_match import twin
from tests.strategies import entries, looks_of, sidecode_plates


@pytest.fixture(params=["kernel", "numpy"], autouse=True, scope="module")
def search(request: pytest.FixtureRequest) -> Iterator[None]:
    """All of it twice: by the kernel, and by numpy alone."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "numpy":
            patch.setattr(kernel, "native", None)
        yield


def pattern(text: str) -> Pattern:
    return Pattern(tuple(text))


@st.composite
def nearly_whole(draw: DrawFn) -> Pattern:
    """Patterns of a Dutch plate with one or two symbols that are not known."""
    plate = draw(st.integers(4, 10).flatmap(sidecode_plates))
    unknown = draw(st.sets(st.integers(0, len(plate) - 1), min_size=1, max_size=2))
    return Pattern(tuple(UNKNOWN if i in unknown else one for i, one in enumerate(plate)))


@st.composite
def half_plates(draw: DrawFn) -> Pattern:
    """Patterns of which one end is not known."""
    plate = draw(st.integers(4, 10).flatmap(sidecode_plates))
    size = draw(st.integers(1, 4))
    part = (*plate[:size], GAP) if draw(st.booleans()) else (GAP, *plate[-size:])
    return Pattern(part)


def fitting(one: Pattern) -> list[Plate]:
    """Every text of so many symbols that the pattern allows."""
    return [
        Plate("".join(text))
        for text in product(*(SYMBOLS if place == UNKNOWN else place for place in one.symbols))
    ]


def shares(plates: list[Plate]) -> list[float]:
    densities = population.load().densities(plates).tolist()
    if not any(densities):
        dutch = [sidecode(plate) is not None for plate in plates]
        densities = [float(one) for one in dutch] if any(dutch) else [1.0] * len(plates)
    total = fsum(densities)
    return [one / total for one in densities]


def enumerated(one: Pattern, sight: Sight) -> float:
    """P(read | pattern), plate by plate and series by series, each with its dashes."""
    told = carried = 0.0
    (table,) = (each for each in population.load().series if len(each.draw) == len(one.symbols))
    for column, vehicles in enumerate(table.vehicles.tolist()):
        drawn = [table.draws[place] for place in table.draw[:, column].tolist()]
        places = [
            draw if place == UNKNOWN else set(draw) & {place}
            for draw, place in zip(drawn, one.symbols, strict=True)
        ]
        plates = [Plate("".join(text)) for text in product(*places)]
        if not plates:
            continue
        each = vehicles / prod(map(len, drawn))
        symbols, dashed = symbols_of(plates), table.dashed[:, [column] * len(plates)]
        carried += each * len(plates)
        for weight, seen in sight.observations:
            lattice = Lattice(seen, len(symbols))
            emissions = [lattice.of_symbols(one, slot) for slot, one in enumerate(symbols)]
            told += each * weight * (seen.rates.weight @ backward(lattice, emissions, dashed)).sum()
    if not carried:
        plates = fitting(one)
        values = Looks.of(sight).each(plates)[0].tolist()
        return fsum(share * value for share, value in zip(shares(plates), values, strict=True))
    return told / carried


def looks_at(*texts: str) -> Looks:
    report = Report(tuple(Look(read_of(text)) for text in texts))
    return Matcher.build(["12AB34"]).search(report).looks


@given(nearly_whole(), st.data())
@settings(max_examples=25)
def test_a_pattern_is_the_sum_over_the_plates_that_fit(one: Pattern, data: st.DataObject) -> None:
    looks = data.draw(looks_of([data.draw(st.sampled_from(fitting(one)))], max_size=1))
    expected = enumerated(one, looks.sights[0])
    found = Partials((one,)).search(looks, Asked(0.0))
    assert found.likelihood.tolist() == [pytest.approx(expected, rel=1e-9, abs=1e-300)]


def is_dutch(one: Pattern) -> bool:
    """Whether no series from abroad fits: of those, several looks have the dashes of none."""
    return all((fit.country == "NL").all() for fit in fitted([one], population.load()))


@given(st.lists(nearly_whole().filter(is_dutch), min_size=1, max_size=2, unique=True), st.data())
@settings(max_examples=10)
def test_several_looks_are_joined_plate_by_plate(some: list[Pattern], data: st.DataObject) -> None:
    everything = [fitting(one) for one in some]
    listed = [data.draw(st.sampled_from(plates)) for plates in everything]
    looks = data.draw(looks_of(listed, max_size=2))
    found = Partials(tuple(some)).search(looks, Asked(0.0))
    values = dict(zip(map(str, found.wanted), found.likelihood.tolist(), strict=True))
    for one, plates in zip(some, everything, strict=True):
        joint = looks.above(looks.each(plates)).tolist()
        expected = fsum(share * value for share, value in zip(shares(plates), joint, strict=True))
        near = pytest.approx(expected, rel=1e-6, abs=looks.base * 1e-5)
        assert values[str(one)] == near


@given(half_plates())
def test_the_plates_that_fit_a_pattern_make_up_the_whole_of_it(one: Pattern) -> None:
    total = 0.0
    for fit in fitted([one], population.load()):
        total += fit.share.sum()
        for column in fit.drawn.T.tolist():
            known = [place for place, drawn in enumerate(column) if drawn.bit_count() == 1]
            wanted = [symbol for symbol in one.symbols if symbol != GAP]
            end = 0 if one.symbols[-1] == GAP else len(column) - len(wanted)
            assert set(range(end, end + len(wanted))) <= set(known)
            told = [SYMBOLS[column[end + i].bit_length() - 1] for i in range(len(wanted))]
            assert told == wanted
    assert total == pytest.approx(1)


@given(half_plates())
@settings(max_examples=20)
def test_equal_columns_are_added_up(one: Pattern) -> None:
    for fit in fitted([one, one], population.load()):
        table, owner = fit.columns()
        assert np.bincount(owner, table.vehicles) == pytest.approx(
            np.bincount(fit.owner, fit.share)
        )
        told = [
            (who, tuple(table.draw[:, at]), tuple(table.dashed[:, at]))
            for at, who in enumerate(owner.tolist())
        ]
        assert len(set(told)) == len(told)


def test_a_pattern_that_no_series_has_may_be_any_plate_that_fits() -> None:
    one = pattern("QQQQQQQQ??")
    (fit,) = fitted([one], population.load())
    assert fit.most == 36**2
    assert fit.chances([Plate("QQQQQQQQ12")]).tolist() == [pytest.approx(1 / 36**2)]
    lengths = [len(one.drawn) for one in fitted([pattern("QQQQQQQ*")], population.load())]
    assert lengths == [7, 8, 9, 10]
    (dutch,) = fitted([pattern("1QBC23")], population.load())
    assert dutch.dashed[:, 0].tolist() == [True, False, False, True, False, False]
    found = Partials((one,)).search(looks_at("QQQQQQQQ12"), Asked(0.0))
    assert found.likelihood[0] > 0


@given(st.lists(half_plates(), min_size=1, max_size=6, unique=True), st.data())
@settings(max_examples=25)
def test_what_is_not_shown_is_in_the_rest(some: list[Pattern], data: st.DataObject) -> None:
    looks = data.draw(looks_of([data.draw(sidecode_plates(8))], max_size=1))
    limit = data.draw(st.integers(0, 4))
    ratios = np.array(data.draw(st.lists(st.floats(0.1, 10), min_size=7, max_size=7)))
    known = Partials(tuple(some), 1)
    size = len(known)
    weights = Weights(np.arange(size, dtype=np.uint32), ratios[:size], np.ones(size, dtype=np.intp))
    whole = known.search(looks, Asked(0.0, anybody=0.25), weights)
    few = known.search(looks, Asked(0.0, limit, anybody=0.25), weights)
    assert few.keys.tolist() == whole.keys.tolist()[:limit]
    score = (whole.likelihood + looks.base) * weights.of(whole.places)
    assert sorted(score.tolist(), reverse=True) == pytest.approx(score.tolist(), rel=1e-11)
    left = (whole.likelihood * weights.of(whole.places))[limit:].sum()
    assert few.rest.estimate == pytest.approx(left + whole.rest.estimate, rel=1e-9)
    assert few.rest.low <= few.rest.estimate <= few.rest.high


def test_ties_are_in_the_order_of_the_text() -> None:
    some = tuple(map(pattern, ("13????", "14????", "15????")))
    found = Partials(some, 2).search(looks_at("??ZZZZ??"), Asked(0.0, anybody=1.0))
    assert found.wanted[:2] == [None, None]
    texts = [one.compact for one in found.wanted[2:] if isinstance(one, Pattern)]
    assert texts == sorted(texts)


def test_only_what_is_within_the_floor_is_a_candidate() -> None:
    some = tuple(map(pattern, ("12????", "QXZ*")))
    for looks in (looks_at("12-AB-34"), looks_at("12-AB-34", "12-AB-3")):
        best = float(looks.above(looks.each([Plate("12AB34")]))[0])
        found = Partials(some).search(looks, Asked(best * 1e-3))
        assert found.wanted == [some[0]]


@given(nearly_whole(), st.data())
@settings(max_examples=20)
def test_the_plate_that_is_shown_is_the_likeliest_that_fits(
    one: Pattern, data: st.DataObject
) -> None:
    plates = fitting(one)
    looks = data.draw(looks_of([data.draw(st.sampled_from(plates))], max_size=2))
    score = np.array(shares(plates)) * (looks.above(looks.each(plates)) + looks.base)
    found = Partials((one,)).likeliest(0, looks)
    assert found is not None
    assert score[plates.index(found)] == pytest.approx(score.max(), rel=1e-9)


def test_of_very_many_plates_the_likeliest_is_found_symbol_by_symbol() -> None:
    known = Partials((pattern("8*"),), 1)
    assert known.likeliest(0, looks_at("8XKV41")) == "8XKV41"
    assert known.likeliest(0, looks_at("8XKV41", "8XKV4")) == "8XKV41"
    assert known.likeliest(1, looks_at("8XKV41")) is None


def test_of_very_many_plates_several_looks_have_an_upper_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks, known = looks_at("12-KVX-4", "12-KV?-4"), Partials((pattern("12????"),))
    exact = known.search(looks, Asked(0.0)).likelihood[0]
    monkeypatch.setattr(partials, "MOST_PLATES", 10)
    assert exact <= known.search(looks, Asked(0.0)).likelihood[0] <= 20 * exact


def entry(plate: str | None, reference: str = "", **more: object) -> Entry:
    known = None if plate is None else normalize(plate)
    return Entry(plate=known, reference=reference, **more)  # type: ignore[arg-type]  # drawn


FEW = (
    entry("12-KVX-4", "whole"),
    entry("12-KV?-.", "pattern", make="BMW", colour="red"),
    entry("*X-41", "half", country="DE"),
    entry(None, "none", make="Porsche", colour="yellow"),
)


def report(*texts: str, **more: object) -> Report:
    return Report(tuple(Look(read_of(text)) for text in texts), **more)  # type: ignore[arg-type]


READS = (("12KVX4",), ("12-KV?-8",), ("12KVX4", "12-KV-4"), ("99GBD7",))


@pytest.mark.parametrize("texts", READS)
@pytest.mark.parametrize("country", [None, "NL", "DE"])
def test_confidences_and_not_listed_add_up_and_so_does_the_evidence(
    texts: tuple[str, ...], country: str | None
) -> None:
    found = Matcher.build(Hotlist(FEW)).search(report(*texts, country=country))
    answer = found.answer(min_confidence=0)
    told = fsum(hit.confidence for hit in answer.hits) + answer.not_listed
    assert told == pytest.approx(1, abs=0.02)
    for hit in answer.hits:
        bits = fsum(one.bits for one in hit.explanation.evidence)
        assert bits == pytest.approx(log2(hit.confidence / (1 - hit.confidence)), abs=1e-6)


def test_a_hit_shows_what_is_known_of_its_plate() -> None:
    matcher = Matcher.build(Hotlist(FEW))
    hits = {hit.entries[0].reference: hit for hit in matcher.match("12-KVX-8").hits}
    hit = hits["pattern"]
    assert (hit.plate, hit.country) == ("12KV??", None)
    assert hit.similarity == pytest.approx(4 / 6)
    assert [step.plate for step in hit.explanation.alignment if step.plate != "-"] == list("12KVX8")
    assert hit.explanation.twins == ()
    assert any(one.name == "any-plate" for one in hit.explanation.evidence)


def test_a_vehicle_without_a_plate_is_told_by_its_looks_alone() -> None:
    few = Matcher.build(Hotlist((FEW[3],)))
    plain = few.search(report("99GBD7")).answer(min_confidence=0).hits[0]
    assert plain.confidence == pytest.approx(few.search(report("99GBD7")).model.base_rate, rel=0.01)
    seen = entry(None, make="Porsche", colour="yellow")
    told = report("99GBD7", description=Description(make=seen.make, colour=seen.colour))
    hit = few.search(told).answer(min_confidence=0).hits[0]
    assert (hit.plate, hit.explanation.alignment) == ("", ())
    assert hit.confidence > 20 * plain.confidence


@given(st.lists(entries(), max_size=6), st.permutations(FEW), st.integers(0, 4))
@settings(max_examples=20)
def test_entries_put_in_since_are_as_if_built_of_all(
    whole: list[Entry], some: list[Entry], cut: int
) -> None:
    put_in = Matcher.build(Hotlist((*whole, *some[:cut]))).with_entries(some[cut:])
    built = Matcher.build(Hotlist((*whole, *some)))
    for audience in FORESEEN:
        one, other = (
            matcher.search(report("12-KVX-4", country="NL")).answer(audience, min_confidence=0)
            for matcher in (put_in, built)
        )
        assert [hit.plate for hit in one.hits] == [hit.plate for hit in other.hits]
        assert [hit.confidence for hit in one.hits] == pytest.approx(
            [hit.confidence for hit in other.hits], rel=1e-6
        )
        assert one.not_listed == pytest.approx(other.not_listed)


def test_entries_that_know_the_same_are_of_one_vehicle() -> None:
    known = (
        entry("12-KV?-.", "more", make="BMW"),
        entry(None, "again", make="porsche", colour="geel"),
    )
    for listing in (Listing.of((*FEW, *known)), overlaid(Listing.of(FEW), known)):
        assert len(listing) == len(FEW)
        told = [[one.reference for one in some] for some in listing.entries]
        assert ["pattern", "more"] in told
        assert ["none", "again"] in told


def test_a_list_of_whole_plates_knows_nothing_of_patterns() -> None:
    listing = Listing.of([FEW[0]])
    assert listing.index.parts == (listing.index,)
    assert listing.likeliest(0, looks_at("12KVX4")) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("*X*", "* inside"),
        ("1*2", "* inside"),
        ("[8B]X", "brackets"),
        ("1?", "fewer than 3"),
        ("12345678901", "more than 10"),
    ],
)
def test_a_pattern_that_cannot_be_listed_says_why(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault.replace("*", r"\*")):
        Entry(plate=parse(text))


def test_a_pattern_of_nothing_or_with_two_gaps_cannot_be_listed() -> None:
    assert fault_of(pattern("??????")) == "holds no known symbol"
    assert "* inside" in fault_of(pattern("*1*"))


def test_without_a_plate_something_must_be_known_of_the_vehicle() -> None:
    for more in ({}, {"wanted": Wanted.PLATE, "make": "BMW"}, {"duplicate_code": 1}):
        with pytest.raises(ValueError, match="without a plate"):
            entry(None, **more)
    assert "make" in NOT_DESCRIBED


def test_where_separators_were_makes_no_difference() -> None:
    assert entry("12-X?-..") == entry("12X???")


def test_dashes_and_sights_are_those_of_whole_plates() -> None:
    seen = Sight.of(channel.load(), read_of("12-KVX-4"), Source.EYESIGHT)
    plate = Plate("12KVX4")
    assert dashes_of([plate])[1][0]
    value = Partials((Pattern(tuple(plate)),)).search(Looks.of(seen), Asked(0.0)).likelihood[0]
    assert value == pytest.approx(twin.total_of(seen, plate), rel=1e-9)


@given(st.lists(half_plates(), min_size=1, max_size=8, unique=True), st.data())
@settings(max_examples=40)
def test_what_is_left_out_is_less_than_may_be_and_what_is_shown_is_exact(
    some: list[Pattern], data: st.DataObject
) -> None:
    looks = data.draw(looks_of([data.draw(sidecode_plates(8))], max_size=1))
    whole = Partials(tuple(some)).search(looks, Asked(0.0))
    exact = dict(zip(whole.keys.tolist(), whole.likelihood.tolist(), strict=True))
    score = sorted(value + looks.base for value in exact.values())
    least = data.draw(st.sampled_from(score)) * data.draw(st.floats(0.1, 1.0))
    grain = data.draw(st.sampled_from((0.1, 10.0, 1e4))) * least
    found = Partials(tuple(some)).search(looks, Asked(0.0, least=least, grain=grain))
    for key, value in zip(found.keys.tolist(), found.likelihood.tolist(), strict=True):
        assert value == pytest.approx(exact.pop(key), rel=1e-9, abs=1e-300)
    assert all(value + looks.base < least * (1 + 1e-9) for value in exact.values())
    rest = fsum(exact.values())
    assert found.rest.low <= rest * (1 + 1e-9)
    assert found.rest.high >= rest * (1 - 1e-9)
    assert found.rest.estimate <= found.rest.high
