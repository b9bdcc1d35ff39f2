"""Half a plate, and what the vehicle looked like: how often the right plate comes first.

    python -m benchmarks.accuracy.described FOLDER [--sample N]

FOLDER holds the misreads and `wanted_dev_100k.txt`. Every listed vehicle is given a make and a
colour, drawn from the base rates of cars apart from each other; who reports one of them names
another in one case of ten, by the same rates. So the gain is what it is worth where the base rates
are true and makes tell nothing of colours. The channel that judges one half of the plates is
fitted on the other half.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.accuracy.__main__ import Tally, fitted_without, half_of
from benchmarks.fit.reads import Row, rows
from plate_match.base_rates import Shares, load
from plate_match.channel import Source
from plate_match.description import NOTHING_SAID, Description
from plate_match.hotlist import Entry, Hotlist
from plate_match.matcher import Matcher
from plate_match.normalize import normalize
from plate_match.plate import Plate
from plate_match.report import Look, Report

SEED = 20261125

WRONG = 0.10
"""How often a reporter names another make, or another colour, than the vehicle has."""

KINDS = {
    "half a plate": {"prefix", "suffix", "middle"},
    "half a plate with an error": {"partial_with_error"},
    "symbols that were not seen": {"wildcard"},
    "digits alone": {"digits_only"},
}

NOT_FOUND = 1_000_000


@dataclass(frozen=True, slots=True)
class Trait:
    """A make or a colour of every vehicle, and what would be reported of it."""

    true: Mapping[str, str]
    reported: Mapping[str, str]


def drawn(shares: Shares, plates: Sequence[str], rng: np.random.Generator) -> Trait:
    """Draw what each vehicle is, and what a reporter says that it is."""
    names = np.array([*shares.named, "none of these"])
    chances = np.array([*shares.named.values(), shares.rest])
    chances /= chances.sum()
    is_, says = (rng.choice(len(names), len(plates), p=chances) for _ in range(2))
    while (same := is_ == says).any():
        says[same] = rng.choice(len(names), int(same.sum()), p=chances)
    says = np.where(rng.random(len(plates)) < WRONG, says, is_)
    return Trait(
        dict(zip(plates, names[is_].tolist(), strict=True)),
        dict(zip(plates, names[says].tolist(), strict=True)),
    )


def described(makes: Trait, colours: Trait, plate: str) -> Iterator[tuple[str, Description]]:
    """Yield what is reported of one vehicle, from nothing to everything."""
    make, colour = makes.reported[plate], colours.reported[plate]
    yield "the plate alone", NOTHING_SAID
    yield "+ colour", Description(colour=colour)
    yield "+ make", Description(make=make)
    yield "+ both", Description(make=make, colour=colour)


def better(matcher: Matcher, row: Row, description: Description) -> int:
    """Return how many plates rank above the right one; of five, since no more are counted."""
    if row.labelled is None:
        return NOT_FOUND
    report = Report((Look(row.labelled.read, Source.EYESIGHT),), description)
    hits = matcher.search(report).answer(limit=5, min_confidence=0).hits
    plates = [str(hit.plate) for hit in hits]
    right = row.truth.replace("-", "")
    return plates.index(right) if right in plates else NOT_FOUND


def judge(folder: Path, sample: int | None) -> None:
    """Print one line a kind of read, and what was reported beside it."""
    texts = (folder / "wanted_dev_100k.txt").read_text(encoding="utf-8").split()
    plates = [plate for plate in map(normalize, texts) if isinstance(plate, Plate)]
    rng, rates = np.random.default_rng(SEED), load()
    makes = drawn(rates.makes["car"], plates, rng)
    colours = drawn(rates.colours["car"], plates, rng)
    entries = (
        Entry(plate=plate, make=makes.true[plate], colour=colours.true[plate]) for plate in plates
    )
    matcher = Matcher.build(Hotlist(tuple(entries)))
    halves = [replace(matcher, channel=fitted_without(folder, half)) for half in (0, 1)]
    people = list(rows(folder / "human_sim.csv"))
    print(f"{len(plates)} listed, the reporter wrong in {WRONG:.0%}     first | in five (%)")
    for name, conditions in KINDS.items():
        chosen = [row for row in people if row.labelled and row.labelled.condition in conditions]
        tallies: dict[str, Tally] = {}
        for row in chosen[:sample]:
            right = row.truth.replace("-", "")
            for said, description in described(makes, colours, right):
                found = better(halves[half_of(row.truth)], row, description)
                tallies.setdefault(said, Tally()).add(found, 1)
        print(f"{name} ({len(chosen[:sample])} reads)")
        for said, tally in tallies.items():
            print(f"  {said:16s} {tally}")


def main() -> None:
    """Read the arguments and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=None, help="only so many reads of each kind")
    chosen = parser.parse_args()
    judge(chosen.folder, chosen.sample)


if __name__ == "__main__":
    main()
