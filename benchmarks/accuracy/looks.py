"""Several looks at one vehicle: how far they repeat one another, and what they are worth.

    python -m benchmarks.accuracy.looks fit FOLDER                how looks repeat one another
    python -m benchmarks.accuracy.looks judge FOLDER [--sample N] one look, the product, the model

FOLDER holds the misreads. The channel that judges, or helps to fit, one half of the plates is
fitted on the other half. No list is drawn: how many of 100,000 listed plates would outrank the
right one, or alert on an innocent vehicle, is expected over all lists the population may give.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.__main__ import fitted_without, half_of
from benchmarks.accuracy.copying import Pairs, fitted
from benchmarks.accuracy.hits import HEADING, Judged, figures
from benchmarks.accuracy.sightings import Vehicle, copies, frames, images
from benchmarks.accuracy.vehicles import rows, sample
from plate_match import population
from plate_match.channel import Channel, Source
from plate_match.looks import Cluster, Together, together
from plate_match.report import Look
from plate_match.sidecode import sidecode

Floats = NDArray[np.float64]

SEED = 20261125


def fit(folder: Path) -> None:
    """Print how looks repeat one another: in each kind of pair, and in all of them together."""
    channel = fitted_without(folder, 0)
    kinds = {
        name: Pairs.of([one for one in vehicles if half_of(one.truth) == 0], channel)
        for name, vehicles in {
            "two images": images(folder),
            "frames of video": frames(folder),
            "one symbol changed": copies(images(folder), changed=True),
        }.items()
    }
    for name, pairs in kinds.items():
        copying, gain = fitted([pairs])
        print(f"{name:20s} {len(pairs.said):5d} pairs  +{gain:.3f} nats  {copying}")
    mixed = [kinds["two images"], kinds["frames of video"]]
    print(f"half and half: {fitted(mixed)}")


Way = Callable[[Sequence[Look], Together], Together]


def first_alone(_: Sequence[Look], model: Together) -> Together:
    """Take the first look and no other."""
    return Together(model.scale, (Cluster((0,), 1.0, (0.0,)),))


def plain_product(looks: Sequence[Look], model: Together) -> Together:
    """Take every look for independent of the others."""
    members = tuple(range(len(looks)))
    return Together(model.scale, (Cluster(members, 1.0, (0.0,) * len(looks)),))


def as_modelled(_: Sequence[Look], model: Together) -> Together:
    """Take them as the library does."""
    return model


WAYS: Mapping[str, Way] = {
    "first look alone": first_alone,
    "plain product": plain_product,
    "the model": as_modelled,
}


def judged(vehicle: Vehicle, channel: Channel) -> dict[str, Judged]:
    """Return what each way makes of the reads of a vehicle."""
    looks = [Look(read, Source.CAMERA) for read in vehicle.reads]
    if not looks:
        return dict.fromkeys(WAYS, Judged.of_nothing())
    seen = [channel.observe(look.read, look.source) for look in looks]
    seed = [SEED, *vehicle.truth.encode()]
    found, model = sample(seen, vehicle.plate, np.random.default_rng(seed)), together(looks, seen)
    return {name: Judged.of(found, way(looks, model)) for name, way in WAYS.items()}


def natural(vehicles: Sequence[Vehicle], densities: Floats) -> Floats:
    """Return weights that make plates drawn at random those of the population: (n,).

    By sidecode, and within one by how many vehicles carry such a plate.
    """
    registered: dict[int, float] = defaultdict(float)
    for row in rows():
        registered[int(row.get("sidecode") or 0)] += float(row["registered"])
    numbers = [layout.number if (layout := sidecode(one.plate)) else 0 for one in vehicles]
    drawn: dict[int, float] = defaultdict(float)
    for number, density in zip(numbers, densities, strict=True):
        drawn[number] += density
    weight = [
        registered[number] * density / drawn[number] if drawn[number] else 0.0
        for number, density in zip(numbers, densities, strict=True)
    ]
    return np.array(weight) / sum(weight)


def judge(folder: Path, count: int) -> None:
    """Print a row for each set of vehicles and each way."""
    channel = fitted_without(folder, 1)
    print(f"{'':44s}{HEADING}")
    for name, vehicles, is_drawn in _sets(folder):
        kept = [one for one in vehicles if half_of(one.truth) == 1]
        order = np.random.default_rng(SEED).permutation(len(kept))[:count]
        chosen = [kept[place] for place in order]
        found = [judged(one, channel) for one in chosen]
        densities = population.load().densities([one.plate for one in chosen])
        weights = natural(chosen, densities) if is_drawn else np.full(len(chosen), 1 / len(chosen))
        for way in WAYS:
            row = figures([one[way] for one in found], weights)
            print(f"{name:22s} {len(chosen):4d} {way:16s} {row}", flush=True)


def _sets(folder: Path) -> list[tuple[str, list[Vehicle], bool]]:
    """Return the sets by name, and whether their plates were drawn at random."""
    rendered = images(folder)
    return [
        ("two images", rendered, True),
        ("an equal copy", copies(rendered, changed=False), True),
        ("one symbol changed", copies(rendered, changed=True), True),
        ("two frames of video", frames(folder), False),
        ("four frames of video", frames(folder, 4), False),
    ]


def main() -> None:
    """Read the arguments and run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("fit", "judge"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=400, help="most vehicles of each set")
    chosen = parser.parse_args()
    if chosen.step == "fit":
        fit(chosen.folder)
    else:
        judge(chosen.folder, chosen.sample)


if __name__ == "__main__":
    main()
