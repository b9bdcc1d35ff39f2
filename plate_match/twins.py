"""A hit -> its twins: other issued plates, one symbol away, that explain the read as well."""

import numpy as np

from plate_match.channel import Observation
from plate_match.index import Index
from plate_match.plate import SYMBOLS, Plate
from plate_match.population import Population

MOST = 3
"""A warning, not a list: more twins than this say no more."""


def twins(seen: Observation, plate: Plate, population: Population) -> tuple[Plate, ...]:
    """Return plates one symbol away that are issued and explain the read at least as well.

    Whether a twin is itself listed plays no part, so that nothing of the list shows.
    """
    neighbours = [
        Plate(plate[:place] + symbol + plate[place + 1 :])
        for place in range(len(plate))
        for symbol in SYMBOLS
        if symbol != plate[place]
    ]
    index = Index.build([plate, *neighbours])
    likelihood = index.likelihood(seen)
    own = likelihood[index.plates.index(plate)]
    weight = likelihood * population.densities(index.plates)
    order = [place for place in np.argsort(-weight, kind="stable") if weight[place]]
    found = [index.plates[place] for place in order if likelihood[place] >= own]
    return tuple(twin for twin in found if twin != plate)[:MOST]
