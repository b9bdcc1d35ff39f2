"""Plates <-> keys: a plate as one number, so that ten million of them are one array.

A key is the plate's symbols, six bits each, 1 for "0" up to 36 for "Z", left aligned in sixty
bits: keys sort as the plates do.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from plate_match.layouts import BY_SHAPE, shape
from plate_match.plate import GAP, LONGEST_PLATE, SYMBOLS, UNKNOWN, Plate

Keys = NDArray[np.uint64]
_Number = TypeVar("_Number", bound=np.integer[Any])


def keys_of(plates: Sequence[str]) -> Keys:
    """Return the key of each plate: its symbols, six bits each, so that keys sort like plates."""
    if len(plates) <= _FEW:
        return np.array([key_of(plate) for plate in plates], dtype=np.uint64)
    text = np.array(plates, dtype=f"S{LONGEST_PLATE}").view(np.uint8).reshape(-1, LONGEST_PLATE)
    return packed(_NUMBERS[text].T)


def distinct(numbers: NDArray[_Number]) -> NDArray[_Number]:
    """Return the distinct ones of some numbers, ascending; quicker than `np.unique`."""
    return once(np.sort(numbers))


def once(ordered: NDArray[_Number]) -> NDArray[_Number]:
    """Return each of some ascending numbers once."""
    fresh = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    return ordered if fresh.all() else ordered[fresh]


def key_of(plate: str) -> int:
    """Return the key of one plate, or of a pattern of ten places at most, without doubts."""
    key = 0
    for symbol in plate:
        key = key << 6 | _PLACE[symbol]
    return key << 6 * (LONGEST_PLATE - len(plate))


def packed(numbers: NDArray[np.integer[Any]]) -> Keys:
    """Return keys of symbols counted from 1, as many slots as there are: (slots, n)."""
    keys = np.zeros(numbers.shape[1], dtype=np.uint64)
    for number in numbers:
        keys <<= _BITS
        keys |= number.astype(np.uint64)
    return keys << _BITS * np.uint64(LONGEST_PLATE - len(numbers))


def plates_of(keys: Keys) -> list[Plate]:
    """Return the plates of these keys."""
    shifts = _BITS * np.arange(LONGEST_PLATE - 1, -1, -1, dtype=np.uint64)
    numbers = (keys[:, None] >> shifts & np.uint64(63)).astype(np.intp)
    texts = _CHARACTERS[numbers].view(f"S{LONGEST_PLATE}").ravel()
    return [Plate(text.decode()) for text in texts.tolist()]


def plate_of(key: int) -> Plate:
    """Return the plate of one key: for a few, faster than `plates_of`."""
    return Plate(text_of(key))


def text_of(key: int) -> str:
    """Return the symbols of one key, gaps and unknown ones of a pattern too."""
    text = ""
    while key & _KEY:
        key <<= 6
        text += _TEXT[key >> 60 & 63]
    return text


def symbols_of_keys(keys: Keys) -> NDArray[np.int8]:
    """Return the places in `SYMBOLS` of each plate's symbols, -1 behind its end: (10, n)."""
    symbols = np.empty((LONGEST_PLATE, len(keys)), dtype=np.int8)
    for slot in range(LONGEST_PLATE):
        symbols[slot] = keys >> _BITS * np.uint64(LONGEST_PLATE - 1 - slot) & np.uint64(63)
    return symbols - np.int8(1)


def dashes_of(plates: Sequence[Plate]) -> NDArray[np.bool_]:
    """Return whether a dash follows each symbol on plates of one length: (length, n).

    What a foreign plate shows between its groups is not known, so it has none.
    """
    dashed = np.zeros((len(plates[0]), len(plates)), dtype=bool)
    for column, plate in enumerate(plates):
        layout = BY_SHAPE.get(shape(plate))
        for after in layout.dashes if layout else ():
            dashed[after - 1, column] = True
    return dashed


def shape_of(plate: str) -> int:
    """Return the shape of a plate as the kernel takes it: its length, and where dashes follow."""
    layout = BY_SHAPE.get(shape(plate))
    return len(plate) | sum(1 << 3 + after for after in (layout.dashes if layout else ()))


_FEW = 8
"""Plates up to which one by one is faster than all at once."""

_BITS = np.uint64(6)
_KEY = (1 << 60) - 1
_TEXT = f" {SYMBOLS}{GAP}{UNKNOWN}"
_PLACE = {symbol: place for place, symbol in enumerate(_TEXT)}
_CHARACTERS = np.array(["", *SYMBOLS], dtype="S1")
_NUMBERS = np.zeros(256, dtype=np.uint8)
_NUMBERS[[ord(symbol) for symbol in SYMBOLS]] = np.arange(1, len(SYMBOLS) + 1)
