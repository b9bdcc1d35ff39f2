"""Looks at one vehicle -> Together: how the likelihoods of their reads are joined.

Looks by two sources are two proofs, so their likelihoods multiply. Looks by one source (frames
of a camera, glances of a reporter) share something unknown: some tell something new, some only
say again what was said. Such a cluster is weighed as both at once:

    P(reads | w) = (1 - rho)·Π P_i(w) + rho·Σ s_i·P_i(w)        s_i = 1/n · Π C(read j | read i)

with C the copy channel: the chance that look j says what look i said, but for small changes,
whatever the plate is. Equal frames are then worth about 1/rho times one of them at most, however
many they are; looks that differ as independent ones do are worth nearly their product.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod, sqrt

import numpy as np
from numpy.typing import NDArray

from plate_match.channel import DASH, ERROR, MATCH, SYMBOL_COUNT, UNREAD, Observation, Read, Source
from plate_match.plate import GAP, SYMBOLS, UNKNOWN
from plate_match.report import Look

Floats = NDArray[np.float64]

MOST_LOOKS = 12
"""Looks by one source that are weighed; of more, those that say most. The rest would say again."""


@dataclass(frozen=True, slots=True)
class Copying:
    """How looks by one source repeat one another.

    Attributes:
        rho: chance that all of them say what one of them saw.
        changed: chance that a column that is repeated is drawn anew.
        lost: chance that a column is not repeated.
        added: chance of one more column, before each and at the end.
    """

    rho: float
    changed: float
    lost: float
    added: float


CAMERA = Copying(rho=0.4, changed=0.016, lost=0.005, added=0.005)
"""Fitted: `python -m benchmarks.accuracy.looks fit FOLDER`, half images and half video."""

PEOPLE = Copying(rho=0.5, changed=0.02, lost=0.01, added=0.01)
"""An assumption: no two reads of one vehicle by one person were observed."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Looks by one source, and what joins their likelihoods.

    Attributes:
        members: places of the looks in the report, ascending.
        independent: weight of the product of their likelihoods.
        repeated: weight of the likelihood of each alone.
    """

    members: tuple[int, ...]
    independent: float
    repeated: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """How the likelihoods of all looks are joined, as plain numbers.

    Attributes:
        scale: factor for the likelihoods of each look, so that a product of many neither
            vanishes nor overflows; 1 for a single look.
        clusters: independent of each other.
    """

    scale: tuple[float, ...]
    clusters: tuple[Cluster, ...]

    def combine(self, likelihoods: Floats) -> Floats:
        """Return P(all reads | plate), up to one factor that all plates share: (n,).

        The factor is 1 for a single look. Monotone in every likelihood, so that what holds of
        bounds holds of what they are joined to.

        Args:
            likelihoods: (looks, n) P(read | plate), garbage included, of each look.
        """
        scaled = likelihoods * np.array(self.scale)[:, None]
        joint = np.ones(likelihoods.shape[1])
        for cluster in self.clusters:
            mine = scaled[list(cluster.members)]
            repeated = np.array(cluster.repeated)[:, None] * mine
            joint *= cluster.independent * mine.prod(axis=0) + repeated.sum(axis=0)
        return joint


def together(looks: Sequence[Look], observations: Sequence[Observation]) -> Together:
    """Return how looks at one vehicle are joined; their order makes no difference.

    Cameras of one report are taken for one camera, people for one reporter: a phone that sends
    two reads does not say whose eyes they are, and taking a copy for a second proof costs more
    than doubting one.

    Args:
        looks: one or more.
        observations: of these looks, in the same order.
    """
    if len(looks) == 1:
        return Together((1.0,), (Cluster((0,), 1.0, (0.0,)),))
    said = [said_by(look, seen) for look, seen in zip(looks, observations, strict=True)]
    sources: dict[bool, list[int]] = defaultdict(list)
    for place, look in enumerate(looks):
        sources[look.source is Source.CAMERA].append(place)
    clusters = [
        _cluster(_telling(places, said), said, CAMERA if by_camera else PEOPLE)
        for by_camera, places in sorted(sources.items())
    ]
    return Together(tuple(one.scale for one in said), tuple(clusters))


@dataclass(frozen=True, slots=True)
class Said:
    """What one look says, whatever the plate is; m columns, K components.

    Attributes:
        source: whose tables these are.
        shown: (m, 39) whether a column shows a symbol, a dash, an unread symbol, a gap.
        chance: (m,) of each column if it is drawn anew.
        weight: (K,) share of each component.
        confidence: (K,) chance of all confidences that the reader states.
        best: about the probability of the read for the plate that suits it most.
        garbage: that for a plate of which it says nothing.
        spelling: the read as text.
    """

    source: Source
    shown: Floats
    chance: Floats
    weight: Floats
    confidence: Floats
    best: float
    garbage: float
    spelling: str

    @property
    def scale(self) -> float:
        """A factor that puts what the look says of any plate around 1."""
        return 1 / sqrt(self.best * self.garbage)

    @property
    def rank(self) -> tuple[float, str]:
        """Sorts those that say most first, in an order of their own."""
        return self.garbage / self.best, self.spelling


def said_by(look: Look, seen: Observation) -> Said:
    """Return what a look says; `seen` is its observation."""
    rates = seen.rates
    shown = np.zeros((len(seen.labels), len(_COLUMNS)))
    for row, label in zip(shown, seen.labels, strict=True):
        row[[_COLUMNS[one] for one in label.split("/")]] = 1
    return Said(
        source=look.source,
        shown=shown,
        chance=shown @ np.append(rates.garbage_column, rates.gap),
        weight=rates.weight / rates.weight.sum(),
        confidence=_confidence(look.read, seen),
        best=_best(seen),
        garbage=seen.garbage,
        spelling=str(look.read.pattern),
    )


def copied(first: Said, again: Said, copying: Copying) -> float:
    """Return P(the second read | it repeats the first), summed over alignments.

    On the scale of the channel: a probability of the same columns, alternatives summed, and of
    the confidences that go with them.
    """
    doubts = first.shown.sum(axis=1, keepdims=True)
    same = (first.shown / doubts) @ again.shown.T
    column = (1 - copying.changed) * same + copying.changed * again.chance
    runs = _runs(copying.added * again.chance) * (1 - copying.added)
    states = runs[0]
    for row in column:
        met = states * copying.lost
        met[1:] += states[:-1] * row * (1 - copying.lost)
        states = met @ runs
    return float(states[-1]) * _alike(first, again)


def _telling(places: Sequence[int], said: Sequence[Said]) -> list[int]:
    """Return the places of the looks that say most, in order."""
    return sorted(sorted(places, key=lambda place: said[place].rank)[:MOST_LOOKS])


def _cluster(members: Sequence[int], said: Sequence[Said], copying: Copying) -> Cluster:
    if len(members) == 1:
        return Cluster(tuple(members), 1.0, (0.0,))
    repeated = [
        prod(
            copied(said[one], said[other], copying) * said[other].scale
            for other in members
            if other != one
        )
        for one in members
    ]
    share = copying.rho / len(members)
    return Cluster(tuple(members), 1 - copying.rho, tuple(share * one for one in repeated))


def _confidence(read: Read, seen: Observation) -> Floats:
    """Return the chance of the confidences, by component, of columns right or wrong: (K,)."""
    rates = seen.rates
    symbols = np.arange(SYMBOL_COUNT)
    right = rates.confusion[:, symbols, symbols].mean(axis=1)[:, None]
    table = right * rates.confidence[:, MATCH] + (1 - right) * rates.confidence[:, ERROR]
    most = table.shape[1] - 1
    stated = zip(read.pattern.symbols, read.confidences, strict=bool(read.confidences))
    bins = [
        min(int(one * table.shape[1]), most)
        for symbol, one in stated
        if one is not None and symbol not in (UNKNOWN, GAP)
    ]
    return np.asarray(table[:, bins].prod(axis=1))


def _alike(first: Said, again: Said) -> float:
    """Return P(confidences | those of the first): what is repeated is of the same quality."""
    weight = first.weight * first.confidence if first.source is again.source else again.weight
    return float(weight @ again.confidence / weight.sum())


def _runs(added: Floats) -> Floats:
    """Return the chance of adding all columns from one place up to another: (m + 1, m + 1)."""
    sums = np.concatenate([[0.0], np.cumsum(np.log(added))])
    return np.asarray(np.triu(np.exp(np.minimum(sums - sums[:, None], 0.0))))


def _best(seen: Observation) -> float:
    columns, components = seen.shape
    best = seen.emission.reshape(-1, columns, components, SYMBOL_COUNT).max(axis=(0, 3))
    best = np.maximum(best, np.maximum(seen.dash[..., 0], seen.insertion.max(axis=(2, 3))))
    best[list(seen.gaps)] = seen.rates.gap
    return float(seen.rates.weight @ best.prod(axis=0)) + seen.garbage


_COLUMNS = {one: place for place, one in enumerate(SYMBOLS)} | {
    "-": DASH,
    UNKNOWN: UNREAD,
    GAP: UNREAD + 1,
}
