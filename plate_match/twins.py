"""A hit -> its twins: other issued plates, one symbol away, that explain the looks as well."""

import numpy as np

from plate_match.glance import Looks
from plate_match.others import Others
from plate_match.plate import SYMBOLS, Plate

MOST = 3
"""A warning, not a list: more twins than this say no more."""


def twins(looks: Looks, plate: Plate, others: Others) -> tuple[Plate, ...]:
    """Return plates one symbol away that are issued and explain the looks at least as well.

    Whether a twin is itself listed plays no part, so that nothing of the list shows.
    """
    neighbours = [
        Plate(plate[:place] + symbol + plate[place + 1 :])
        for place in range(len(plate))
        for symbol in SYMBOLS
        if symbol != plate[place]
    ]
    likelihood = looks.above(looks.each([plate, *neighbours]))
    own, rivals = likelihood[0], likelihood[1:]
    as_well = np.flatnonzero(rivals >= own)
    found = [neighbours[place] for place in as_well.tolist()]
    weight = rivals[as_well] * others.densities(found)
    order = np.lexsort((np.array(found, dtype="U10"), -weight))
    return tuple(found[place] for place in order.tolist() if weight[place])[:MOST]
