"""The index returns exactly what scoring every plate would: recall is a theorem."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.channel import Read, Source, load
from plate_match.index import Index
from plate_match.plate import Pattern, Plate
from plate_match.population import load as population
from plate_match.sidecode import sidecode
from tests.plate_match import twin
from tests.strategies import patterns, plates

HOTLISTS = st.lists(plates(), min_size=1, max_size=12, unique=True)


def with_dashes(listed: list[Plate]) -> list[tuple[str, tuple[int, ...]]]:
    layouts = [(plate, sidecode(plate)) for plate in listed]
    return [(str(plate), layout.dashes if layout else ()) for plate, layout in layouts]


@st.composite
def reads_of(draw: st.DrawFn, listed: list[Plate]) -> Pattern:
    """A listed plate with a few symbols lost, doubted or replaced, or any pattern at all."""
    if draw(st.integers(0, 3)) == 0:
        return draw(patterns())
    symbols = list(draw(st.sampled_from(listed)))
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(symbols) - 1))
        change = draw(st.sampled_from(("?", "*", "B8", "8", "Z", "", "II")))
        doubt = change == "B8"
        symbols[place : place + 1] = [change] if doubt or len(change) == 1 else list(change)
        symbols = symbols or ["8"]
    between = st.lists(st.integers(1, len(symbols) - 1), max_size=2, unique=True)
    separators = draw(between.map(sorted)) if len(symbols) > 1 else []
    return Pattern(tuple(symbols), tuple(separators))


@given(HOTLISTS, st.data(), st.sampled_from(Source), st.sampled_from((4.0, 12.0, 20.0)))
def test_a_search_finds_what_the_twin_finds_in_the_same_order(
    listed: list[Plate], data: st.DataObject, source: Source, cutoff: float
) -> None:
    seen = load().observe(Read(data.draw(reads_of(listed))), source)
    likeliest = population().likeliest(seen)
    index = Index.build(listed)
    found = index.search(seen, likeliest * float(np.exp(-cutoff)))
    expected = twin.search(seen, with_dashes(listed), likeliest=likeliest, cutoff=cutoff)
    assert [str(index.plates[place]) for place in found.places] == expected


@given(HOTLISTS, st.data(), st.sampled_from(Source))
def test_likelihoods_are_those_of_the_twin(
    listed: list[Plate], data: st.DataObject, source: Source
) -> None:
    seen = load().observe(Read(data.draw(reads_of(listed))), source)
    index = Index.build(listed)
    everything = index.likelihood(seen)
    for place, (plate, dashes) in enumerate(with_dashes(list(index.plates))):
        assert everything[place] == pytest.approx(twin.total(seen, plate, dashes), rel=1e-9)
    found = index.search(seen, 0.0)
    assert sorted(found.places) == list(range(len(index.plates)))
    assert found.likelihood == pytest.approx(everything[found.places], rel=1e-9)


@given(HOTLISTS, st.randoms(use_true_random=False))
def test_order_and_doubles_of_a_hotlist_do_not_matter(listed: list[Plate], random: object) -> None:
    shuffled = [*listed, *listed]
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis' Random is untyped here
    assert Index.build(shuffled).plates == Index.build(listed).plates


def test_a_bound_looks_at_every_layout_of_dashes() -> None:
    """Plates of all five, read with their dashes and two look-alikes: none is lost."""
    listed = [Plate(text) for text in ("12BBB8", "1BBB88", "BB888B", "B888BB", "BBB88B", "8BB888")]
    for plate in listed:
        dashes = sidecode(plate).dashes  # type: ignore[union-attr]  # all have a layout
        text = plate.replace("B", "8", 1)
        seen = load().observe(Read(Pattern(tuple(text), dashes)), Source.CAMERA)
        likeliest = population().likeliest(seen)
        found = Index.build(listed).search(seen, likeliest * float(np.exp(-12)))
        expected = twin.search(seen, with_dashes(listed), likeliest=likeliest, cutoff=12)
        assert [Index.build(listed).plates[place] for place in found.places] == expected
        assert plate in expected


@given(HOTLISTS, st.data(), st.integers(1, 4))
def test_how_many_plates_are_scored_at_a_time_changes_nothing(
    listed: list[Plate], data: st.DataObject, chunk: int
) -> None:
    seen = load().observe(Read(data.draw(reads_of(listed))), Source.EYESIGHT)
    whole = Index.build(listed).search(seen, 0.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plate_match.index._CHUNK", chunk)
        parts = Index.build(listed).search(seen, 0.0)
    assert parts.places.tolist() == whole.places.tolist()
    assert parts.likelihood.tolist() == whole.likelihood.tolist()


def test_an_empty_hotlist_finds_nothing() -> None:
    seen = load().observe(Read(Pattern(tuple("8XKV41"))), Source.CAMERA)
    found = Index.build([]).search(seen, 0.0)
    assert len(found.places) == len(found.likelihood) == 0


def test_equal_likelihoods_are_ordered_by_plate() -> None:
    seen = load().observe(Read(Pattern(tuple("??????"))), Source.EYESIGHT)
    index = Index.build([Plate("8XKV41"), Plate("1BBB41"), Plate("3BBL41")])
    found = index.search(seen, 0.0)
    assert [index.plates[place] for place in found.places] == ["1BBB41", "3BBL41", "8XKV41"]
