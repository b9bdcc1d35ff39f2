"""Labelled reads -> batches of one shape, as numbers."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plate_match.channel import DASH, UNREAD, Read
from plate_match.plate import GAP, SYMBOLS, UNKNOWN
from plate_match.retelling import undone, ways

Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A read and the plate it was made of, with the dashes the plate shows."""

    truth: str
    read: Read
    reader: str
    condition: str


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that may have been told: a read undone, if it is `STANDING` as it was read.

    Attributes:
        number: of the read among all.
        kind: of retelling.
        share: how often it happens so.
        truth: as in `Labelled`.
        read: what was meant.
    """

    number: int
    kind: int
    share: float
    truth: str
    read: Read


STANDING = -1


def told(reads: Sequence[Labelled], shares: Sequence[float]) -> Iterator[Told]:
    """Yield what may have been told in every read; shares that are 0 are left out."""
    for number, one in enumerate(reads):
        yield Told(number, STANDING, 1 - sum(shares), one.truth, one.read)
        if any(shares):
            for way in ways(one.read.pattern):
                share = shares[way.kind] * way.chance
                yield Told(number, way.kind, share, one.truth, undone(one.read, way))


@dataclass(frozen=True, slots=True)
class Batch:
    """n pairs of one shape: plates (L, n), dashes after symbols (L, n), columns (m, n).

    `numbers`, `kinds` and `shares`, all (n,), are those of `Told`.
    """

    numbers: Ints
    kinds: Ints
    shares: NDArray[np.float64]
    plates: Ints
    dashed: NDArray[np.bool_]
    columns: Ints
    bins: Ints
    gaps: tuple[bool, ...]


def batches(everything: Iterable[Told], bins: int) -> Iterator[Batch]:
    groups: dict[tuple[int, tuple[bool, ...]], list[Told]] = defaultdict(list)
    for one in everything:
        gaps = tuple(symbol == GAP for symbol in _shown(one.read))
        groups[len(one.truth.replace("-", "")), gaps].append(one)
    for (_, gaps), group in groups.items():
        yield Batch(
            numbers=np.array([one.number for one in group]),
            kinds=np.array([one.kind for one in group]),
            shares=np.array([one.share for one in group]),
            plates=np.array([_ids(one.truth.replace("-", "")) for one in group]).T,
            dashed=np.array([_dashes(one.truth) for one in group]).T,
            columns=np.array([_ids(_shown(one.read)) for one in group], dtype=np.intp).T.reshape(
                len(gaps), len(group)
            ),
            bins=np.array([_bins(one.read, bins) for one in group], dtype=np.intp).T.reshape(
                len(gaps), len(group)
            ),
            gaps=gaps,
        )


def _shown(read: Read) -> list[str]:
    shown = []
    for place, symbol in enumerate(read.pattern.symbols):
        shown += ["-"] * (place in read.pattern.separators) + [symbol]
    return shown


def _bins(read: Read, bins: int) -> list[int]:
    confidences = read.confidences or (None,) * len(read.pattern.symbols)
    found = []
    for place, confidence in enumerate(confidences):
        found += [-1] * (place in read.pattern.separators)
        found.append(-1 if confidence is None else min(int(confidence * bins), bins - 1))
    return found


def _ids(symbols: Iterable[str]) -> list[int]:
    others = {"-": DASH, UNKNOWN: UNREAD, GAP: UNREAD}
    return [others[one] if one in others else SYMBOLS.index(one[0]) for one in symbols]


def _dashes(truth: str) -> list[bool]:
    return [truth[i + 1 : i + 2] == "-" for i, symbol in enumerate(truth) if symbol != "-"]
