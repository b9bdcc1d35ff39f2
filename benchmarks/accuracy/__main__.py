"""How often the right plate comes first, or in the first five, by kind of read.

    python -m benchmarks.accuracy FOLDER [--sample N]

FOLDER holds the misreads and `wanted_dev_100k.txt`. The reads are split by plate: the tables
that judge one half of the plates are fitted on the other half, and each half is shown beside
both, as a measure of what chance does. Beside RapidFuzz, and with confidences judged:
`python -m benchmarks.accuracy.quality`.
"""

import argparse
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from pathlib import Path
from zlib import crc32

import numpy as np

from benchmarks.fit.document import channel_document
from benchmarks.fit.learn import fit
from benchmarks.fit.reads import GOOD_READER, GROUPS, Row, grouped, rows
from plate_match.channel import Channel, Source, from_document
from plate_match.index import Asked
from plate_match.matcher import Matcher
from plate_match.plate import Plate
from plate_match.report import Look, Report

SEED = 20261125

HALVES = (0, 1)

FILES = {
    "rendered_ocr.csv": ("all engines", Source.CAMERA),
    "real_dutch_readers.csv": ("street video", Source.CAMERA),
    "human_sim.csv": ("people", Source.EYESIGHT),
}
"""What the reads of a file are called together, and what they are reported as."""

MOST = 5
"""Plates a read is answered with."""

NOT_FOUND = 1_000_000


@dataclass(slots=True)
class Tally:
    """Chances that the right plate is first, and in the first five, summed over reads."""

    reads: int = 0
    first: float = 0.0
    five: float = 0.0

    def add(self, better: int, equal: int) -> None:
        """Count a read: how many plates rank above the right one, how many beside it."""
        self.reads += 1
        self.first += min(max((1 - better) / equal, 0), 1)
        self.five += min(max((5 - better) / equal, 0), 1)

    def __str__(self) -> str:
        reads = max(self.reads, 1)
        return f"{100 * self.first / reads:5.1f} {100 * self.five / reads:5.1f}"


def half_of(truth: str) -> int:
    """Return which half of the plates this one belongs to, the same on every machine."""
    return crc32(truth.encode()) & 1


def fitted_without(folder: Path, half: int) -> Channel:
    """Return a channel fitted on the plates of the other half."""
    kept = {
        name: [one for one in reads if half_of(one.truth) != half]
        for name, reads in grouped(folder).items()
    }
    counts = {name: fit(reads, GROUPS[name]) for name, reads in kept.items()}
    return from_document(channel_document(counts))


def better(matcher: Matcher, row: Row, source: Source) -> int:
    """Return how many plates rank above the right one; of five, since no more are counted."""
    if row.labelled is None:
        return NOT_FOUND
    found = matcher.search(Report((Look(row.labelled.read, source),)))
    best = matcher.index.search(found.looks, Asked(found.floor, MOST, grain=inf))
    right = Plate(row.truth.replace("-", ""))
    return best.plates.index(right) if right in best.plates else NOT_FOUND


def ranks(matcher: Matcher, asked: Sequence[Row], source: Source) -> list[int]:
    """Return `better` of each read."""
    return [better(matcher, row, source) for row in asked]


def names(row: Row, together: str) -> Iterator[str]:
    """Yield the kinds of read that a read belongs to, the widest first."""
    yield together
    if together != "people":
        yield f"  {row.reader}"
    elif row.labelled:
        yield f"  {row.labelled.condition}"
    if not row.labelled:
        yield "  in which nothing was read"
    if row.reader == GOOD_READER and not is_exact(row):
        yield f"  {row.reader}, its inexact reads"


def is_exact(row: Row) -> bool:
    """Whether a read is the plate, but for its dashes."""
    read = row.labelled and row.labelled.read.pattern.compact
    return read == row.truth.replace("-", "")


def chosen(folder: Path, file: str, sample: int) -> list[Row]:
    """Return the reads of a file; a sample of so many, or all for 0."""
    every = list(rows(folder / file))
    if not 0 < sample < len(every):
        return every
    places = np.random.default_rng(SEED).choice(len(every), sample, replace=False)
    return [every[place] for place in sorted(places.tolist())]


def judged(
    matchers: Sequence[Matcher], asked: Sequence[Row], file: str, *, pool: Executor
) -> Mapping[str, Sequence[Tally]]:
    """Return the tallies of both halves of the plates, by kind of read.

    Args:
        matchers: what judges each half.
        asked: reads of one file.
        file: which.
        pool: of workers.
    """
    together, source = FILES[file]
    tallies: dict[str, list[Tally]] = defaultdict(lambda: [Tally() for _ in HALVES])
    workers = os.cpu_count() or 1
    for half, matcher in zip(HALVES, matchers, strict=True):
        part = [row for row in asked if half_of(row.truth) == half]
        shares = [part[worker::workers] for worker in range(workers)]
        found = pool.map(partial(ranks, matcher, source=source), shares)
        for share, places in zip(shares, found, strict=True):
            for row, place in zip(share, places, strict=True):
                for name in names(row, together):
                    tallies[name][half].add(place, 1)
    return tallies


def lines(tallies: Mapping[str, Sequence[Tally]]) -> Iterator[str]:
    """Yield a line for each kind of read, the most frequent first below the widest."""
    for name, halves in sorted(tallies.items(), key=lambda one: -sum(h.reads for h in one[1])):
        both = Tally(
            *(sum(getattr(half, part) for half in halves) for part in ("reads", "first", "five"))
        )
        yield f"{name:36s}{both.reads:7,}  {both}   {'   '.join(map(str, halves))}"


def judge(folder: Path, sample: int) -> None:
    """Print a table for each file of reads."""
    listed = (folder / "wanted_dev_100k.txt").read_text(encoding="utf-8").split()
    matcher = Matcher.build(listed)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        channels = list(pool.map(partial(fitted_without, folder), HALVES))
        matchers = [replace(matcher, channel=channel) for channel in channels]
        print(f"{len(matcher.index):,} listed; first | in five (%), both halves, and each")
        for file in FILES:
            asked = chosen(folder, file, sample)
            print("\n".join(lines(judged(matchers, asked, file, pool=pool))), flush=True)


def main() -> None:
    """Read the arguments and judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=0, help="reads of each file; 0 for all")
    asked = parser.parse_args()
    judge(asked.folder, asked.sample)


if __name__ == "__main__":
    main()
