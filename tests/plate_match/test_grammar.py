"""The grammar is one row of bits: every code a plate, every plate of a layout a code."""

import csv
from importlib.resources import files
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.grammar import CAPACITY, LAYOUTS, Layout, codes_of, plates_at, symbols_at
from plate_match.plate import SYMBOLS, Plate, symbols_of
from plate_match.series import columns
from plate_match.sidecode import SIDECODES, sidecode
from tests.strategies import sidecode_plates

codes = st.lists(st.integers(0, CAPACITY - 1), max_size=30).map(
    lambda drawn: np.array(drawn, dtype=np.int64)
)


@given(codes)
def test_a_code_decodes_to_a_plate_of_its_layout_and_back(drawn: np.ndarray) -> None:
    plates = plates_at(drawn)
    assert codes_of(symbols_at(drawn)).tolist() == drawn.tolist()
    for plate, code in zip(plates, drawn.tolist(), strict=True):
        (layout,) = [one for one in LAYOUTS if one.offset <= code < one.offset + one.capacity]
        found = sidecode(plate)
        assert found is not None
        assert (found.number, found.dashes) == (layout.number, layout.dashes)
        assert codes_of(symbols_of([plate])).tolist() == [code]


@given(st.lists(st.text(SYMBOLS, min_size=6, max_size=6).map(Plate), min_size=1, max_size=30))
def test_no_two_plates_share_a_code(drawn: list[Plate]) -> None:
    found = codes_of(symbols_of(drawn))
    inside = found >= 0
    assert plates_at(found[inside]) == [
        plate for plate, is_in in zip(drawn, inside, strict=True) if is_in
    ]
    assert (found[~inside] == -1).all()


@given(
    st.integers(1, 14).flatmap(lambda number: st.tuples(sidecode_plates(number), st.just(number)))
)
def test_what_a_layout_issues_has_a_code_in_it(drawn: tuple[Plate, int]) -> None:
    plate, number = drawn
    layout = LAYOUTS[number - 1]
    (code,) = codes_of(symbols_of([plate])).tolist()
    assert layout.offset <= code < layout.offset + layout.capacity


def test_every_dutch_row_of_the_series_table_lies_in_the_grammar() -> None:
    text = (files("plate_match") / "tables" / "series.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["sidecode"]]
    assert {int(row["sidecode"]) for row in rows} == set(range(1, 15))
    for row in rows:
        layout = LAYOUTS[int(row["sidecode"]) - 1]
        for column in columns(row):
            for issued, alphabet in zip(column.places, layout.alphabets, strict=True):
                assert set(issued) <= set(alphabet)


def test_layouts_lie_side_by_side() -> None:
    assert LAYOUTS[0].offset == 0
    for before, after in pairwise(LAYOUTS):
        assert before.offset + before.capacity == after.offset
    assert LAYOUTS[-1].offset + LAYOUTS[-1].capacity == CAPACITY
    assert 75e6 < CAPACITY < 80e6


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: str(layout.number))
def test_codes_ascend_with_the_plates_of_a_layout(layout: Layout) -> None:
    assert all(list(alphabet) == sorted(set(alphabet)) for alphabet in layout.alphabets)
    edges = np.array([layout.offset, layout.offset + layout.capacity - 1])
    first, last = plates_at(edges)
    assert first == "".join(alphabet[0] for alphabet in layout.alphabets)
    assert last == "".join(alphabet[-1] for alphabet in layout.alphabets)
    assert layout.weights[-1] == 1
    assert layout.weights[0] * len(layout.alphabets[0]) == layout.capacity


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: str(layout.number))
def test_key_letters_stand_only_in_front(layout: Layout) -> None:
    issued = SIDECODES[layout.number - 1]
    first, *others = [set(alphabet) for alphabet in layout.alphabets if alphabet.isalpha()]
    assert first >= set(issued.letters + issued.key_letters)
    assert all(first >= other >= set(issued.letters) for other in others)
    if layout.number > 3:
        assert others[0] == set(issued.letters)


def test_a_plate_of_no_layout_has_no_code() -> None:
    strange = [Plate(text) for text in ("AAAAAA", "111111", "CBB01B", "GBB0IB", "01ABB1", "1KBO01")]
    assert codes_of(symbols_of(strange)).tolist() == [-1] * 6
    assert codes_of(np.empty((6, 0), dtype=np.intp)).tolist() == []


@pytest.mark.parametrize("code", [-1, CAPACITY])
def test_a_code_outside_the_row_is_refused(code: int) -> None:
    with pytest.raises(IndexError, match="codes are 0 to"):
        plates_at(np.array([code]))
