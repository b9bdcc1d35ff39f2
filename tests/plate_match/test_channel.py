"""The fitted tables are probabilities, and an observation follows them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from plate_match.channel import (
    DASH,
    ERROR,
    FIRST,
    INNER,
    LAST,
    MATCH,
    SYMBOL_COUNT,
    UNREAD,
    Read,
    Source,
    load,
    position,
)
from plate_match.plate import SYMBOLS, Pattern

Floats = NDArray[np.float64]

SOURCES = st.sampled_from(Source)


@pytest.mark.parametrize("source", Source)
def test_every_table_of_a_source_is_a_probability(source: Source) -> None:
    rates = load().sources[source]
    assert rates.weight.sum() + rates.garbage == pytest.approx(1, abs=1e-5)
    for table in (rates.confusion, rates.inserted, rates.cut, rates.confidence):
        assert table.sum(axis=-1) == pytest.approx(1, abs=1e-5)
        assert (table >= 0).all()
    assert rates.garbage_column.sum() == pytest.approx(1, abs=1e-5)
    for chance in (rates.insert, rates.delete, rates.dash_delete, rates.transpose):
        assert ((chance > 0) & (chance < 1)).all()
    assert (rates.delete.max(axis=1) + rates.transpose < 1).all()
    assert rates.placed.sum(axis=0) == pytest.approx(1, abs=1e-5)
    assert (rates.placed >= 0).all()


@pytest.mark.parametrize("source", Source)
def test_a_symbol_is_read_as_itself_more_often_than_as_any_other(source: Source) -> None:
    rates = load().sources[source]
    mixed = np.tensordot(rates.weight, rates.confusion, axes=1)[:SYMBOL_COUNT, :SYMBOL_COUNT]
    assert (mixed.argmax(axis=1) == np.arange(SYMBOL_COUNT)).all()


def test_look_alikes_are_confused_more_readily_than_others_by_cameras() -> None:
    rates = load().sources[Source.CAMERA]
    mixed = np.tensordot(rates.weight, rates.confusion, axes=1)
    for first, second, other in ("8BK", "0DX", "5SL", "2ZP", "6G7"):
        alike = mixed[SYMBOLS.index(first), SYMBOLS.index(second)]
        assert alike > 5 * mixed[SYMBOLS.index(first), SYMBOLS.index(other)]


def test_sound_alikes_are_confused_more_readily_than_others_over_the_radio() -> None:
    rates = load().sources[Source.RADIO]
    mixed = np.tensordot(rates.weight, rates.confusion, axes=1)
    for first, second, other in ("BPK", "MNT", "79X", "TDZ"):
        alike = mixed[SYMBOLS.index(first), SYMBOLS.index(second)]
        assert alike > 5 * mixed[SYMBOLS.index(first), SYMBOLS.index(other)]


def test_people_swap_symbols_and_cameras_hardly_ever_do() -> None:
    swapped = {
        source: float(rates.weight @ rates.transpose) for source, rates in load().sources.items()
    }
    assert swapped[Source.CAMERA] < 0.003
    assert swapped[Source.EYESIGHT] > 5 * swapped[Source.CAMERA]


def test_a_separator_is_a_column_of_its_own() -> None:
    seen = load().observe(Read(Pattern(("8", "?", "*"), (1,))), Source.EYESIGHT)
    assert seen.labels == ("8", "-", "?", "*")
    assert seen.gaps == (False, False, False, True)
    rates = seen.rates
    assert seen.dash[1, :, 0] == pytest.approx(rates.confusion[:, DASH, DASH])
    assert seen.emission[:, 2] == pytest.approx(rates.placed[UNREAD, :, :, :SYMBOL_COUNT])
    assert not seen.emission[:, 3].any()


@given(SOURCES, st.sets(st.sampled_from(SYMBOLS), min_size=2, max_size=4))
def test_a_doubt_between_symbols_is_the_sum_of_them(source: Source, doubt: set[str]) -> None:
    together = load().observe(Read(Pattern(("".join(sorted(doubt)),))), source)
    apart = [load().observe(Read(Pattern((symbol,))), source) for symbol in doubt]
    assert together.emission == pytest.approx(sum(one.emission for one in apart))
    assert together.insertion == pytest.approx(sum(one.insertion for one in apart))
    assert together.garbage == pytest.approx(sum(one.garbage for one in apart))


@given(SOURCES, st.floats(0, 1))
def test_a_confidence_weighs_right_and_wrong_columns_apart(source: Source, how: float) -> None:
    plain = load().observe(Read(Pattern(("8",))), source)
    sure = load().observe(Read(Pattern(("8",)), (how,)), source)
    ratio = sure.emission[INNER, 0] / plain.emission[INNER, 0]
    place = min(int(how * 20), 19)
    confidence = plain.rates.confidence
    assert ratio[:, SYMBOLS.index("8")] == pytest.approx(confidence[:, MATCH, place])
    assert ratio[:, SYMBOLS.index("B")] == pytest.approx(confidence[:, ERROR, place])


@pytest.mark.parametrize("source", Source)
def test_the_odds_of_a_mistake_grow_by_the_slip_of_a_position(source: Source) -> None:
    rates = load().sources[source]
    rows = np.arange(SYMBOL_COUNT)

    def odds(right: Floats, unread: Floats) -> Floats:
        return (1 - right - unread) / right

    plain = odds(rates.confusion[:, rows, rows], rates.confusion[:, rows, UNREAD])
    for place in (FIRST, INNER, LAST):
        table = np.moveaxis(rates.placed[:, place], 0, 2)
        found = odds(table[:, rows, rows], table[:, rows, UNREAD])
        assert found / plain == pytest.approx(np.repeat(rates.slip[:, [place]], 36, 1), rel=1e-4)
        assert table[:, :, UNREAD] == pytest.approx(rates.confusion[:, :, UNREAD], abs=1e-12)
        assert table[:, DASH] == pytest.approx(rates.confusion[:, DASH], abs=1e-12)


@pytest.mark.parametrize("source", Source)
def test_a_beginning_ends_by_the_last_slot_and_there_no_end_is_left(source: Source) -> None:
    rates = load().sources[source]
    assert (rates.begins(6, 6) == 1).all()
    assert not rates.ends(6, 6).any()
    for slot in range(6):
        for chance in (rates.begins(slot, 6), rates.ends(slot, 6)):
            assert ((chance > 0) & (chance < 1)).all()


def test_a_symbol_is_first_inner_or_last_by_its_slot() -> None:
    assert [position(slot, 6) for slot in range(6)] == [FIRST, *[INNER] * 4, LAST]


def test_a_confident_reader_is_believed_more() -> None:
    def odds(confidence: float) -> float:
        read = Read(Pattern(("8",)), (confidence,))
        seen = load().observe(read, Source.CAMERA)
        weighed = np.tensordot(seen.rates.weight, seen.emission[INNER, 0], axes=1)
        return float(weighed[SYMBOLS.index("8")] / weighed[SYMBOLS.index("B")])

    assert odds(0.99) > 3 * odds(0.5)
