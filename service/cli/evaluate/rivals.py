"""Looks at a vehicle -> what simpler rules would make of them, on the same list.

Three rules that others use: the most similar string (RapidFuzz), the very same string, and a
string in which one character may be a look-alike (the table that Genetec AutoVu starts with).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from plate_match.plate import GAP, UNKNOWN, Pattern
from plate_match.report import Report

ALIKE = ("0ODQ", "1I", "2Z", "5S", "8B", "6G")
"""Characters that count as equal, one a read."""

_BLOCK = 20_000
"""Plates compared at a time; bounds the memory."""

_ONE_CHANGED = 0.5

_LIKE = {one: group.replace(one, "") for group in ALIKE for one in group}

Scores = NDArray[np.float32]


class Found(NamedTuple):
    """What a rule puts first: its score (0: nothing), and the chance that it is the truth."""

    score: float
    right: float


NOTHING = Found(0.0, 0.0)


@dataclass(frozen=True)
class Rivals:
    """The rules that stand beside, on one list of plates."""

    plates: tuple[str, ...]

    @cached_property
    def _listed(self) -> frozenset[str]:
        return frozenset(self.plates)

    def lists(self, plate: str) -> bool:
        """Whether a plate is listed."""
        return plate in self._listed

    def exact(self, report: Report, truth: str) -> Found:
        """Answer a look that is a listed plate as it stands."""
        found = [text for text in _texts(report) if text in self._listed]
        return Found(1.0, float(found[0] == truth)) if found else NOTHING

    def one_alike(self, report: Report, truth: str) -> Found:
        """Answer a look that is a listed plate but for one look-alike; an exact one first."""
        if (found := self.exact(report, truth)).score:
            return found
        texts = [one for text in _texts(report) for one in _changed(text) if one in self._listed]
        share = texts.count(truth) / len(texts) if texts else 0.0
        return Found(_ONE_CHANGED, share) if texts else NOTHING

    def similar(self, reports: Sequence[Report], truths: Sequence[str]) -> list[Found]:
        """Answer each report by the plate that is most similar to its looks on average.

        Plates that are equally similar share the chance to be first.
        """
        texts = [_texts(report) for report in reports]
        starts = np.cumsum([0, *map(len, texts)])[:-1]
        looks = [text for group in texts for text in group]
        if not self.plates or not looks:
            return [NOTHING] * len(reports)
        best = np.full(len(reports), -1, dtype=np.float32)
        ties = np.zeros(len(reports))
        for begin in range(0, len(self.plates), _BLOCK):
            scores = _similarity(looks, self.plates[begin : begin + _BLOCK], starts)
            top = scores.max(axis=1)
            count = (scores == np.maximum(top, best)[:, None]).sum(axis=1)
            ties = np.where(top > best, count, ties + count)
            best = np.maximum(top, best)
        own = _similarity(looks, truths, starts).diagonal()
        right = np.where((own >= best) & [one in self._listed for one in truths], 1 / ties, 0)
        return [Found(float(score), float(one)) for score, one in zip(best, right, strict=True)]


def _similarity(looks: Sequence[str], plates: Sequence[str], starts: NDArray[np.intp]) -> Scores:
    """Return the similarity of each report to each plate: the mean over its looks."""
    scores = cdist(looks, plates, scorer=OSA.normalized_similarity, dtype=np.float32)
    counts = np.diff([*starts, len(looks)])
    means = np.add.reduceat(scores, starts, axis=0) / counts[:, None].astype(np.float32)
    return np.asarray(means, dtype=np.float32)


def _texts(report: Report) -> list[str]:
    """Return the symbols of each look that were read, where there is doubt the first of them."""
    return [_text(look.read.pattern) for look in report.looks]


def _text(pattern: Pattern) -> str:
    return "".join(place[0] for place in pattern.symbols if place not in (UNKNOWN, GAP))


def _changed(text: str) -> Iterator[str]:
    for place, symbol in enumerate(text):
        for other in _LIKE.get(symbol, ""):
            yield text[:place] + other + text[place + 1 :]
