"""Plates -> groups of one shape: what is searched together, and dropped together.

Plates of a layout are of that layout. Others are told apart by the letters and digits they are
written with, as far as many are written alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plate_match.layouts import PLACES, SIDECODES
from plate_match.plate import SYMBOLS


@dataclass(frozen=True, slots=True)
class Group:
    """Plates of one shape.

    Attributes:
        alphabets: what each slot can hold.
        dashes: whether a dash follows each slot.
        begin: place of its first plate in the list; `plates` is how many there are.
        levels: where the bits of each level begin, plates last; empty for keys.
    """

    alphabets: tuple[str, ...]
    dashes: tuple[bool, ...]
    begin: int
    plates: int
    levels: tuple[int, ...] = ()


def shapes_of(symbols: NDArray[np.int8], proper: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the shape of each plate, a number for what it is grouped by.

    Plates of a layout are of that layout, those that it cannot issue apart. Others are of the
    letters and digits they are written with, which tell a search early that none of them can be
    meant; where few are written alike only their length counts.
    """
    lengths = (symbols >= 0).sum(axis=0)
    written = np.zeros(symbols.shape[1], dtype=np.intp)
    for symbol in symbols:
        written = written * 2 + (symbol >= len(_DIGITS))
    layout = _LAYOUTS[written >> (len(symbols) - PLACES)] + _COUNT * ~proper
    other = (_OTHER + lengths << len(symbols)) + written
    kinds, which, counts = np.unique(other, return_inverse=True, return_counts=True)
    most = np.sort(counts)[-_KINDS:].min(initial=_ALIKE)
    rare = counts < max(most, _ALIKE)
    kinds[rare] = kinds[rare] >> len(symbols) << len(symbols)
    return np.where((lengths == PLACES) & (layout >= 0), layout, kinds[which])


def key_groups(shapes: NDArray[np.intp], symbols: NDArray[np.int8], begin: int) -> Iterator[Group]:
    """Yield the groups of keys sorted by their shape; `symbols` is (10, n)."""
    first = 0
    for kind, count in zip(*np.unique(shapes, return_counts=True), strict=True):
        here = symbols[:, first : first + count]
        alphabets = tuple(_alphabet(slot) for slot in here if slot[0] >= 0)
        dashes = (False,) * len(alphabets)
        if kind < _OTHER:
            dashes = dashed(SIDECODES[kind % _COUNT].dashes)
        yield Group(alphabets, dashes, begin + first, int(count))
        first += int(count)


def _alphabet(slot: NDArray[np.int8]) -> str:
    """Return what a slot can hold: what stands there, so that little is searched for in vain.

    Of many plates the least usual set that holds it, so that groups share what is found of them.
    """
    found = "".join(SYMBOLS[one] for one in np.unique(slot))
    if len(slot) < _ALIKE:
        return found
    return next(one for one in _USUAL if set(found) <= set(one))


def dashed(dashes: tuple[int, int]) -> tuple[bool, ...]:
    """Return whether a dash follows each slot of a layout with these."""
    return tuple(slot + 1 in dashes for slot in range(PLACES))


_DIGITS, _LETTERS = SYMBOLS[:10], SYMBOLS[10:]
_USUAL = (_DIGITS, "BDFGHJKLNPRSTVXZ", _LETTERS, SYMBOLS)
"""Digits, the letters of most series, all letters, anything."""

_COUNT = len(SIDECODES)
_OTHER = 2 * _COUNT

_ALIKE = 64
"""Plates that are written alike from which on they are a group of their own."""

_KINDS = 100
"""Most such groups."""

_LAYOUTS = np.full(1 << PLACES, -_OTHER, dtype=np.intp)
for _place, _sidecode in enumerate(SIDECODES):
    _LAYOUTS[int(_sidecode.shape.replace("X", "1").replace("9", "0"), base=2)] = _place
