"""Judged vehicles -> the stream they stand for: what each counts, so that base rates hold.

A file of labelled reads holds far more listed vehicles than a street does. So in each source
the listed ones together weigh as much as its base rate says, the innocent ones the rest, and a
source as much as its share of the vehicles in the file.

Where a source has no innocent vehicle, each listed one is judged a second time as an innocent
one: against the list without the plates of the reads. Those plates were drawn like the list
and not like the traffic, so they are weighed by how many vehicles carry such plates.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from plate_match import population
from plate_match.channel import Source
from plate_match.plate import Plate
from plate_match.sidecode import Sidecode, sidecode
from service.cli.base_rates import BaseRates
from service.cli.evaluate.judging import Judged
from service.cli.evaluate.measures import Floats


@dataclass(frozen=True, slots=True)
class Stream:
    """Judged vehicles with what each counts; `played` of them are innocent ones by role.

    `notes` say where a base rate could not be had.
    """

    judged: tuple[Judged, ...]
    weight: Floats
    played: int
    notes: tuple[str, ...]


def without_innocent(judged: Sequence[Judged]) -> frozenset[Source]:
    """Return the sources of which every vehicle is listed."""
    sources = {one.source for one in judged}
    return frozenset(sources - {one.source for one in judged if not one.listed})


def stream_of(judged: Sequence[Judged], played: Sequence[Judged], rates: BaseRates) -> Stream:
    """Weigh vehicles that were judged as they are, and those that play innocent ones."""
    everybody = (*judged, *played)
    own = np.concatenate([np.ones(len(judged)), as_traffic([one.truth for one in played])])
    sources = np.array([one.source for one in everybody])
    listed = np.array([one.listed for one in everybody], dtype=bool)
    weight = np.zeros(len(everybody))
    notes = []
    for source, count in sorted(Counter(one.source for one in judged).items()):
        for is_listed, rate in ((True, rates[source]), (False, 1 - rates[source])):
            part = (sources == source) & (listed == is_listed)
            total = float(own[part].sum())
            if total:
                weight[part] = own[part] / total * rate * count
            else:
                kind = "a listed" if is_listed else "an innocent"
                notes.append(f"{source}: no read of {kind} vehicle, so its base rate does not hold")
    return Stream(everybody, weight / (weight.sum() or 1), len(played), tuple(notes))


def as_traffic(plates: Sequence[Plate]) -> Floats:
    """Return what each plate counts for, so that together they are like those in traffic.

    Within a layout they are taken to be drawn evenly from all it can hold. One without a
    layout, or that is not issued, counts for nothing; if none is, all count for the same.
    """
    layouts = [sidecode(plate) for plate in plates]
    drawn = Counter(layouts)
    room = np.array([_room(one) / drawn[one] if one else 0.0 for one in layouts])
    weight = population.load().densities(plates) * room
    return weight if weight.sum() else np.ones(len(plates))


def _room(layout: Sidecode) -> float:
    """Return how many plates a layout can hold, whatever is left out of it."""
    digits = prod(high - low + 1 for low, high in layout.digits)
    return float(len(layout.letters) ** layout.layout.count("X") * digits)
