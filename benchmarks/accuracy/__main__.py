"""How often the right plate comes first, or in the first five, beside RapidFuzz.

    python -m benchmarks.accuracy FOLDER [--sample N]

FOLDER holds the misreads and `wanted_dev_100k.txt`. The reads are split by plate: the tables
that judge one half of the plates are fitted on the other half.
"""

import argparse
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler, Levenshtein
from rapidfuzz.process import cdist

from benchmarks.fit.batches import Labelled
from benchmarks.fit.document import channel_document
from benchmarks.fit.learn import fit
from benchmarks.fit.reads import GOOD_READER, GROUPS, grouped, rows
from plate_match.channel import Channel, Source, from_document
from plate_match.index import Index
from plate_match.matcher import DEFAULT_CUTOFF
from plate_match.normalize import normalize
from plate_match.plate import Plate
from plate_match.population import load

SCORERS: dict[str, Any] = {
    "OSA": OSA.normalized_similarity,
    "Levenshtein": Levenshtein.normalized_similarity,
    "Jaro-Winkler": JaroWinkler.similarity,
}


@dataclass(slots=True)
class Tally:
    """Chances that the right plate is first, and in the first five, summed over reads."""

    reads: int = 0
    first: float = 0.0
    five: float = 0.0
    plates: set[str] = field(default_factory=set)

    def add(self, better: int, equal: int) -> None:
        """Count a read: how many plates rank above the right one, how many beside it."""
        self.reads += 1
        self.first += min(max((1 - better) / equal, 0), 1)
        self.five += min(max((5 - better) / equal, 0), 1)

    def __str__(self) -> str:
        return f"{100 * self.first / self.reads:5.1f} {100 * self.five / self.reads:5.1f}"


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


def ranks(
    reads: Sequence[Labelled], *, index: Index, channel: Channel, source: Source
) -> list[int]:
    """Return how many plates rank above the right one, or a million if it is not found."""
    found = []
    population = load()
    for one in reads:
        seen = channel.observe(one.read, source)
        floor = population.likeliest(seen) * float(np.exp(-DEFAULT_CUTOFF))
        places = index.search(seen, floor).places
        where = np.flatnonzero(places == index.plates.index(Plate(one.truth.replace("-", ""))))
        found.append(int(where[0]) if len(where) else 1_000_000)
    return found


def similar(texts: Sequence[str], truths: Sequence[str], plates: Sequence[str]) -> dict[str, Tally]:
    """Return the tally of each of RapidFuzz's rankings; ties count in expectation."""
    places = {plate: place for place, plate in enumerate(plates)}
    tallies = {name: Tally() for name in SCORERS}
    for name, scorer in SCORERS.items():
        for begin in range(0, len(texts), 64):
            part = texts[begin : begin + 64]
            scores = cdist(part, plates, scorer=scorer, dtype=np.float32, workers=-1)
            for row, truth in zip(scores, truths[begin : begin + 64], strict=True):
                own = row[places[truth]]
                tallies[name].add(int((row > own).sum()), int((row == own).sum()))
    return tallies


def judge(folder: Path, sample: int) -> None:
    """Print one table a set of reads."""
    texts = (folder / "wanted_dev_100k.txt").read_text(encoding="utf-8").split()
    index = Index.build([plate for plate in map(normalize, texts) if isinstance(plate, Plate)])
    channels = [fitted_without(folder, half) for half in (0, 1)]
    for name, file, reader, source in (
        ("good reader", "rendered_ocr.csv", GOOD_READER, Source.CAMERA),
        ("simulated people", "human_sim.csv", None, Source.EYESIGHT),
    ):
        chosen = [row for row in rows(folder / file) if reader in (None, row.reader)][:sample]
        ours, inexact = Tally(), Tally()
        for half in (0, 1):
            part = [row for row in chosen if half_of(row.truth) == half]
            readable = [row.labelled for row in part if row.labelled]
            for one, better in _ranked(
                readable, index=index, channel=channels[half], source=source
            ):
                ours.add(better, 1)
                if one.read.pattern.compact != one.truth.replace("-", ""):
                    inexact.add(better, 1)
            for row in part:
                if row.labelled is None:
                    ours.add(1_000_000, 1)
                    inexact.add(1_000_000, 1)
        print(f"{name}: {ours.reads} reads   first | in five (%)")
        print(f"  the channel      {ours}    inexact reads ({inexact.reads}): {inexact}")
        stripped = ["".join(filter(str.isalnum, row.text.upper())) for row in chosen]
        truths = [row.truth.replace("-", "") for row in chosen]
        for scorer, tally in similar(stripped, truths, index.plates).items():
            print(f"  {scorer:16s} {tally}")


def _ranked(
    reads: Sequence[Labelled], *, index: Index, channel: Channel, source: Source
) -> Iterable[tuple[Labelled, int]]:
    workers = os.cpu_count() or 1
    parts = [reads[worker::workers] for worker in range(workers)]
    rank = partial(ranks, index=index, channel=channel, source=source)
    with ProcessPoolExecutor(workers) as pool:
        for part, found in zip(parts, pool.map(rank, parts), strict=True):
            yield from zip(part, found, strict=True)


def main() -> None:
    """Read the arguments and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=None, help="only the first N reads")
    chosen = parser.parse_args()
    judge(chosen.folder, chosen.sample)


if __name__ == "__main__":
    main()
