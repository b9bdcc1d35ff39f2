"""A store holds the plates it was made of and no others, however they are held."""

import json
from functools import cache
from itertools import compress
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match import branches, channel, grammar
from plate_match.channel import Read, Source
from plate_match.glance import Looks
from plate_match.index import Asked, Index
from plate_match.keys import dashes_of, keys_of, plates_of
from plate_match.layouts import SIDECODES
from plate_match.normalize import parse
from plate_match.plate import SYMBOLS, Plate
from plate_match.sight import Sight
from plate_match.store import Store, every_plate, lay_out, of_file, to_file
from tests.strategies import plates

LISTS = st.lists(plates(), max_size=40)
MIXED = (
    *(Plate(one.layout.replace("-", "").replace("X", "D").replace("9", "1")) for one in SIDECODES),
    *map(Plate, ("GB012K", "GB013K", "GB999K", "0AAA00", "BORAB12", "ABC", "Z" * 10)),
)
WHOLE_PLATES = [Plate(f"GB{n:03}{letter}") for n in range(1000) for letter in "BDFGHJKLNPRSTVXZ"]


@cache
def held_as_bits() -> Store:
    """Made once, since bits are made for all plates there could be."""
    return lay_out(keys_of([*MIXED, *WHOLE_PLATES]), bits_from=1)


def looks(text: str) -> Looks:
    return Looks.of(Sight.of(channel.load(), Read(parse(text)), Source.EYESIGHT))


def same(one: Store, other: Store) -> bool:
    arrays = ("keys", "bits", "ranks")
    alike = (np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays)
    return one.groups == other.groups and all(alike)


@given(LISTS)
def test_a_store_of_its_own_plates_is_the_same_store(listed: list[Plate]) -> None:
    store = lay_out(keys_of(listed))
    assert same(store, lay_out(store.all_keys()))
    assert same(store, lay_out(keys_of([*reversed(listed), *listed])))
    assert sorted(plates_of(store.all_keys())) == sorted(set(listed))
    assert len(store) == len(set(listed))
    assert store.nbytes <= 8 * len(store) + 12


@given(LISTS, st.sampled_from(["keys", "bits"]))
def test_a_plate_is_at_the_place_where_all_of_them_have_it(asked: list[Plate], held: str) -> None:
    store = held_as_bits() if held == "bits" else lay_out(keys_of(asked[::2]))
    every = store.all_keys().tolist()
    keys = keys_of([*asked, *MIXED])
    expected = [every.index(key) if key in every else -1 for key in keys.tolist()]
    assert store.places(keys).tolist() == expected
    held_there = [key for key in keys.tolist() if key in every]
    places = store.places_held(np.array(held_there, dtype=np.uint64)).tolist()
    assert places == [every.index(key) for key in held_there]


@given(LISTS, LISTS)
def test_a_store_holds_what_a_set_holds(listed: list[Plate], asked: list[Plate]) -> None:
    both = [*listed, *asked]
    held = lay_out(keys_of(listed)).holds(keys_of(both))
    assert held.tolist() == [plate in set(listed) for plate in both]


@given(LISTS)
def test_bits_hold_what_a_set_holds(asked: list[Plate]) -> None:
    listed = {*MIXED, *WHOLE_PLATES}
    both = [*asked, *MIXED, *WHOLE_PLATES[::97], Plate("GB01AK"), Plate("GB0123")]
    held = held_as_bits().holds(keys_of(both))
    assert held.tolist() == [plate in listed for plate in both]


@given(LISTS)
def test_groups_part_the_places_among_plates_of_one_shape(listed: list[Plate]) -> None:
    are_parted(lay_out(keys_of(listed)))


def test_groups_of_bits_part_the_places_too() -> None:
    are_parted(held_as_bits())


def are_parted(store: Store) -> None:
    every, begin = plates_of(store.all_keys()), 0
    for group in store.groups:
        assert group.begin == begin
        mine = every[begin : begin + group.plates]
        assert mine == sorted(mine)
        for slot, alphabet in enumerate(group.alphabets):
            assert {plate[slot] for plate in mine} <= set(alphabet)
        for marks in dashes_of(mine).T.tolist() if mine else ():
            assert tuple(marks) == group.dashes
        begin += group.plates
    assert begin == len(store) == len(every)


def test_bits_and_keys_hold_the_same_plates() -> None:
    keys, bits = lay_out(keys_of([*MIXED, *WHOLE_PLATES])), held_as_bits()
    assert sorted(keys.all_keys()) == sorted(bits.all_keys())
    assert same(bits, lay_out(bits.all_keys(), bits_from=1))
    assert len(bits.keys) == 4
    assert not any(group.levels for group in keys.groups)
    assert bits.nbytes < grammar.CAPACITY / 6


@given(LISTS)
def test_a_file_of_keys_has_all_of_a_store(listed: list[Plate]) -> None:
    store = lay_out(keys_of(listed))
    header, arrays = to_file(store)
    assert same(store, of_file(json.loads(json.dumps(header)), arrays))


def test_a_file_of_bits_has_all_of_a_store() -> None:
    header, arrays = to_file(held_as_bits())
    assert same(held_as_bits(), of_file(json.loads(json.dumps(header)), arrays))


@given(LISTS, st.integers(1, 50))
def test_plates_that_are_spread_are_of_the_list_and_as_many_as_asked(
    listed: list[Plate], most: int
) -> None:
    store = lay_out(keys_of(listed))
    every, spread = store.all_keys().tolist(), store.spread(most).tolist()
    step = -(-len(every) // most) or 1
    assert spread == every[::step]
    assert len(spread) <= most
    assert store.every_nth(most).tolist() == every[::most]


def test_every_plate_is_what_the_layouts_can_issue() -> None:
    store = every_plate()
    assert len(store) == grammar.CAPACITY
    listed = [*MIXED, *WHOLE_PLATES[::50]]
    symbols = keys_of(listed)
    expected = [plate not in {"0AAA00", "BORAB12", "ABC", "Z" * 10} for plate in listed]
    assert store.holds(symbols).tolist() == expected


@pytest.mark.parametrize("text", ["GB-014-K", "99-XX-ZZ", "8X?V41"])
def test_nothing_beside_what_is_found_among_every_plate_is_likelier(text: str) -> None:
    seen, store = looks(text), every_plate()
    found = Index(store).search(seen, Asked(0.0, 5, grain=inf))
    near = [Plate(text.replace("-", "").replace("?", symbol)) for symbol in SYMBOLS]
    near += [
        Plate(plate[:place] + symbol + plate[place + 1 :])
        for plate in set(near)
        for place in range(6)
        for symbol in SYMBOLS
    ]
    issued = compress(near, store.holds(keys_of(near)))
    beside = Index.build([*issued, *found.plates])
    assert beside.search(seen, Asked(0.0, 5)).plates == found.plates


@pytest.mark.parametrize("text", ["GB-014-K", "GB0?", "*14K"])
def test_the_sum_over_every_plate_is_that_of_the_closed_form(text: str) -> None:
    seen, store = looks(text), every_plate()
    exact = branches.Branches(store).likelihood(seen, 0.0)
    assert exact.low == pytest.approx(exact.high, rel=1e-9)
    rest = Index(store).search(seen, Asked(0.0, 0, grain=exact.low * 1e-3)).rest
    assert rest.low <= exact.low * (1 + 1e-9)
    assert rest.high >= exact.low * (1 - 1e-9)
    assert rest.estimate == pytest.approx(exact.low, rel=0.05)
