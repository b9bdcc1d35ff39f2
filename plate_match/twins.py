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
    likelihood = looks.neighbours(plate)
    joint = looks.above(likelihood.reshape(len(likelihood), -1)).reshape(len(plate), -1)
    own = [SYMBOLS.index(symbol) for symbol in plate]
    as_well = joint >= joint[range(len(plate)), own][:, None]
    as_well[range(len(plate)), own] = False
    slots, symbols = np.nonzero(as_well)
    found = [
        Plate(plate[:slot] + SYMBOLS[symbol] + plate[slot + 1 :])
        for slot, symbol in zip(slots.tolist(), symbols.tolist(), strict=True)
    ]
    weight = joint[as_well] * others.densities(found)
    order = np.lexsort((np.array(found, dtype="U10"), -weight))
    return tuple(found[place] for place in order.tolist() if weight[place])[:MOST]
