"""Folder of misreads -> vehicles with the reads of several looks at each."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.fit.reads import GOOD_READER, Row, rows
from plate_match.channel import Read
from plate_match.plate import SYMBOLS, Pattern, Plate

FRAMES_APART = 25
"""Frames of one street video that lie nearer than this are of one pass."""

SEED = 20261125


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle and its reads; of an image in which nothing was read there is none."""

    truth: str
    reads: tuple[Read, ...]

    @property
    def plate(self) -> Plate:
        return Plate(self.truth.replace("-", ""))


def images(folder: Path) -> list[Vehicle]:
    """Return the two images of each rendered plate, degraded independently."""
    seen: dict[str, list[Row]] = defaultdict(list)
    for row in rows(folder / "rendered_ocr.csv"):
        if row.reader == GOOD_READER:
            seen[row.truth].append(row)
    return [
        Vehicle(truth, tuple(row.labelled.read for row in found if row.labelled))
        for truth, found in seen.items()
    ]


def frames(folder: Path, size: int = 2) -> list[Vehicle]:
    """Return frames of street video, so many of one pass each, no frame in two of them."""
    passes: dict[tuple[str, str], list[tuple[int, Read]]] = defaultdict(list)
    path = folder / "real_dutch_readers.csv"
    with path.open(encoding="utf-8", newline="") as file:
        names = [row["id"] for row in csv.DictReader(file)]
    for name, row in zip(names, rows(path), strict=True):
        video, frame, *_ = name.split("-")[1:]
        if row.labelled:
            passes[video, row.truth].append((int(frame.lstrip("L")), row.labelled.read))
    found = []
    for (_, truth), shots in passes.items():
        shots.sort(key=lambda shot: shot[0])
        for begin in range(0, len(shots) - size + 1, size):
            part = shots[begin : begin + size]
            if part[-1][0] - part[0][0] <= FRAMES_APART:
                found.append(Vehicle(truth, tuple(read for _, read in part)))
    return found


def copies(vehicles: Sequence[Vehicle], *, changed: bool) -> list[Vehicle]:
    """Return vehicles whose first read comes twice, the second time with one symbol changed."""
    rng = np.random.default_rng(SEED)
    firsts = [replace(one, reads=one.reads[:1]) for one in vehicles if one.reads]
    return [
        replace(one, reads=(one.reads[0], _changed(one.reads[0], rng) if changed else one.reads[0]))
        for one in firsts
    ]


def _changed(read: Read, rng: np.random.Generator) -> Read:
    symbols = list(read.pattern.symbols)
    place = int(rng.integers(len(symbols)))
    symbols[place] = SYMBOLS[int(rng.integers(len(SYMBOLS)))]
    return replace(read, pattern=Pattern(tuple(symbols), read.pattern.separators))
