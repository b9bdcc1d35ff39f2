"""The series table -> as many synthetic plates as asked for, each once, millions in seconds."""

import csv
from dataclasses import dataclass
from importlib.resources import files
from math import prod

import numpy as np
from numpy.typing import NDArray

from plate_match.plate import LONGEST_PLATE, SYMBOLS
from plate_match.series import Column, columns

Text = NDArray[np.bytes_]
Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Synthetic plates in no order, all different.

    Attributes:
        wanted: (n,) what is put on the list.
        others: (m,) vehicles of the same population that are not on it.
    """

    wanted: Text
    others: Text


def draw(count: int, others: int, *, seed: int) -> Drawn:
    """Draw plates as vehicles carry them: from each series by its share, none twice.

    Forbidden combinations (SS, GVD) are drawn like any other.

    Args:
        count: how many are wanted; at most ten million, two thirds of the vehicles there are.
        others: how many more to draw that are not wanted.
        seed: the same plates come of the same numbers.
    """
    rng = np.random.default_rng(seed)
    issued = _issued()
    vehicles = np.array([column.vehicles for column in issued])
    keys, asked = np.empty(0, np.uint64), count + others
    while len(keys) < asked:  # series overlap, so that some plates are drawn twice
        missing = (asked - len(keys)) * (_SPARE if len(keys) else 1)
        numbers = rng.multinomial(missing, vehicles / vehicles.sum())
        drawn = [_of_series(one, number, rng) for one, number in zip(issued, numbers, strict=True)]
        keys = np.unique(np.concatenate([keys, *drawn]))
    plates = _spelt(rng.permutation(keys)[:asked])
    return Drawn(plates[:count], plates[count:])


_SPARE = 4
"""Times as many as are missing: most of a second draw is known already."""

_BITS = 6
"""Of a symbol in a key: its place among the symbols and one more, so that 0 is no symbol."""


def _issued() -> list[Column]:
    text = (files("plate_match") / "tables" / "series.csv").read_text(encoding="utf-8")
    return [next(columns(row)) for row in csv.DictReader(text.splitlines())]


def _of_series(column: Column, number: int, rng: np.random.Generator) -> Keys:
    """Return the keys of so many different plates of a series, or of all it has."""
    sizes = [len(symbols) for symbols in column.places]
    numbers = rng.choice(prod(sizes), min(number, prod(sizes)), replace=False, shuffle=False)
    keys = np.zeros(len(numbers), dtype=np.uint64)
    for place in range(len(sizes) - 1, -1, -1):
        numbers, which = np.divmod(numbers, sizes[place])
        codes = [SYMBOLS.index(symbol) + 1 for symbol in column.places[place]]
        keys |= np.array(codes, dtype=np.uint64)[which] << np.uint64(_BITS * place)
    return keys


def _spelt(keys: Keys) -> Text:
    alphabet = np.frombuffer(b"\0" + SYMBOLS.encode(), dtype=np.uint8)
    plates = np.empty((len(keys), LONGEST_PLATE), dtype=np.uint8)
    for place in range(LONGEST_PLATE):
        plates[:, place] = alphabet[(keys >> np.uint64(_BITS * place)) & np.uint64(2**_BITS - 1)]
    return plates.view(f"S{LONGEST_PLATE}").reshape(-1)
