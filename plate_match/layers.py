"""Indexes of different plates -> one index: a long list, and what was added to it since.

Each part is searched by itself; their best plates are put into one order and their sums are
added, so that the answer is the one of a single index of all plates.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from plate_match.glance import Looks
from plate_match.index import Asked, Candidates, Index, Interval, Weights, in_order
from plate_match.keys import Keys
from plate_match.partials import Partials
from plate_match.plate import Plate


@dataclass(frozen=True)
class Layers:
    """Indexes searched as one; no plate is in two of them. Places count through them."""

    parts: tuple[Index | Partials, ...]

    def __len__(self) -> int:
        """Return how many plates are listed."""
        return sum(map(len, self.parts))

    @cached_property
    def plates(self) -> list[Plate]:
        """All whole plates, in order of their places."""
        return [plate for part in self.parts if isinstance(part, Index) for plate in part.plates]

    def places(self, keys: Keys) -> NDArray[np.int64]:
        """Return the place of each plate, -1 of one that is not listed: (n,)."""
        found = np.full(len(keys), -1, dtype=np.int64)
        for part, begin in zip(
            self.parts, accumulate(map(len, self.parts), initial=0), strict=False
        ):
            places = part.places(keys)
            found[places >= 0] = begin + places[places >= 0]
        return found

    def search(self, looks: Looks, asked: Asked, weights: Weights | None = None) -> Candidates:
        """Return the best plates and the sum over all others, as `Index.search` does."""
        begins = list(accumulate(map(len, self.parts), initial=0))
        found = [
            part.search(looks, asked, ours)
            for part, ours in zip(self.parts, self._shares(weights, begins), strict=True)
        ]
        moved = zip(found, begins, strict=False)
        places = np.concatenate([one.places + begin for one, begin in moved])
        keys = np.concatenate([one.keys for one in found])
        likelihood = np.concatenate([one.likelihood for one in found])
        ratio = np.ones(len(places)) if weights is None else weights.of(places)
        order = in_order((likelihood + looks.base) * ratio, keys)
        kept, out = np.split(order, [len(order) if asked.limit is None else asked.limit])
        more = float((likelihood * ratio)[out].sum())
        rest = _sum(one.rest for one in found)
        rest = Interval(rest.low + more, rest.estimate + more, rest.high + more)
        return Candidates(places[kept], keys[kept], likelihood[kept], rest)

    def _shares(self, weights: Weights | None, begins: Sequence[int]) -> Sequence[Weights | None]:
        """Return the weights of the plates of each part."""
        if weights is None:
            return [None] * len(self.parts)
        ends = begins[1:]
        profiles = [weights.profile[one:end] for one, end in zip(begins, ends, strict=False)]
        added = [np.bincount(one, minlength=len(weights.ratios)) for one in profiles[1:]]
        counts = [weights.counts - sum(added), *added]
        return [
            replace(
                weights,
                profile=profile,
                counts=count,
                spans=None if weights.spans is None else weights.spans[begin:end],
            )
            for profile, count, begin, end in zip(profiles, counts, begins, ends, strict=False)
        ]


def _sum(rests: Iterable[Interval]) -> Interval:
    low, estimate, high = np.sum([[one.low, one.estimate, one.high] for one in rests], axis=0)
    return Interval(float(low), float(estimate), float(high))
