"""Read + source -> Observation: what the noisy channel says of every column that was read.

The channel P(read | plate) is a mixture of components (qualities of reading, classes of
reader) of one source, plus a rest of reads that say nothing of the plate. Within a component
symbols are confused, lost, inserted and swapped; a beginning or an end may be cut off.
The tables are made by `benchmarks/fit` and come with a version.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plate_match.plate import GAP, LONGEST_PLATE, SYMBOLS, UNKNOWN, Pattern

Floats = NDArray[np.float64]

SYMBOL_COUNT = len(SYMBOLS)
DASH = SYMBOL_COUNT
UNREAD = SYMBOL_COUNT + 1
"""Columns that hold a separator, or a symbol that was there and could not be read."""

LEADING, INNER, TRAILING = range(3)
"""Where a slot is: before the first symbol, between two, after the last."""
FIRST, LAST = LEADING, TRAILING
"""A symbol is the first of its plate, an inner one, or the last: its position."""
MATCH, ERROR, INSERTED = range(3)


class Source(StrEnum):
    """How a read came about."""

    EYESIGHT = "eyesight"
    MEMORY = "memory"
    MIRROR = "mirror"
    RADIO = "radio"
    CAMERA = "camera"


@dataclass(frozen=True, slots=True)
class Read:
    """One look at a vehicle.

    `confidences` holds one number from 0 to 1, or None, a place of the pattern, on the
    reader's own scale; empty if the reader gave none.
    """

    pattern: Pattern
    confidences: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Rates:
    """The fitted tables of one source; K components.

    Attributes:
        weight: (K,) share of each component; with `garbage` they sum to 1.
        confusion: (K, 37, 38) P(column | plate symbol or dash), rows sum to 1.
        slip: (K, 3) factor on the odds of wrong against right: first, inner, last symbol.
        insert: (K, 3) chance of one more inserted column: leading, inner, trailing.
        inserted: (K, 3, 38) P(column | it is inserted).
        delete: (K, 3) chance that a symbol is lost: first, inner, last.
        dash_delete: (K,) chance that a dash is lost.
        transpose: (K,) chance that a symbol is swapped with the next one.
        cut: (2, K, 11) chance that k symbols are cut off the beginning, the end.
        confidence: (K, 3, B) chance of a reader's confidence in each of B equal bins of 0..1,
            for a right column, a wrong one, an inserted one.
        retold: share of reports that each kind of `plate_match.retelling` happens to.
        garbage: share of reads that say nothing of the plate.
        garbage_column: (38,) what a column of those holds.
        garbage_more: chance of one more column in those.
        gap: weight of each number of symbols that a gap may stand for.
        placed: (38, 3, K, 37) made of confusion and slip, by column and position.
    """

    weight: Floats
    confusion: Floats
    slip: Floats
    insert: Floats
    inserted: Floats
    delete: Floats
    dash_delete: Floats
    transpose: Floats
    cut: Floats
    confidence: Floats
    retold: Floats
    garbage: float
    garbage_column: Floats
    garbage_more: float
    gap: float = 1 / (LONGEST_PLATE + 1)
    placed: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Lay out what a column says of every symbol in every position."""
        object.__setattr__(self, "placed", _placed(self.confusion, self.slip))

    def begins(self, slot: int, length: int) -> Floats:
        """(K,) chance that a cut beginning that reached this slot ends here."""
        if slot == length:
            return np.ones_like(self.weight)
        table = self.cut[0]
        return np.asarray(table[:, slot] / table[:, slot:].sum(axis=1))

    def ends(self, slot: int, length: int) -> Floats:
        """(K,) chance that the end is cut off here, given that no more than the rest is."""
        if slot == length:
            return np.zeros_like(self.weight)
        table = self.cut[1]
        left = length - slot
        return np.asarray(table[:, left] / table[:, : left + 1].sum(axis=1))


def position(slot: int, length: int) -> int:
    """Return where the symbol of a slot stands on a plate: first, inner, last."""
    if slot == 0:
        return FIRST
    return LAST if slot == length - 1 else INNER


def _placed(confusion: Floats, slip: Floats) -> Floats:
    """Return (38, 3, K, 37): the odds of wrong against right by the slip of a position.

    That a symbol was not read at all depends on neither, so `?` tells nothing of it.
    """
    rows, factor = np.arange(SYMBOL_COUNT), slip.T[:, :, None]
    placed = np.repeat(confusion[None], 3, axis=0)
    right, unread = placed[:, :, rows, rows], placed[:, :, rows, UNREAD]
    read = 1 - unread
    shrunk = read / (right + factor * (read - right))
    placed[:, :, :SYMBOL_COUNT] *= (factor * shrunk)[..., None]
    placed[:, :, rows, rows] = right * shrunk
    placed[:, :, rows, UNREAD] = unread
    return np.ascontiguousarray(np.moveaxis(placed, 3, 0))


@dataclass(frozen=True, slots=True)
class Observation:
    """A read seen through the tables of its source; m columns, K components.

    Attributes:
        emission: (3, m, K, 36) P(column | first, inner, last symbol); 0 for a gap.
        dash: (m, K, 1) P(column | dash).
        insertion: (m, K, 3, 1) P(column | inserted: leading, inner, trailing).
        gaps: whether a column is a gap.
        garbage: probability of the whole read if it says nothing of the plate.
        labels: each column as a person writes it.
    """

    rates: Rates
    emission: Floats
    dash: Floats
    insertion: Floats
    gaps: tuple[bool, ...]
    garbage: float
    labels: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Columns m and components K."""
        return self.dash.shape[0], self.dash.shape[1]

    def of_symbols(self, symbols: NDArray[np.intp], place: int) -> Floats:
        """Return the emission of these symbols in one position: (m, K, n)."""
        return np.asarray(self.emission[place][:, :, symbols])


@dataclass(frozen=True, slots=True)
class Channel:
    """The noisy channel: tables of every source, and the version they were fitted as."""

    version: str
    sources: Mapping[Source, Rates]

    def observe(self, read: Read, source: Source) -> Observation:
        """Look at a read through the tables of its source."""
        rates = self.sources[source]
        columns = list(_columns(read))
        inserted = np.moveaxis(rates.inserted, 1, 2)
        emission = np.zeros((3, len(columns), len(rates.weight), SYMBOL_COUNT + 1))
        insertion = np.zeros((len(columns), len(rates.weight), 3))
        garbage = rates.garbage * (1 - rates.garbage_more)
        for j, column in enumerate(columns):
            if column.is_gap:
                garbage *= rates.gap
                continue
            seen = list(column.seen)
            right, wrong, added = _confidence(rates, column.confidence)
            emission[:, j] = rates.placed[seen].sum(axis=0) * wrong[:, None]
            for symbol in set(seen) & set(range(SYMBOL_COUNT)):
                emission[:, j, :, symbol] *= right / wrong
            insertion[j] = inserted[:, seen].sum(axis=1) * added[:, None]
            garbage *= rates.garbage_more * float(rates.garbage_column[seen].sum())
            garbage *= float(added.mean())
        return Observation(
            rates=rates,
            emission=emission[..., :SYMBOL_COUNT],
            dash=emission[INNER, :, :, DASH:],
            insertion=insertion[..., None],
            gaps=tuple(column.is_gap for column in columns),
            garbage=garbage,
            labels=tuple(column.label for column in columns),
        )


def labels_of(read: Read) -> tuple[str, ...]:
    """Return each column of a read as a person writes it, separators included."""
    return tuple(column.label for column in _columns(read))


@dataclass(frozen=True, slots=True)
class _Column:
    seen: tuple[int, ...]
    label: str
    confidence: float | None = None

    @property
    def is_gap(self) -> bool:
        return not self.seen


def _columns(read: Read) -> Sequence[_Column]:
    confidences = read.confidences or (None,) * len(read.pattern.symbols)
    columns = []
    for place, (symbol, confidence) in enumerate(
        zip(read.pattern.symbols, confidences, strict=True)
    ):
        if place in read.pattern.separators:
            columns.append(_Column((DASH,), "-"))
        if symbol == GAP:
            columns.append(_Column((), GAP))
        elif symbol == UNKNOWN:
            columns.append(_Column((UNREAD,), UNKNOWN))
        else:
            seen = tuple(SYMBOLS.index(one) for one in symbol)
            columns.append(_Column(seen, "/".join(symbol), confidence))
    return columns


def _confidence(rates: Rates, confidence: float | None) -> tuple[Floats, Floats, Floats]:
    """Return P(confidence | right, wrong, inserted column), each (K,); 1 if there is none."""
    if confidence is None:
        one = np.ones_like(rates.weight)
        return one, one, one
    bins = rates.confidence.shape[2]
    table = rates.confidence[:, :, min(int(confidence * bins), bins - 1)]
    return table[:, MATCH], table[:, ERROR], table[:, INSERTED]


@cache
def load() -> Channel:
    """Return the channel as fitted, from the tables inside the package."""
    text = (files("plate_match") / "tables" / "channel.json").read_text(encoding="utf-8")
    return from_document(json.loads(text))


def from_document(document: Mapping[str, Any]) -> Channel:
    """Return the channel that a document of `benchmarks/fit` describes."""
    sources = {Source(name): _rates(tables) for name, tables in document["sources"].items()}
    return Channel(document["version"], sources)


def _rates(tables: Mapping[str, Any]) -> Rates:
    arrays: dict[str, Any] = {
        name: np.asarray(table) if isinstance(table, list) else table
        for name, table in tables.items()
    }
    return Rates(**arrays)
