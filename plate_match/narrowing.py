"""Several looks -> the candidates, and what is listed beside them, closely enough.

What one look makes of all plates below a beginning is known. What several make of them is known
from above only, each look by its own best: the pieces of the rest that are left out one by one may
hold much less than they might, all together.
"""

from dataclasses import replace

from plate_match.glance import Looks
from plate_match.index import Asked, Candidates, Index, Weights
from plate_match.layers import Layers

_NARROW = 2e-2
"""Of everything that is weighed: how wide the sum of the rest may be left."""

_FINER, _ROUNDS = 1 / 32, 2
"""How much finer it is asked for where it is wider, and how often at the most."""


def searched(
    index: Index | Layers,
    looks: Looks,
    asked: Asked,
    *,
    weights: Weights | None,
    others: float,
) -> Candidates:
    """Search an index; of several looks again, and finer, while too much is not known of the rest.

    `others` is what all vehicles that are not listed are weighed, on the scale of the likelihood
    of a listed plate.
    """
    found = index.search(looks, asked, weights)
    for _ in range(_ROUNDS if len(looks.sights) > 1 else 0):
        if found.rest.high - found.rest.low <= _NARROW * (others + found.rest.low):
            break
        asked = replace(asked, least=asked.least * _FINER, grain=asked.grain * _FINER)
        found = index.search(looks, asked, weights)
    return found
