"""The lattice says what the slow twin says, in both semirings, forward and backward."""

from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from plate_match.channel import Channel, Observation, Rates, Read, Source, load
from plate_match.keys import dashes_of
from plate_match.lattice import Lattice, States, backward, joined
from plate_match.plate import Pattern, Plate, symbols_of
from plate_match.sidecode import sidecode
from tests.plate_match import twin
from tests.strategies import patterns, plates

Floats = NDArray[np.float64]


def emissions_of(seen: Observation, plate: Plate) -> list[Floats]:
    lattice = Lattice(seen, len(plate))
    return [lattice.of_symbols(symbols, slot) for slot, symbols in enumerate(symbols_of([plate]))]


def dashes(plate: Plate) -> tuple[int, ...]:
    layout = sidecode(plate)
    return layout.dashes if layout else ()


def forward(lattice: Lattice, plate: Plate, slots: int) -> States:
    states = lattice.start(1)
    for slot in range(slots):
        emission = emissions_of(lattice.seen, plate)[slot]
        states = lattice.grow(states, emission, dashes_of([plate])[slot], slot=slot)
    return states


def tail(lattice: Lattice, plate: Plate, slots: int) -> States:
    states = lattice.finish(1)
    for slot in range(len(plate) - 1, slots - 1, -1):
        emission = emissions_of(lattice.seen, plate)[slot]
        states = lattice.grow_back(states, emission, dashes_of([plate])[slot], slot=slot)
    return states


@given(plates(), patterns(), st.sampled_from(Source))
def test_the_lattice_sums_and_maximises_as_the_twin_does(
    plate: Plate, pattern: Pattern, source: Source
) -> None:
    seen = load().observe(Read(pattern), source)
    weight = seen.rates.weight[:, None]
    for plus, judge, reduce in ((np.add, twin.total, np.sum), (np.maximum, twin.best, np.max)):
        lattice = Lattice(seen, len(plate), plus)
        given_plate = backward(lattice, emissions_of(seen, plate), dashes_of([plate]))
        expected = judge(seen, plate, dashes(plate))
        assert float(reduce(weight * given_plate)) == pytest.approx(expected, rel=1e-9)


@given(plates(), patterns(), st.data())
def test_heads_and_tails_meet_in_any_slot(
    plate: Plate, pattern: Pattern, data: st.DataObject
) -> None:
    seen = load().observe(Read(pattern), Source.EYESIGHT)
    slots = data.draw(st.integers(0, len(plate)))
    for plus in (np.add, np.maximum):
        lattice = Lattice(seen, len(plate), plus)
        whole = backward(lattice, emissions_of(seen, plate), dashes_of([plate]))
        met = joined(forward(lattice, plate, slots), tail(lattice, plate, slots), plus)
        assert met == pytest.approx(whole, rel=1e-9)


def test_the_reads_of_a_plate_sum_to_one() -> None:
    channel = Channel("test", {Source.CAMERA: _few_columns(load().sources[Source.CAMERA])})
    total = np.zeros(2)
    observe = partial(channel.observe, source=Source.CAMERA)
    for length in range(9):
        for symbols in product("01", repeat=length):
            seen = observe(Read(Pattern(symbols)))
            lattice = Lattice(seen, 3)
            marks = np.array([[True], [False], [False]])
            total += backward(lattice, emissions_of(seen, Plate("01A")), marks)[:, 0]
    assert total == pytest.approx(1, abs=2e-4)


def _few_columns(rates: Rates) -> Rates:
    """Two components that only ever read 0 or 1, and insert little, so that all reads are few."""
    confusion, inserted = rates.confusion[:2].copy(), rates.inserted[:2].copy()
    for table in (confusion, inserted):
        table[:, :, 2:] = 0
        np.divide(table, table.sum(axis=2, keepdims=True), out=table)
    return replace(
        rates,
        weight=rates.weight[:2],
        confusion=confusion,
        inserted=inserted,
        insert=np.array([[0.05, 0.02, 0.03], [0.1, 0.05, 0.01]]),
        slip=np.array([[1.0, 2.0, 0.5], [0.3, 1.0, 4.0]]),
        delete=np.array([[0.1, 0.2, 0.05], [0.3, 0.1, 0.4]]),
        dash_delete=np.array([0.5, 0.2]),
        transpose=np.array([0.05, 0.2]),
        cut=rates.cut[:, :2],
        confidence=rates.confidence[:2],
    )
