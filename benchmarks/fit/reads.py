"""Folder of misreads -> labelled reads by class of reader, as the service would see them."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fit import beliefs
from benchmarks.fit.batches import Labelled
from plate_match.channel import Read, Source
from plate_match.errors import UnreadablePlate, UnsupportedReport
from plate_match.report import read_of, symbols_of

GOOD_READER = "rapidocr_ppocrv4"

PEOPLE = frozenset({"human_sim"})
"""Readers that are no machines."""

FROM_MEMORY = frozenset(
    {
        "sub_memory", "sub_random", "transpose", "group_swap", "jump", "spoken_swap", "omit",
        "add", "prefix", "suffix", "middle", "wildcard", "partial_with_error", "two_errors",
        "letters_only", "digits_only", "exact_messy",
    }
)  # fmt: skip
"""Conditions of the simulated reports that memory can bring about; eyes and ears others."""


@dataclass(frozen=True, slots=True)
class Group:
    """One class of reader.

    Attributes:
        qualities: of reading, how many.
        styles: of writing separators, how many.
        retold: how often each kind of retelling is believed to happen.
    """

    qualities: int
    styles: int = 1
    retold: tuple[float, ...] = beliefs.NOTHING_RETOLD


GROUPS = {
    "camera-good": Group(3),
    "camera-weak": Group(3),
    "camera-homemade": Group(2),
    "people": Group(4, styles=2, retold=beliefs.TYPED),
    "memory": Group(4, styles=2, retold=beliefs.TYPED),
}


def grouped(folder: Path) -> dict[str, list[Labelled]]:
    """Return the reads of each class."""
    rendered = list(labelled(folder / "rendered_ocr.csv"))
    people = list(labelled(folder / "human_sim.csv"))
    return {
        "camera-good": [one for one in rendered if one.reader == GOOD_READER],
        "camera-weak": [one for one in rendered if one.reader != GOOD_READER],
        "camera-homemade": list(labelled(folder / "real_dutch_readers.csv")),
        "people": people,
        "memory": [one for one in people if one.condition in FROM_MEMORY],
    }


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file of misreads; `labelled` is None if nothing could be read in it."""

    truth: str
    text: str
    reader: str
    labelled: Labelled | None


def labelled(path: Path) -> Iterator[Labelled]:
    """Yield the reads of one file that can be learned from.

    A read without a symbol never reaches the channel; one that doubts between symbols tells
    nothing of which of them was confused.
    """
    for row in rows(path):
        if row.labelled and all(len(place) == 1 for place in row.labelled.read.pattern.symbols):
            yield row.labelled


def rows(path: Path) -> Iterator[Row]:
    """Yield every row of one file."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            source = Source.EYESIGHT if row["reader"] in PEOPLE else Source.CAMERA
            read = _read(row["read"], row["char_conf"], source)
            found = Labelled(row["truth"], read, row["reader"], row["condition"]) if read else None
            yield Row(row["truth"], row["read"], row["reader"], found)


def _read(text: str, confidences: str, source: Source) -> Read | None:
    numbers = json.loads(confidences) if confidences else []
    given = numbers if isinstance(numbers, list) and len(numbers) == len(text) else []
    try:
        return read_of(text, symbols_of(text, given), source=source)
    except UnsupportedReport:
        return read_of(text, source=source)
    except UnreadablePlate:
        return None
