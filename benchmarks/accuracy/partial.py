"""Entries that know half a plate, with make and colour: how often the right one is found.

    python -m benchmarks.accuracy.partial FOLDER [--sample N]

FOLDER holds the misreads and `wanted_dev_100k.txt`. Of 10,000 of its plates an entry knows the
first three symbols, the last three, or the middle three, and the make and the colour; all others
are listed whole, with theirs. A person reports one of the 10,000, as people read, half a plate or
with errors too, or the whole plate as it is, with a make and a colour that are another's in one
case of ten (`described`). Beside it, what a match takes with and without these entries.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from benchmarks.accuracy.__main__ import Tally, fitted_without, half_of
from benchmarks.accuracy.described import NOT_FOUND, SEED, WRONG, Trait, described, drawn
from benchmarks.fit.batches import Labelled
from benchmarks.fit.reads import Row, rows
from plate_match.base_rates import load
from plate_match.channel import Source
from plate_match.description import NOTHING_SAID, Description
from plate_match.hotlist import Entry, Hotlist
from plate_match.matcher import Matcher
from plate_match.normalize import normalize
from plate_match.plate import UNKNOWN, Pattern, Plate
from plate_match.report import Look, Report, read_of

ENTRIES = 10_000

PARTS = {
    "first three": (0, 1, 2),
    "last three": (3, 4, 5),
    "middle three": (2, 3, 4),
}
"""Which places of six are known."""

TIMED = 300
"""Reads that are timed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whole plates, and those of which a part is known, with the name of that part."""

    whole: tuple[Plate, ...]
    partial: Mapping[Plate, str]

    def entries(self, makes: Trait, colours: Trait) -> Iterator[Entry]:
        """Yield an entry a plate; its reference is the plate itself."""
        known = {plate: pattern(plate, PARTS[part]) for plate, part in self.partial.items()}
        for plate in (*self.whole, *known):
            yield Entry(
                plate=known.get(plate, plate),
                reference=plate,
                make=makes.true[plate],
                colour=colours.true[plate],
            )


def pattern(plate: Plate, places: Sequence[int]) -> Pattern:
    """Return what is known of a plate where only these places are."""
    return Pattern(
        tuple(symbol if place in places else UNKNOWN for place, symbol in enumerate(plate))
    )


def parted(plates: Sequence[Plate], asked: Sequence[Plate], count: int) -> Wanted:
    """Let entries know a part of so many plates, those that are asked for before others."""
    six = [one for one in dict.fromkeys((*asked, *plates)) if len(one) == 6]
    chosen = {plate: list(PARTS)[place % len(PARTS)] for place, plate in enumerate(six[:count])}
    return Wanted(tuple(plate for plate in plates if plate not in chosen), chosen)


def better(matcher: Matcher, row: Row, description: Description) -> int:
    """Return how many hits rank above the one that has the right entry."""
    if row.labelled is None:
        return NOT_FOUND
    hits = matcher.search(report_of(row, description)).answer(limit=5, min_confidence=0).hits
    right = row.truth.replace("-", "")
    found = [any(entry.reference == right for entry in hit.entries) for hit in hits]
    return found.index(True) if True in found else NOT_FOUND


def report_of(row: Row, description: Description = NOTHING_SAID) -> Report:
    """Return what a person reports."""
    if row.labelled is None:
        raise ValueError("nothing was read")
    return Report((Look(row.labelled.read, Source.EYESIGHT),), description)


def milliseconds(matcher: Matcher, asked: Sequence[Row]) -> float:
    """Return what a match takes at the median."""
    took = []
    for row in asked:
        begin = perf_counter()
        _ = matcher.search(report_of(row)).answer().hits
        took.append(1e3 * (perf_counter() - begin))
    return median(took)


def judge(folder: Path, sample: int | None) -> None:
    """Print one line a part, from nothing said beside the plate to everything."""
    texts = (folder / "wanted_dev_100k.txt").read_text(encoding="utf-8").split()
    plates = [plate for plate in map(normalize, texts) if isinstance(plate, Plate)]
    people = [row for row in rows(folder / "human_sim.csv") if row.labelled]
    listed = set(plates)
    truths = [one for one in (Plate(row.truth.replace("-", "")) for row in people) if one in listed]
    wanted, rates = parted(plates, truths, ENTRIES), load()
    rng = np.random.default_rng(SEED)
    makes = drawn(rates.makes["car"], plates, rng)
    colours = drawn(rates.colours["car"], plates, rng)
    entries = tuple(wanted.entries(makes, colours))
    matcher = Matcher.build(Hotlist(entries))
    halves = [replace(matcher, channel=fitted_without(folder, half)) for half in (0, 1)]
    print(f"{len(wanted.whole)} whole, {len(wanted.partial)} of which a part is known,")
    print(f"the reporter wrong in {WRONG:.0%}     first | in five (%)")
    for name in PARTS:
        asked = [row for row in people if wanted.partial.get(_plate(row)) == name][:sample]
        tallies: dict[str, Tally] = {}
        for row in asked:
            description = NOTHING_SAID
            for said, description in described(makes, colours, _plate(row)):
                found = better(halves[half_of(row.truth)], row, description)
                tallies.setdefault(said, Tally()).add(found, 1)
            found = better(halves[half_of(row.truth)], read_right(row), description)
            tallies.setdefault("+ both, the plate read whole and right", Tally()).add(found, 1)
        print(f"{name} ({len(asked)} reads)")
        for said, tally in tallies.items():
            print(f"  {said:40s} {tally}")
    time_both(matcher, Matcher.build(Hotlist(entries[: len(wanted.whole)])), people[:TIMED])


def time_both(matcher: Matcher, whole: Matcher, asked: Sequence[Row]) -> None:
    """Print what a match takes with and without entries that know a part."""
    for name, one in (("whole plates alone", whole), ("with those of a part", matcher)):
        print(f"a match, {name}: {milliseconds(one, asked):.2f} ms at the median")


def read_right(row: Row) -> Row:
    """Return a report of the same vehicle whose plate was read as it is."""
    read = read_of(_plate(row), source=Source.EYESIGHT)
    return replace(row, labelled=Labelled(row.truth, read, row.reader, "whole"))


def _plate(row: Row) -> Plate:
    return Plate(row.truth.replace("-", ""))


def main() -> None:
    """Read the arguments and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=None, help="only so many reads of each part")
    chosen = parser.parse_args()
    judge(chosen.folder, chosen.sample)


if __name__ == "__main__":
    main()
