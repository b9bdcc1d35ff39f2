"""The quality that is to be reached, row by row, beside RapidFuzz, on reads of unseen plates.

    python -m benchmarks.accuracy.quality FOLDER [--sample N] [--lists N] [--json FILE]

FOLDER holds the misreads and `wanted_dev_100k.txt`. The reads are split by truth plate: what
judges one half is fitted on the other. Every read plays two roles: with its plate on the list,
and as an innocent one against lists without it, weighed to what is in traffic.
"""

import argparse
import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.accuracy.__main__ import fitted_without, half_of
from benchmarks.fit.reads import GOOD_READER
from benchmarks.speed.wanted import draw
from plate_match.channel import Channel, Source
from plate_match.hotlist import Hotlist
from plate_match.matcher import Matcher
from plate_match.plate import Plate
from service import clock
from service.cli.base_rates import BaseRates
from service.cli.evaluate.judging import Judge, Judged
from service.cli.evaluate.rivals import Rivals
from service.cli.evaluate.stream import stream_of
from service.cli.evaluate.verdict import document_of
from service.cli.interrupts import unwinding
from service.cli.reads import open_reads
from service.cli.survey import survey_of
from service.cli.terminal import progress
from service.cli.vehicles import Gathering
from service.cli.workers import cores, in_order

SEED = 20261125

CLASSES = {
    "good reader": ("rendered_ocr.csv", frozenset({GOOD_READER}), Source.CAMERA),
    "all rendered": ("rendered_ocr.csv", frozenset[str](), Source.CAMERA),
    "street video": ("real_dutch_readers.csv", frozenset[str](), Source.CAMERA),
    "people (simulated)": ("human_sim.csv", frozenset[str](), Source.EYESIGHT),
}
"""File, readers or all of them, and what they are reported as."""

BASE_RATES = ("0.01", "0.1")

Row = dict[str, str]


def rows_of(folder: Path, name: str, sample: int) -> list[Row]:
    """Return the rows of a class; a sample of so many, or all for 0."""
    file, readers, _ = CLASSES[name]
    with (folder / file).open(encoding="utf-8") as lines:
        found = [row for row in csv.DictReader(lines) if not readers or row["reader"] in readers]
    if not 0 < sample < len(found):
        return found
    chosen = np.random.default_rng(SEED).choice(len(found), sample, replace=False)
    return [found[place] for place in sorted(chosen.tolist())]


def write_reads(path: Path, rows: Iterable[Row], source: Source) -> None:
    """Write rows as a file of reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("id", "read", "source", "char_conf", "truth"))
        for number, row in enumerate(rows):
            sure = json.loads(row["char_conf"]) if row["char_conf"] else []
            plain = " ".join(map(str, sure)) if len(sure) == len(row["read"]) else ""
            out.writerow((number, row["read"], source.value, plain, row["truth"]))


def judged(matcher: Matcher, reads: Path, rates: BaseRates) -> list[Judged]:
    """Judge a file of reads against a list."""
    with unwinding("nothing was measured") as interrupts, progress() as shown:
        opened = open_reads(reads, "truth")
        survey = survey_of(opened, shown, interrupts, workers=cores())
        gathering = Gathering(opened, survey, Source.EYESIGHT)
        at = clock.to_datetime(clock.now())
        judge = Judge(matcher, Rivals(tuple(matcher.index.plates)), gathering, rates, at)
        found: list[Judged] = []
        with closing(in_order(judge.judge, survey.chunks, workers=cores())) as verdicts:
            for one in verdicts:
                found += one.judged
        return found


class Lists:
    """The wanted list, and lists of as many others on which no judged plate stands."""

    def __init__(self, folder: Path, truths: frozenset[str], count: int) -> None:
        text = (folder / "wanted_dev_100k.txt").read_text(encoding="utf-8")
        wanted = [Plate(line.replace("-", "")) for line in text.split()]
        self.own = Matcher.build(Hotlist.of_plates(wanted))
        rest = [plate for plate in wanted if plate not in truths]
        self.innocent = [Matcher.build(Hotlist.of_plates(rest))]
        for number in range(1, count):
            drawn = draw(len(wanted), 0, seed=SEED + number).wanted.astype(str).tolist()
            plates = [Plate(text) for text in drawn if text not in truths]
            self.innocent.append(Matcher.build(Hotlist.of_plates(plates)))


class Bench:
    """What every run needs: the lists, a channel for each half, and a place for its reads."""

    def __init__(self, lists: Lists, channels: Sequence[Channel], place: Path) -> None:
        self.lists, self.channels, self.place = lists, channels, place

    def played(
        self, rows: Sequence[Row], source: Source, rates: BaseRates
    ) -> tuple[list[Judged], list[Judged]]:
        """Judge rows in both roles, each half by the channel that has not seen its plates."""
        own: list[Judged] = []
        innocent: list[Judged] = []
        for half, channel in enumerate(self.channels):
            path = self.place / "reads.csv"
            write_reads(path, (row for row in rows if half_of(row["truth"]) == half), source)
            own += judged(replace(self.lists.own, channel=channel), path, rates)
            for matcher in self.lists.innocent:
                innocent += judged(replace(matcher, channel=channel), path, rates)
        return own, innocent


def figures(own: Sequence[Judged], innocent: Sequence[Judged], rates: BaseRates) -> dict[str, Any]:
    """Return the document of an evaluation, and recall of inexact reads."""
    document = document_of(stream_of(own, innocent, rates))
    inexact = [one for one in own if one.kind != "exact"]
    document["inexact"] = {
        f"at{k}": sum(0 < one.rank <= k for one in inexact) / max(len(inexact), 1) for k in (1, 5)
    }
    document["counts"] = {"reads": len(own), "inexact": len(inexact), "innocent": len(innocent)}
    return document


def lines(name: str, by_rate: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield the rows of a class."""
    low, high = by_rate["0.01"], by_rate["0.1"]
    counts, recall, inexact = low["counts"], low["recall"], low["inexact"]
    yield f"{name}: {counts['reads']:,} reads, {counts['innocent']:,} innocent"
    yield f"  first / in five: {_pair(recall['at1']['value'], recall['at5']['value'])}"
    yield f"  its {counts['inexact']:,} inexact reads: {_pair(inexact['at1'], inexact['at5'])}"
    for rule in low["alerts"]:
        at = [f"{100 * one['value']:.1f} %{_mark(one)}" for one in rule["atOnePer"]]
        yield f"  alerted at 1/1,000 and 1/10,000, {rule['rule']}: {' / '.join(at)}"
    for rate, document in (("1 %", low), ("10 %", high)):
        chance = document["probability"]
        worst = chance["worst"]
        segment = (
            f"{_beside_chance(worst)} ({worst['by']}: {worst['name'].strip()})" if worst else "-"
        )
        error = _beside_chance(chance)
        yield f"  at a base rate of {rate}: calibration error {error}, worst segment {segment}"
        yield f"    Brier {chance['brier']:.5f}, log loss {chance['logLoss']:.5f}"


def _pair(first: float, five: float) -> str:
    return f"{100 * first:.1f} / {100 * five:.1f} %"


def _beside_chance(one: dict[str, Any]) -> str:
    """Return a calibration error, and what it would be if all that is said were true."""
    return f"{one['calibrationError']['value']:.3f} (by chance {one['byChance']:.3f})"


def _mark(one: dict[str, Any]) -> str:
    return "" if one["resolved"] else " (not resolved)"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=4000, help="reads a class; 0 for all")
    parser.add_argument("--lists", type=int, default=2, help="lists of innocent reads")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows = {name: rows_of(asked.folder, name, asked.sample) for name in CLASSES}
    truths = frozenset(row["truth"].replace("-", "") for one in rows.values() for row in one)
    channels = [fitted_without(asked.folder, half) for half in (0, 1)]
    lists = Lists(asked.folder, truths, asked.lists)
    saved: dict[str, dict[str, dict[str, Any]]] = {}
    with TemporaryDirectory() as place:
        bench = Bench(lists, channels, Path(place))
        for name, some in rows.items():
            saved[name] = {}
            for rate in BASE_RATES:
                rates = BaseRates.of((rate,))
                own, innocent = bench.played(some, CLASSES[name][2], rates)
                saved[name][rate] = figures(own, innocent, rates)
            print("\n".join(lines(name, saved[name])), flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(saved, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
