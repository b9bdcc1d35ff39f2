"""The index returns exactly what scoring every plate would: recall is a theorem."""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice, pairwise
from math import exp, inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match import channel, kernel
from plate_match.channel import Read, Source
from plate_match.errors import DamagedFile
from plate_match.glance import Looks
from plate_match.index import Asked, Candidates, Index, Weights
from plate_match.keys import keys_of
from plate_match.layouts import SIDECODES
from plate_match.normalize import parse
from plate_match.others import Others
from plate_match.plate import SYMBOLS, Pattern, Plate
from plate_match.population import load as population
from plate_match.sight import Sight
from tests.plate_match import twin
from tests.strategies import looks_of, plates

OTHERS = Others(population())
LIMITS = st.sampled_from((0, 1, 2, 5, None))


@st.composite
def lists(draw: st.DrawFn, *, max_size: int = 40) -> list[Plate]:
    """Of nothing, of a few, of many alike, of foreign plates only; with doubles."""
    listed = draw(st.lists(plates(), max_size=max_size))
    if draw(st.booleans()) and listed:
        listed += islice(neighbours(draw(st.sampled_from(listed))), 60)
    if draw(st.integers(0, 4)) == 0:
        listed = [plate for plate in listed if not twin.dashes(plate)]
    return listed + listed[:3]


@cache
def held_both_ways(some: int) -> tuple[Index, Index]:
    """Plates of all layouts, some with many alike beside them, and others: as bits, as keys."""
    listed = [Plate(text) for text in ("GB012K", "8XKV41", "12ABC3", "XX9999", "BORAB12", "0AAA00")]
    listed += [Plate(one.layout.replace("-", "").replace("X", "D")) for one in SIDECODES]
    for plate in listed[:some]:
        listed += neighbours(plate)
    return Index.build(listed, bits_from=1), Index.build(listed)


def held_as_keys(listed: list[Plate]) -> tuple[Index, Index]:
    index = Index.build(listed)
    return index, index


def neighbours(plate: Plate) -> Iterator[Plate]:
    for place in range(len(plate)):
        for symbol in SYMBOLS[:: 7 - place % 4]:
            yield Plate(plate[:place] + symbol + plate[place + 1 :])


UNREAD = Looks.of(Sight.of(channel.load(), Read(Pattern(("?",) * 6)), Source.EYESIGHT))


def sight(text: str, source: Source = Source.EYESIGHT) -> Looks:
    return Looks.of(Sight.of(channel.load(), Read(parse(text)), source))


def floor_of(looks: Looks, cutoff: float) -> float:
    best = [max(OTHERS.likeliest(one), one.garbage) for one in looks.sights]
    return float(looks.above(np.array(best)[:, None])[0]) * exp(-cutoff)


@st.composite
def weights_of(draw: st.DrawFn, count: int) -> Weights | None:
    """Ratios, some of them zero; with times in force or without."""
    if not count or draw(st.booleans()):
        return None
    ratio = st.sampled_from((0.0, 0.02, 1.0, 1.0, 7.5))
    ratios = np.array(draw(st.lists(ratio, min_size=1, max_size=4)))
    which = st.lists(st.integers(0, len(ratios) - 1), min_size=count, max_size=count)
    profile = np.array(draw(which), dtype=np.uint32)
    counts = np.bincount(profile, minlength=len(ratios))
    if draw(st.booleans()):
        return Weights(profile, ratios, counts)
    time = st.sampled_from((-inf, 0.0, 1.0, 2.0, inf))
    spans = draw(st.lists(st.tuples(time, time), min_size=count, max_size=count))
    return Weights(profile, ratios, counts, np.array(spans), 1.0)


@dataclass(frozen=True)
class Search:
    """What is asked of an index, and one of the same plates that is scanned instead."""

    searched: Index
    index: Index
    looks: Looks
    asked: Asked
    weights: Weights | None

    def _repr_pretty_(self, printer: Any, _: object) -> None:
        """Print no more than a person can read."""
        reads = [(one.source, one.read) for one in self.looks.sights]
        weights = self.weights and {**vars(self.weights), "native": None}
        printer.text(f"{self.index.plates[:99]}, {reads}, {self.asked}, {weights}")

    def found(self, asked: Asked) -> Candidates:
        return self.searched.search(self.looks, asked, self._by_place())

    def _by_place(self) -> Weights | None:
        """The weights by the places of the index that is searched."""
        if self.weights is None or self.searched is self.index:
            return self.weights
        order = [self.index.plates.index(plate) for plate in self.searched.plates]
        spans = None if self.weights.spans is None else self.weights.spans[order]
        return replace(self.weights, profile=self.weights.profile[order], spans=spans)

    def scanned(self, asked: Asked) -> Candidates:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kernel, "native", None)
            return self.index.search(self.looks, asked, self.weights)


@st.composite
def searches(draw: st.DrawFn) -> Search:
    """An index, one of the same plates to be scanned, and what is asked of them."""
    both = st.sampled_from((0, 4)).map(held_both_ways)
    searched, index = draw(st.one_of(lists().map(held_as_keys), both))
    looks = draw(looks_of(index.plates))
    weights = draw(weights_of(len(index)))
    cutoff, part = draw(st.sampled_from((4.0, 12.0, 40.0, inf))), draw(st.sampled_from((0, 0.5, 1)))
    which, limit = draw(st.integers(0, 4)), draw(LIMITS)
    floor = floor_of(looks, cutoff)
    every = Search(index, index, looks, Asked(floor), weights).scanned(Asked(floor))
    ratio = 1.0 if weights is None else weights.of(every.places)
    scores = ((every.likelihood + looks.base) * ratio).tolist()
    least = part * scores[which] if which < len(scores) else 0.0
    return Search(searched, index, looks, Asked(floor, limit, least), weights)


@given(searches())
def test_the_kernel_finds_what_scoring_every_plate_finds(case: Search) -> None:
    found = case.found(case.asked)
    slow = case.scanned(case.asked)
    assert found.keys.tolist() == slow.keys.tolist()
    if case.searched is case.index:
        assert found.places.tolist() == slow.places.tolist()
    rounding = 1e-15 * case.looks.base
    assert found.likelihood == pytest.approx(slow.likelihood, rel=1e-9, abs=rounding)
    assert [case.searched.plates[place] for place in found.places.tolist()] == found.plates


@given(searches(), st.sampled_from((0.0, 1e-9, 0.01, 0.5, 10.0)))
def test_the_interval_of_the_rest_holds_the_exact_sum(case: Search, grain: float) -> None:
    exact = case.scanned(case.asked).rest
    assert exact.low == exact.estimate == exact.high
    everything = case.scanned(Asked(0.0, 0)).rest.estimate
    asked = replace(case.asked, grain=grain * everything)
    rest = case.found(asked).rest
    lost = 1e-14 * (case.looks.base + asked.floor) * len(case.index)
    rounding = 1e-9 * everything + lost
    assert rest.low - rounding <= exact.estimate <= rest.high + rounding
    assert rest.low <= rest.estimate <= rest.high
    if not grain:
        assert rest.low == pytest.approx(exact.estimate, abs=rounding)
        assert rest.high == pytest.approx(exact.estimate, abs=rounding)


@given(st.data())
def test_both_find_what_the_slow_twin_finds(data: st.DataObject) -> None:
    listed = data.draw(st.lists(plates(), min_size=1, max_size=3, unique=True))
    looks = data.draw(looks_of(listed, max_size=2))
    floor = floor_of(looks, data.draw(st.sampled_from((4.0, 12.0, 40.0))))
    index = Index.build(listed)
    expected = {
        one.plate: one.value
        for one in twin.scored(looks, listed)
        if one.best >= floor and one.value
    }
    for found in (
        index.search(looks, Asked(floor)),
        Search(index, index, looks, Asked(floor), None).scanned(Asked(floor)),
    ):
        assert set(found.plates) == set(expected)
        values = [expected[plate] for plate in found.plates]
        assert found.likelihood == pytest.approx(values, rel=1e-9, abs=1e-15 * looks.base)
        assert all(one >= other * (1 - 1e-9) for one, other in pairwise(values))


@given(lists(), st.randoms(use_true_random=False))
def test_order_and_doubles_of_a_list_do_not_matter(listed: list[Plate], random: object) -> None:
    shuffled = [*listed, *listed]
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis' Random is untyped here
    index = Index.build(shuffled)
    assert index.plates == Index.build(listed).plates
    assert len(index) == len(index.plates)
    assert sorted(index.plates) == sorted(set(listed))


@pytest.mark.parametrize("native", [True, False], ids=["kernel", "numpy"])
def test_a_list_of_nothing_finds_nothing(*, native: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not native:
        monkeypatch.setattr(kernel, "native", None)
    index = Index.build([])
    found = index.search(sight("8XKV41"), Asked(0.0))
    assert len(found.places) == len(found.likelihood) == len(found.plates) == len(index) == 0
    assert (found.rest.low, found.rest.estimate, found.rest.high) == (0, 0, 0)
    assert not index.holds(keys_of(["8XKV41"])).any()


@pytest.mark.parametrize("native", [True, False], ids=["kernel", "numpy"])
@pytest.mark.parametrize("bits_from", [1, 10**6], ids=["bits", "keys"])
def test_equal_likelihoods_are_ordered_by_plate(
    *, native: bool, bits_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not native:
        monkeypatch.setattr(kernel, "native", None)
    index = Index.build([Plate("8XKV41"), Plate("1BBB41"), Plate("3BBL41")], bits_from=bits_from)
    found = index.search(UNREAD, Asked(0.0))
    assert found.plates == ["1BBB41", "3BBL41", "8XKV41"]
    assert index.search(UNREAD, Asked(0.0, 2)).plates == ["1BBB41", "3BBL41"]


@pytest.mark.parametrize("native", [True, False], ids=["kernel", "numpy"])
def test_plates_of_every_layout_of_dashes_are_found_with_two_mistakes(
    *, native: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not native:
        monkeypatch.setattr(kernel, "native", None)
    listed = [Plate(text) for text in ("12BBB8", "1BBB88", "BB888B", "B888BB", "BBB88B", "8BB888")]
    for bits_from in (1, 10**6):
        index = Index.build(listed, bits_from=bits_from)
        for plate in listed:
            text = plate.replace("B", "8", 1)
            first, second = twin.dashes(plate)
            looks = sight(f"{text[:first]}-{text[first:second]}-{text[second:]}", Source.CAMERA)
            assert plate in index.search(looks, Asked(floor_of(looks, 12))).plates


def test_the_rest_is_not_worked_out_where_it_is_not_asked_for() -> None:
    index = Index.build([Plate("8XKV41"), Plate("8XKV42"), Plate("8XKV43")])
    found = index.search(sight("8XKV41"), Asked(0.0, 1, grain=inf))
    assert found.plates == ["8XKV41"]
    assert found.rest.high == inf
    assert found.rest.low == found.rest.estimate
    whole = index.search(sight("8XKV41"), Asked(0.0, 3, grain=inf)).rest
    assert (whole.low, whole.high) == (0, 0)


def test_a_search_that_gives_up_is_said_to_be_none_of_all_plates() -> None:
    listed = [Plate(f"{number:02}GB{letter}{letter}") for number in range(99) for letter in "BDFG"]
    index = Index.build(listed, bits_from=1)
    looks = sight("??GB??")
    found = index.search(looks, Asked(0.0, 5, steps=3))
    exact = Search(index, index, looks, Asked(0.0), None).scanned(Asked(0.0, 0)).rest.estimate
    shown = float(found.likelihood.sum())
    assert found.rest.low <= exact - shown <= found.rest.high * (1 + 1e-9)
    assert len(index.search(looks, Asked(0.0, 5)).plates) == 5


@given(lists(), st.data())
def test_an_index_that_was_saved_gives_the_same_answers(
    tmp_path_factory: pytest.TempPathFactory, listed: list[Plate], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("index") / "synthetic.index"
    index = Index.build(listed)
    index.save(path)
    looks = data.draw(looks_of(listed, max_size=2))
    for again in (Index.load(path), pickle.loads(pickle.dumps(index))):  # noqa: S301 # our own
        assert again.plates == index.plates
        one, other = (each.search(looks, Asked(0.0, 5)) for each in (index, again))
        assert one.keys.tolist() == other.keys.tolist()
        assert one.likelihood.tolist() == other.likelihood.tolist()
        assert one.rest == other.rest
    loaded = Index.load(path)
    assert not loaded.store.keys.flags.writeable
    assert loaded.holds(keys_of(listed)).all()


@given(st.lists(plates(), max_size=6), st.data())
def test_a_file_that_is_not_as_it_was_saved_is_refused(
    tmp_path_factory: pytest.TempPathFactory, listed: list[Plate], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("index") / "synthetic.index"
    Index.build(listed).save(path)
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytearray(whole)
    flipped[place] ^= 1 << data.draw(st.integers(0, 7))
    for damaged in (bytes(flipped), whole[:place], whole + b"\0"):
        path.write_bytes(damaged)
        with pytest.raises(DamagedFile):
            Index.load(path)


def test_the_weights_of_plates_decide_their_order_and_take_them_off_the_list() -> None:
    index = Index.build([Plate("8XKV41"), Plate("8XKV42"), Plate("8XKV43")])
    kinds = np.array([0, 1, 2], dtype=np.uint32)
    weights = Weights(kinds, np.array([1.0, 1e9, 0.0]), np.ones(3, dtype=np.intp))
    found = index.search(sight("8XKV41"), Asked(0.0), weights)
    assert found.plates == ["8XKV42", "8XKV41"]
    assert weights.of(found.places).tolist() == [1e9, 1.0]
    assert weights.mean == pytest.approx((1 + 1e9) / 3)
    late = Weights(kinds, np.ones(3), np.ones(3, dtype=np.intp), np.array([[0.0, 5.0]] * 3), 5.0)
    assert index.search(sight("8XKV41"), Asked(0.0), late).plates == []


def test_a_large_list_held_as_bits_is_that_held_as_keys() -> None:
    letters = "BDFGHJKLNPRSTVXZ"
    listed = [Plate(f"{a}{b}{n:03}{c}") for a in "GHJ" for b in letters for n in range(0, 999, 7)
              for c in letters]  # fmt: skip
    keys, bits = (Index.build(listed, bits_from=size) for size in (10**9, 1))
    assert keys.plates == bits.plates
    for text in ("GB-014-K", "G?-?14-K", "*14K", "GB0", "JZ-98?-?", "B014"):
        for limit in (1, 5, 50):
            one, other = (each.search(sight(text), Asked(0.0, limit)) for each in (keys, bits))
            assert one.plates == other.plates
            assert one.places.tolist() == other.places.tolist()
            assert one.rest.estimate == pytest.approx(other.rest.estimate, rel=1e-9)


@pytest.mark.skipif(not kernel.native, reason="numpy leaves nothing out")
@pytest.mark.parametrize("bits_from", [1, 10**6], ids=["bits", "keys"])
@pytest.mark.parametrize("text", ["2", "G?", "GB*", "*14*"])
def test_what_is_left_out_of_the_rest_is_well_estimated(bits_from: int, text: str) -> None:
    letters = "BDFGHJKLNPRSTVXZ"
    numbers = [number * 7919 % 4_096_000 for number in range(2000)]
    index = Index.build(
        [
            Plate(f"{letters[n % 16]}{letters[n // 16 % 16]}{n // 4096:03}{letters[n // 256 % 16]}")
            for n in numbers
        ],
        bits_from=bits_from,
    )
    exact = index.search(sight(text), Asked(0.0, 0)).rest
    assert exact.low == pytest.approx(exact.high, rel=1e-9)
    rough = index.search(sight(text), Asked(0.0, 0, grain=exact.low / 1000)).rest
    assert rough.low < 0.999 * exact.low < exact.low < rough.high
    assert rough.estimate == pytest.approx(exact.low, rel=0.02)
