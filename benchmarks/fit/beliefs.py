"""What is believed of each source before a read was seen: likeness of symbols, and rates.

Cameras and eyes confuse what looks alike (normalised correlation of the glyphs of the Dutch
plate face, `priors/glyphs.csv`), ears what sounds alike (Dutch letter names and digits).
`radio` and `mirror` have no observed reads: all they have is written here.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.fit.expect import COLUMNS, Counts
from benchmarks.fit.tables import Priors
from plate_match.channel import DASH, SYMBOL_COUNT
from plate_match.plate import SYMBOLS

Floats = NDArray[np.float64]

BINS = 20
"""Equal bins of a reader's confidence."""

SOUND_CLASSES = (
    "BCDEGPTVWJ",
    "FSXLMNRZ",
    "MN",
    "HKA",
    "VFW",
    "IJY",
    "QU",
    "79",
    "56",
    "13",
    "23",
    "8A",
)
"""Letters whose Dutch names rhyme or begin alike; digits whose names are near."""

MIRROR_PAIRS = (
    "25",
    "2S",
    "5Z",
    "SZ",
    "3E",
    "JL",
    "69",
    "BE",
    "4H",
    "7F",
    "PQ",
    "BD",
    "NZ",
    "6P",
    "9P",
    "KX",
)
"""Symbols that resemble each other once one of them is mirrored."""

_SHARPNESS = 12.0
"""Likeness of .9 against .5 is then worth a factor of some hundred, as fitted reads show."""

_STRANGE = 0.3
"""Of mistakes, how many no likeness explains; without them those would seem next to impossible."""

_SOUNDS_ALIKE, _MIRRORED_ALIKE = 40.0, 15.0


def looks() -> Floats:
    """(37, 38): relative chance of each wrong column for eyes and cameras."""
    table = _blank()
    path = Path(__file__).parent / "priors" / "glyphs.csv"
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            first, second = SYMBOLS.index(row["first"]), SYMBOLS.index(row["second"])
            chance = np.exp(_SHARPNESS * (float(row["likeness"]) - 0.5))
            table[first, second] = table[second, first] = chance
    return (1 - _STRANGE) * _shares(table) + _STRANGE * _any_symbol()


def sounds() -> Floats:
    """(37, 38): relative chance of each wrong column for ears."""
    return _shares(_raised(_blank(), SOUND_CLASSES, _SOUNDS_ALIKE))


def mirrored() -> Floats:
    """(37, 38): the same in a mirror: what looks alike, and what does when turned."""
    table = looks()
    table /= table[table > 0].min()
    return _shares(_raised(table, MIRROR_PAIRS, _MIRRORED_ALIKE))


def face_value() -> Floats:
    """(3, B): a confidence c taken at its word: right with c, wrong or inserted with 1 - c."""
    middle = (np.arange(BINS) + 0.5) / BINS
    table = np.stack([middle, 1 - middle, 1 - middle])
    return np.asarray(table / table.sum(axis=1, keepdims=True))


NOTHING_RETOLD = (0.0, 0.0, 0.0, 0.0)
"""A camera tells what it reads."""

TYPED = (0.005, 0.003, 0.003, 0.005)
"""By `plate_match.retelling.KINDS`; guesses, but for the number said backwards."""

SPOKEN = (0.005, 0.003, 0.02, 0.003)
"""A number is said backwards far more often than it is typed so."""


def priors(likeness: Floats, retold: Sequence[float] = NOTHING_RETOLD) -> Priors:
    """Return the beliefs of a source that confuses symbols, and retells, so."""
    return Priors(likeness=likeness, face=face_value(), retold=np.array(retold))


def imagined(seen: Counts, priors: Priors, *, accuracy: float, swapped: float) -> Counts:
    """Return counts for a source without reads: the way people report, and other mistakes.

    Args:
        seen: counts of people's reports; cuts, omissions and insertions are taken from them.
        priors: which mistakes are made, and how reports are retold, instead.
        accuracy: share of symbols that come through right.
        swapped: share of symbols that change places with the next.
    """
    rows = np.arange(SYMBOL_COUNT)
    confusion = seen.confusion.copy()
    known = confusion[:, rows, :SYMBOL_COUNT].sum(axis=2)
    confusion[:, rows, :SYMBOL_COUNT] = 0
    confusion[:, :SYMBOL_COUNT] += (known * (1 - accuracy))[:, :, None] * priors.likeness[
        :SYMBOL_COUNT
    ]
    confusion[:, rows, rows] = known * accuracy
    copy = Counts(seen.components, seen.bins)
    for name in Counts.__slots__:
        setattr(copy, name, getattr(seen, name))
    copy.confusion, copy.swapped = confusion, seen.symbols.sum(axis=1) * swapped
    copy.retold = priors.retold * seen.reports
    return copy


def _blank() -> Floats:
    """Every wrong symbol alike; separators and nothing-read are rarer."""
    table = np.ones((SYMBOL_COUNT + 1, COLUMNS))
    table[:, DASH:] = 0.3
    return table


def _any_symbol() -> Floats:
    """Every wrong symbol alike."""
    table = np.zeros((SYMBOL_COUNT + 1, COLUMNS))
    table[:, :SYMBOL_COUNT] = 1
    return _shares(table)


def _raised(table: Floats, classes: tuple[str, ...], factor: float) -> Floats:
    for alike in classes:
        ids = [SYMBOLS.index(symbol) for symbol in alike]
        table[np.ix_(ids, ids)] *= factor
    return table


def _shares(table: Floats) -> Floats:
    rows = np.arange(SYMBOL_COUNT + 1)
    table[rows, rows] = 0
    table[:, SYMBOL_COUNT + 1 :] = 0
    return np.asarray(table / table.sum(axis=1, keepdims=True))
