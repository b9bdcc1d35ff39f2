"""Expected counts + priors -> rates: the M-step of the fit, and the last step of all.

Nothing here draws at random or looks at a read, so the tables can be made again from the
committed counts alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.fit.expect import COLUMNS, Counts
from plate_match.channel import DASH, SYMBOL_COUNT, UNREAD, Rates
from plate_match.plate import LONGEST_PLATE

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Priors:
    """What is believed before a read was seen, and how many symbols that belief weighs.

    The weights are those that made reads of plates kept apart likeliest, in round numbers.

    Attributes:
        likeness: (37, 38) relative chance of each wrong column; the diagonal is not used.
        face: (3, B) chance of a reader's confidence for right, wrong and inserted columns.
        retold: share of reports that each kind of retelling happens to; 0 stays 0.
        likeness_weight: wrong columns of a symbol that the likeness weighs.
        pooled_weight: wrong columns of a symbol in one component that all components weigh.
        position_weight: symbols in one position that all positions of a component weigh.
    """

    likeness: Floats
    face: Floats
    retold: Floats
    likeness_weight: float = 12.0
    pooled_weight: float = 150.0
    accuracy_weight: float = 30.0
    rate_weight: float = 10.0
    position_weight: float = 200.0
    face_weight: float = 40.0
    retold_weight: float = 100.0


def rates_of(counts: Counts, priors: Priors, styles: int = 1) -> Rates:
    """Return the rates that these counts and priors make likeliest (posterior means).

    With several styles, component q * styles + s reads symbols like quality q and writes
    separators like style s: what belongs to the one is pooled over the other.
    """
    counts = _tied(counts, styles)
    reads = counts.reads + 1.0
    total = reads.sum() + counts.garbage + 0.5
    garbage = counts.garbage_column + 0.5
    columns = float(counts.garbage_column.sum())
    return Rates(
        weight=reads / total,
        confusion=_confusion(counts, priors),
        insert=_insert(counts, priors),
        inserted=_inserted(counts, priors),
        slip=_slip(counts, priors),
        delete=_by_position(counts.lost, counts.symbols, priors),
        dash_delete=_rate(counts.dash_lost, _dashes(counts), priors.rate_weight),
        transpose=_rate(counts.swapped, counts.symbols.sum(axis=1), priors.rate_weight),
        cut=_cut(counts.cut),
        confidence=_confidence(counts, priors),
        retold=_retold(counts, priors),
        garbage=float((counts.garbage + 0.5) / total),
        garbage_column=garbage / garbage.sum(),
        garbage_more=(columns + 2.0) / (columns + counts.garbage + 3.0),
    )


def _tied(counts: Counts, styles: int) -> Counts:
    def by_quality(table: Floats) -> Floats:
        shared = table.reshape(-1, styles, *table.shape[1:]).sum(axis=1)
        return np.repeat(shared, styles, axis=0)

    def by_style(table: Floats) -> Floats:
        shared = table.reshape(-1, styles, *table.shape[1:]).sum(axis=0)
        return np.tile(shared, (len(table) // styles,) + (1,) * (table.ndim - 1))

    tied = Counts(counts.components, counts.bins)
    tied.reads, tied.garbage = counts.reads, counts.garbage
    tied.garbage_column, tied.retold = counts.garbage_column, counts.retold
    for name in ("lost", "symbols", "right", "wrong", "swapped", "confidence"):
        setattr(tied, name, by_quality(getattr(counts, name)))
    tied.cut = np.stack([by_quality(table) for table in counts.cut])
    tied.confusion = by_quality(counts.confusion)
    tied.confusion[:, DASH] = by_style(counts.confusion[:, DASH])
    tied.dash_lost = by_style(counts.dash_lost)
    tied.inserted = by_quality(counts.inserted)
    tied.inserted[:, :, DASH] = by_style(counts.inserted[:, :, DASH])
    tied.slots, tied.slots_by_style = by_quality(counts.slots), by_style(counts.slots)
    return tied


def _rate(events: Floats, chances: Floats, weight: float) -> Floats:
    """Shrink each component's rate towards that of all components together."""
    pooled = (events.sum() + 0.5) / (chances.sum() + 50.0)
    return np.asarray((events + weight * pooled) / (chances + weight))


def _by_position(events: Floats, chances: Floats, priors: Priors) -> Floats:
    """(K, 3): shrink the rate of each position towards that of its component."""
    overall = _rate(events.sum(axis=1), chances.sum(axis=1), priors.rate_weight)
    weight = priors.position_weight
    return np.asarray((events + weight * overall[:, None]) / (chances + weight))


def _slip(counts: Counts, priors: Priors) -> Floats:
    """(K, 3): the odds of a mistake in each position, against those of all positions."""
    read = counts.right + counts.wrong
    overall = _rate(counts.wrong.sum(axis=1), read.sum(axis=1), priors.rate_weight)[:, None]
    rate = _by_position(counts.wrong, read, priors)
    return np.asarray(rate / (1 - rate) / (overall / (1 - overall)))


def _dashes(counts: Counts) -> Floats:
    return np.asarray(counts.dash_lost + counts.confusion[:, DASH].sum(axis=1))


def _confusion(counts: Counts, priors: Priors) -> Floats:
    """A right column, or one that was not read, or a wrong one: three rates, one table."""
    found = counts.confusion
    rows = np.arange(DASH + 1)
    right = found[:, rows, rows]
    unread = found[:, :SYMBOL_COUNT, UNREAD].sum(axis=1)
    wrong = found.copy()
    wrong[:, rows, rows] = 0
    wrong[:, :, UNREAD] = 0
    pooled = wrong.sum(axis=0) + priors.likeness_weight * priors.likeness
    pooled /= pooled.sum(axis=1, keepdims=True)
    table = wrong + priors.pooled_weight * pooled
    table /= table.sum(axis=2, keepdims=True)
    known = right + wrong.sum(axis=2)
    accuracy = _accuracy(right, known, priors.accuracy_weight)
    table *= (1 - accuracy)[:, :, None]
    table[:, rows, rows] = accuracy
    blank = _rate(unread, unread + known[:, :SYMBOL_COUNT].sum(axis=1), priors.rate_weight)
    table *= (1 - blank)[:, None, None]
    table[:, :, UNREAD] = blank[:, None]
    return np.asarray(table)


def _accuracy(right: Floats, known: Floats, weight: float) -> Floats:
    """(K, 37): each symbol's accuracy, shrunk towards that of its component."""
    symbols = slice(0, SYMBOL_COUNT)
    overall = (right[:, symbols].sum(axis=1) + 1) / (known[:, symbols].sum(axis=1) + 1.5)
    accuracy = (right + weight * overall[:, None]) / (known + weight)
    dash = (right[:, DASH].sum() + 1) / (known[:, DASH].sum() + 1.5)
    accuracy[:, DASH] = (right[:, DASH] + weight * dash) / (known[:, DASH] + weight)
    return np.asarray(accuracy)


def _insert(counts: Counts, priors: Priors) -> Floats:
    """(K, 3): a symbol is inserted as the quality has it, or a separator as the style has."""
    return _insert_symbol(counts, priors) + _insert_dash(counts, priors)


def _insert_symbol(counts: Counts, priors: Priors) -> Floats:
    added = np.delete(counts.inserted, DASH, axis=2).sum(axis=2)
    return _rates(added, added + counts.slots, priors.rate_weight)


def _insert_dash(counts: Counts, priors: Priors) -> Floats:
    added = counts.inserted[:, :, DASH]
    return _rates(added, added + counts.slots_by_style, priors.rate_weight)


def _rates(events: Floats, chances: Floats, weight: float) -> Floats:
    return np.stack([_rate(events[:, kind], chances[:, kind], weight) for kind in range(3)], axis=1)


def _inserted(counts: Counts, priors: Priors) -> Floats:
    """What is inserted: a component leans on all components, those on all kinds."""
    added = counts.inserted.copy()
    added[:, :, DASH] = 0
    everything = added.sum(axis=(0, 1)) + 2.0
    everything[UNREAD], everything[DASH] = 0.2, 0.0
    everything /= everything.sum()
    kinds = added.sum(axis=0) + priors.pooled_weight * everything
    kinds /= kinds.sum(axis=1, keepdims=True)
    table = added + priors.pooled_weight * kinds
    table /= table.sum(axis=2, keepdims=True)
    symbol, dash = _insert_symbol(counts, priors), _insert_dash(counts, priors)
    table *= (symbol / (symbol + dash))[:, :, None]
    table[:, :, DASH] = dash / (symbol + dash)
    return np.asarray(table)


def _cut(counts: Floats) -> Floats:
    """Lengths of cuts: leans on all components, and those on halving with each symbol."""
    halving = 0.5 ** np.arange(LONGEST_PLATE + 1)
    halving /= halving.sum()
    pooled = counts.sum(axis=1, keepdims=True) + 4.0 * halving
    pooled /= pooled.sum(axis=2, keepdims=True)
    table: Floats = counts + 4.0 * pooled
    return np.asarray(table / table.sum(axis=2, keepdims=True))


def _confidence(counts: Counts, priors: Priors) -> Floats:
    pooled = counts.confidence.sum(axis=0) + priors.face_weight * priors.face
    pooled /= pooled.sum(axis=1, keepdims=True)
    table = counts.confidence + priors.face_weight * pooled
    return np.asarray(table / table.sum(axis=2, keepdims=True))


def _retold(counts: Counts, priors: Priors) -> Floats:
    weight = priors.retold_weight
    share = (counts.retold + weight * priors.retold) / (counts.reports + weight)
    return np.asarray(share * (priors.retold > 0))


def blended(parts: Sequence[tuple[float, Rates]]) -> Rates:
    """Return one mixture of several, each with its share."""
    garbage = sum(share * part.garbage for share, part in parts)
    column = sum(share * part.garbage * part.garbage_column for share, part in parts)
    more = sum(share * part.garbage * part.garbage_more for share, part in parts) / garbage

    def joined(name: str, axis: int = 0) -> Floats:
        return np.concatenate([getattr(part, name) for _, part in parts], axis=axis)

    return Rates(
        weight=np.concatenate([share * part.weight for share, part in parts]),
        confusion=joined("confusion"),
        insert=joined("insert"),
        inserted=joined("inserted"),
        slip=joined("slip"),
        delete=joined("delete"),
        dash_delete=joined("dash_delete"),
        transpose=joined("transpose"),
        confidence=joined("confidence"),
        cut=joined("cut", axis=1),
        retold=parts[0][1].retold,
        garbage=float(garbage),
        garbage_column=np.asarray(column) / garbage,
        garbage_more=float(more),
    )


def started(qualities: int, styles: int, priors: Priors) -> Rates:
    """Return rates to start from: from clean to poor reading, from orderly to messy dashes."""
    counts = Counts(qualities * styles, priors.face.shape[1])
    rows = np.arange(SYMBOL_COUNT)
    for k in range(counts.components):
        quality, style = divmod(k, styles)
        poor, messy = quality / qualities, style / styles
        accuracy = 0.98 - 0.5 * poor
        counts.confusion[k, rows, rows] = 50 * accuracy
        counts.confusion[k] += 50 * (1 - accuracy) * priors.likeness
        counts.confusion[k, DASH, DASH] = 20 * (1 - messy)
        counts.dash_lost[k] = 20 * (0.5 if styles == 1 else 0.05 + 1.9 * messy)
        counts.symbols[k] = 50 * SYMBOL_COUNT / 3
        counts.lost[k] = counts.symbols[k] * 0.06 * poor
        counts.swapped[k] = counts.symbols[k].sum() * 0.002
        counts.slots[k] = 200.0
        counts.inserted[k] = (2.0 + 30.0 * poor) / COLUMNS
        counts.inserted[k, :, DASH] = 0.5 + 30 * messy
        counts.cut[:, k, 0] = 100.0
        counts.cut[:, k, 1:6] = 15.0 * poor
    counts.reads[:] = 100.0
    counts.garbage = 3.0
    counts.retold = priors.retold * counts.reports
    return rates_of(counts, priors, styles)
