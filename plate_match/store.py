"""Plates -> Store: how a list lies in memory, for the search to walk and for a file to keep.

Plates are gathered in groups of one shape. A group is a sorted array of keys, eight bytes a
plate, or, where a layout has many, bits: one for every plate that the layout can issue, and
level by level one for every beginning that has a plate. What no layout has (foreign and
special plates, odd letters) is always a key, and found like everything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plate_match import grammar
from plate_match.groups import Group, dashed, key_groups, shapes_of
from plate_match.keys import Keys, distinct, once, packed, symbols_of_keys
from plate_match.layouts import PLACES

Bytes = NDArray[np.uint8]

_BLOCK = 512
"""Bits counted together, so that the place of a plate is one addition and a few counts."""

_PADDING = 8
"""Bytes after the last bits, so that eight can be read at any place."""

FROM = 500_000
"""Plates of all layouts from which on bits take less than keys and are found faster."""


@dataclass(frozen=True, slots=True)
class Store:
    """A list of distinct plates. Immutable; its arrays may be memory maps.

    Attributes:
        groups: those of bits first, then those of keys; places count through them.
        keys: (n,) of the groups of keys.
        bits: bytes; the plates of all layouts by their code, then the levels above.
        ranks: plates before each block of the bits.
    """

    groups: tuple[Group, ...]
    keys: Keys
    bits: NDArray[np.uint8]
    ranks: NDArray[np.uint32]

    def __len__(self) -> int:
        """Return how many plates there are."""
        return sum(group.plates for group in self.groups)

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        return self.keys.nbytes + self.bits.nbytes + self.ranks.nbytes

    def holds(self, keys: Keys) -> NDArray[np.bool_]:
        """Return whether each plate is in the list: (n,)."""
        found = np.isin(keys, self.keys, kind="sort")
        if not any(group.levels for group in self.groups):
            return found
        symbols = symbols_of_keys(keys)
        six = np.flatnonzero((symbols >= 0).sum(axis=0) == PLACES)
        codes = grammar.codes_of(symbols[:PLACES, six])
        inside = codes >= 0
        bits = self.bits[codes[inside] >> 3] >> (codes[inside] & 7).astype(np.uint8) & 1
        found[six[inside]] |= bits.astype(bool)
        return found

    def places(self, keys: Keys) -> NDArray[np.int64]:
        """Return the place of each plate, -1 of one that is not in the list: (n,)."""
        found = np.full(len(keys), -1, dtype=np.int64)
        held = len(self) - len(self.keys)
        for group in self.groups:
            if not group.levels:
                begin = group.begin - held
                part = self.keys[begin : begin + group.plates]
                place = np.searchsorted(part, keys)
                here = np.isin(keys, part, kind="sort")
                found[here] = group.begin + place[here]
        inside = np.flatnonzero((found < 0) & self.holds(keys))
        codes = grammar.codes_of(symbols_of_keys(keys[inside])[:PLACES])
        found[inside] = [self._rank(code) for code in codes.tolist()]
        return found

    def places_held(self, keys: Keys) -> NDArray[np.int64]:
        """Return the place of each plate, all of them in the list: for many, quicker."""
        held = len(self) - len(self.keys)
        codes = np.full(len(keys), -1, dtype=np.int64)
        if held:
            symbols = symbols_of_keys(keys)
            six = np.flatnonzero((symbols[PLACES - 1] >= 0) & (symbols[PLACES] < 0))
            codes[six] = grammar.codes_of(symbols[:PLACES, six])
        found = np.empty(len(keys), dtype=np.int64)
        inside = codes >= 0
        found[inside] = self._ranks(codes[inside])
        by_key = np.argsort(self.keys)
        found[~inside] = held + by_key[np.searchsorted(self.keys, keys[~inside], sorter=by_key)]
        return found

    def _ranks(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return of each code how many plates have a smaller one."""
        if not len(codes):
            return codes
        words = self.bits[: _whole(grammar.CAPACITY, _BLOCK) // 8].view("<u8")
        before = np.concatenate([[0], np.cumsum(np.bitwise_count(words), dtype=np.int64)])
        word, bit = codes >> 6, (codes & 63).astype(np.uint64)
        below = words[word] & ((np.uint64(1) << bit) - np.uint64(1))
        return np.asarray(before[word] + np.bitwise_count(below))

    def _rank(self, code: int) -> int:
        """Return how many plates have a smaller code."""
        block = code // _BLOCK
        bits = np.unpackbits(self.bits[block * (_BLOCK // 8) : code // 8 + 1], bitorder="little")
        return int(self.ranks[block]) + int(bits[: code - block * _BLOCK].sum())

    def all_keys(self) -> Keys:
        """Return the keys of all plates, in the order of their places."""
        if not any(group.levels for group in self.groups):
            return self.keys
        bits = np.unpackbits(self.bits, count=grammar.CAPACITY, bitorder="little")
        symbols = grammar.symbols_at(np.flatnonzero(bits))
        return np.concatenate([packed((symbols + 1).astype(np.uint64)), self.keys])

    def spread(self, most: int) -> Keys:
        """Return the keys of at most so many plates, evenly over their places, in order."""
        return self.every_nth(max(1, _whole(len(self), most) // most))

    def every_nth(self, step: int) -> Keys:
        """Return the key of the first plate, and of every one that is so many places behind."""
        places = np.arange(0, len(self), step)
        held = len(self) - len(self.keys)
        inside, outside = np.split(places, [np.searchsorted(places, held)])
        block = np.searchsorted(self.ranks, inside, side="right") - 1
        rows = self.bits[block[:, None] * (_BLOCK // 8) + np.arange(_BLOCK // 8)]
        bits = np.unpackbits(rows, axis=1, bitorder="little")
        before = np.cumsum(bits, axis=1, dtype=np.int16)
        within = np.argmax(before > (inside - self.ranks[block])[:, None], axis=1)
        symbols = grammar.symbols_at(block * _BLOCK + within)
        return np.concatenate([packed((symbols + 1).astype(np.uint64)), self.keys[outside - held]])


def to_file(store: Store) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return what is to be written of a list: a header as JSON has it, and arrays by name."""
    groups = [
        {
            "alphabets": group.alphabets,
            "dashes": group.dashes,
            "begin": group.begin,
            "plates": group.plates,
            "levels": group.levels,
        }
        for group in store.groups
    ]
    return {"groups": groups}, {"keys": store.keys, "bits": store.bits, "ranks": store.ranks}


def of_file(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Store:
    """Return the list that was written like this."""
    groups = tuple(
        Group(
            tuple(one["alphabets"]),
            tuple(one["dashes"]),
            one["begin"],
            one["plates"],
            tuple(one["levels"]),
        )
        for one in header["groups"]
    )
    return Store(groups, arrays["keys"], arrays["bits"], arrays["ranks"])


def lay_out(keys: Keys, *, bits_from: int = FROM) -> Store:
    """Lay out a list; order and doubles do not matter.

    Args:
        keys: of whole plates.
        bits_from: plates of all layouts from which on they are held as bits.
    """
    keys = distinct(keys)
    symbols = symbols_of_keys(keys)
    six = np.flatnonzero((symbols[PLACES - 1] >= 0) & (symbols[PLACES] < 0))
    codes = np.full(len(keys), -1, dtype=np.int64)
    codes[six] = grammar.codes_of(symbols[:PLACES, six])
    proper = codes >= 0
    if np.count_nonzero(proper) < bits_from:
        codes[:] = -1
    groups, bits, ranks = lay_bits(codes[codes >= 0])
    outside = np.flatnonzero(codes < 0)
    shapes = shapes_of(symbols[:, outside], proper[outside])
    order = np.argsort(shapes, kind="stable")
    outside = outside[order]
    begin = sum(group.plates for group in groups)
    groups += tuple(key_groups(shapes[order], symbols[:, outside], begin))
    return Store(groups, keys[outside], bits, ranks)


def lay_bits(codes: NDArray[np.int64]) -> tuple[tuple[Group, ...], Bytes, NDArray[np.uint32]]:
    """Lay out plates as bits, by their codes in the grammar: groups, bits, ranks.

    Without plates there are no groups and no bits.
    """
    if not len(codes):
        return (), np.zeros(_PADDING, dtype=np.uint8), np.zeros(1, dtype=np.uint32)
    codes = distinct(codes)
    end = _whole(grammar.CAPACITY, _BLOCK)
    parts, groups = [_set(codes, end)], []
    blocks = np.bitwise_count(parts[0].view(np.uint64)).reshape(-1, _BLOCK // 64).sum(axis=1)
    ranks = np.concatenate([[0], np.cumsum(blocks, dtype=np.uint32)]).astype(np.uint32)
    for layout in grammar.LAYOUTS:
        ends = [layout.offset, layout.offset + layout.capacity]
        first, last = np.searchsorted(codes, ends).tolist()
        below, room, levels = codes[first:last] - layout.offset, layout.capacity, [layout.offset]
        for alphabet in layout.alphabets[::-1]:
            below, room = once(below // len(alphabet)), room // len(alphabet)
            levels.append(end)
            parts.append(_set(below, room))
            end += 8 * len(parts[-1])
        marks = dashed(layout.dashes)
        groups.append(Group(layout.alphabets, marks, first, last - first, tuple(levels[::-1])))
    return tuple(groups), np.concatenate([*parts, np.zeros(_PADDING, dtype=np.uint8)]), ranks


def _set(places: NDArray[np.int64], count: int) -> Bytes:
    """Return so many bits, in bytes, of which these are set; ascending."""
    bits = np.zeros(-(-count // 8), dtype=np.uint8)
    where = places >> 3
    begins = np.flatnonzero(np.diff(where, prepend=-1))
    if len(begins):
        values = np.left_shift(1, places & 7).astype(np.uint8)
        bits[where[begins]] = np.bitwise_or.reduceat(values, begins)
    return bits


def every_plate() -> Store:
    """Return the list of all plates that the layouts can issue: no bit is missing at any level."""
    bits = np.full(_whole(grammar.CAPACITY, _BLOCK) // 8 + _PADDING, 255, dtype=np.uint8)
    ranks = np.arange(0, 8 * len(bits), _BLOCK, dtype=np.uint32)
    groups = tuple(
        Group(
            layout.alphabets,
            dashed(layout.dashes),
            layout.offset,
            layout.capacity,
            (*[0] * PLACES, layout.offset),
        )
        for layout in grammar.LAYOUTS
    )
    return Store(groups, np.empty(0, dtype=np.uint64), bits, ranks)


def _whole(count: int, of: int) -> int:
    return -(-count // of) * of
