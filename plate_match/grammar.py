"""The fourteen layouts as one row of bits: every plate they can issue has a code of its own.

A code counts through the layouts in order of number and, within one, through its plates in
order: the first slot is the most significant, symbols ascend. So the plates that begin alike lie
side by side, a set of plates is one bit a code, and a beginning is a run of bits.

Soft as all grammar here: a plate without a code is as real as any, it is only kept elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plate_match.layouts import PLACES, SIDECODES, Sidecode
from plate_match.plate import SYMBOLS, Plate

Ints = NDArray[np.intp]

_DIGITS, _LETTERS = SYMBOLS[:10], SYMBOLS[10:]

_OF_ANY_LETTERS = frozenset({1, 2, 3})
"""Layouts that share their shape with trade plates, classic imports, diplomats, forces and more;
those use every letter somewhere."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout in the row of bits.

    Attributes:
        number: 1 to 14, that of its `Sidecode`.
        alphabets: what each of the six slots can hold, ascending: letters or digits, never both.
        dashes: the two slots before which a dash is shown.
        offset: code of its first plate.
        capacity: how many plates it has; their codes are `offset` and those that follow.
    """

    number: int
    alphabets: tuple[str, ...]
    dashes: tuple[int, int]
    offset: int
    capacity: int

    @property
    def weights(self) -> tuple[int, ...]:
        """What the next symbol in each slot adds to a code; the last one is 1."""
        sizes = [len(alphabet) for alphabet in self.alphabets[:0:-1]]
        return tuple(accumulate(sizes, int.__mul__, initial=1))[::-1]


def _alphabets(sidecode: Sidecode) -> Iterator[str]:
    """Yield what each slot of a layout can hold."""
    letters = _LETTERS if sidecode.number in _OF_ANY_LETTERS else sidecode.letters
    first = letters + sidecode.key_letters
    for kind in sidecode.shape:
        # Numbers that are not issued (00, a lone 0) are few: no slot leaves a digit out.
        yield "".join(sorted(set(first))) if kind == "X" else _DIGITS
        first = letters if kind == "X" else first


def _layouts() -> Iterator[Layout]:
    offset = 0
    for sidecode in SIDECODES:
        alphabets = tuple(_alphabets(sidecode))
        capacity = prod(map(len, alphabets))
        yield Layout(sidecode.number, alphabets, sidecode.dashes, offset, capacity)
        offset += capacity


LAYOUTS = tuple(_layouts())
"""In order of number, each beginning where the one before ends."""

CAPACITY = sum(layout.capacity for layout in LAYOUTS)
"""How many codes there are; the least is 0."""


def codes_of(symbols: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Return the code of each plate: (n,); -1 where it is of no layout.

    Args:
        symbols: places in `SYMBOLS` of plates of six symbols: (6, n).
    """
    bits = np.zeros(symbols.shape[1], dtype=np.uint8)
    for symbol in symbols:
        bits = bits * np.uint8(2) + (symbol >= len(_DIGITS))
    layout = _BY_SHAPE[bits]
    codes = _OFFSETS[layout]
    steps = _STEPS.reshape(-1)
    for slot, symbol in enumerate(symbols):
        codes += steps.take((layout * PLACES + slot) * len(SYMBOLS) + symbol)
    return np.maximum(codes, -1)


def symbols_at(codes: NDArray[np.int64]) -> Ints:
    """Return the places in `SYMBOLS` of the plates of these codes: (6, n).

    Raises:
        IndexError: a code is below 0 or not below `CAPACITY`.
    """
    if len(codes) and not 0 <= codes.min() <= codes.max() < CAPACITY:
        raise IndexError(f"codes are 0 to {CAPACITY - 1}")
    layout = np.searchsorted(_OFFSETS[:-1], codes, side="right") - 1
    left = codes - _OFFSETS[layout]
    symbols = np.empty((PLACES, len(codes)), dtype=np.intp)
    for slot in range(PLACES):
        place, left = np.divmod(left, _WEIGHTS[layout, slot])
        symbols[slot] = _ALPHABETS[layout, slot, place]
    return symbols


def plates_at(codes: NDArray[np.int64]) -> list[Plate]:
    """Return the plates of these codes, in the order given.

    Raises:
        IndexError: a code is below 0 or not below `CAPACITY`.
    """
    texts = _CHARACTERS[symbols_at(codes).T]
    return [Plate(text) for text in texts.copy().view(f"U{PLACES}").ravel().tolist()]


_CHARACTERS = np.array(list(SYMBOLS))
_IMPOSSIBLE = -(2**40)
"""A step that no others make up for."""

_OFFSETS = np.array([layout.offset for layout in LAYOUTS] + [_IMPOSSIBLE], dtype=np.int64)
"""(15,) the first code of each layout; the last is that of no layout."""

_WEIGHTS = np.array([layout.weights for layout in LAYOUTS], dtype=np.int64)


def _by_shape() -> Ints:
    """Return the place in `LAYOUTS` of each shape: (64,), a bit a slot, 1 for a letter."""
    table = np.full(1 << PLACES, len(LAYOUTS), dtype=np.intp)
    for place, sidecode in enumerate(SIDECODES):
        table[int(sidecode.shape.replace("X", "1").replace("9", "0"), base=2)] = place
    return table


def _tables() -> tuple[NDArray[np.int64], Ints]:
    """Return what a symbol adds to a code, (15, 6, 36), and which one a place is, (14, 6, 26)."""
    steps = np.full((len(LAYOUTS) + 1, PLACES, len(SYMBOLS)), _IMPOSSIBLE, dtype=np.int64)
    alphabets = np.zeros((len(LAYOUTS), PLACES, len(_LETTERS)), dtype=np.intp)
    for number, layout in enumerate(LAYOUTS):
        for slot, (alphabet, weight) in enumerate(
            zip(layout.alphabets, layout.weights, strict=True)
        ):
            ids = [SYMBOLS.index(symbol) for symbol in alphabet]
            steps[number, slot, ids] = weight * np.arange(len(ids))
            alphabets[number, slot, : len(ids)] = ids
    return steps, alphabets


_BY_SHAPE = _by_shape()
_STEPS, _ALPHABETS = _tables()
