"""`plate-match match`: a file of reads -> a file of hits, on all cores, in bounded memory."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from pathlib import Path

from plate_match.channel import Source
from plate_match.errors import PlateMatchError
from plate_match.matcher import Matcher
from service import clock
from service.cli.base_rates import BaseRates
from service.cli.chunks import Chunk
from service.cli.hotlist_file import load
from service.cli.interrupts import Interrupts, unwinding
from service.cli.outputs import places, written
from service.cli.reads import Reject, open_reads
from service.cli.survey import survey_of
from service.cli.terminal import Progress, progress, say, say_json, say_rejects
from service.cli.vehicles import Gathering, Vehicle
from service.cli.workers import in_order

SHOWN = 5
"""Rejects that are told on stderr."""

Hits = list[tuple[str, int, str, float, float]]


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one run; `rejects` and `registry` are None if nobody has them."""

    hotlist: Path
    reads: Path
    output: Path
    rejects: Path | None
    registry: Path | None = None

    @property
    def inputs(self) -> dict[str, Path]:
        """What is read, by the option that names it."""
        inputs = {"--hotlist": self.hotlist, "--reads": self.reads, "--registry": self.registry}
        return {option: path for option, path in inputs.items() if path is not None}

    @property
    def outputs(self) -> dict[str, Path]:
        """What is to be written, by the option that names it."""
        outputs = {"--output": self.output, "--rejects": self.rejects}
        return {option: path for option, path in outputs.items() if path is not None}


@dataclass(frozen=True, slots=True)
class Options:
    """How reads are matched; `source` is that of rows that name none."""

    source: Source
    base_rates: BaseRates
    limit: int
    min_confidence: float
    workers: int


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of the vehicles of a chunk: lines for the file of hits, rejects, and counts.

    A row is counted once: as a look at a vehicle with hits or without one, or as a reject.
    """

    lines: str
    rejects: list[Reject]
    hits: int
    looks: int
    without_hit: int


@dataclass(frozen=True, slots=True)
class Desk:
    """What answers chunks of rows; one is given to every worker when it starts."""

    matcher: Matcher
    gathering: Gathering
    options: Options
    at: datetime

    def answer(self, chunk: Chunk) -> Answered:
        """Match the vehicles whose first row lies in this chunk."""
        hits: Hits = []
        rejects: list[Reject] = []
        looks = without = 0
        for one in self.gathering.vehicles(chunk):
            if isinstance(one, Reject):
                rejects.append(one)
                continue
            try:
                found = self._hits(one)
            except PlateMatchError as fault:
                rejects += [Reject(one.id, f"line {one.line}: {fault}")] * len(one.rows)
                continue
            hits += found
            looks += len(one.rows)
            without += 0 if found else len(one.rows)
        return Answered(_lines(hits), rejects, len(hits), looks, without)

    def _hits(self, vehicle: Vehicle) -> Hits:
        options, report = self.options, vehicle.report
        rate = options.base_rates[report.looks[0].source]
        found = self.matcher.search(report, at=self.at, base_rate=rate)
        answer = found.answer(limit=options.limit, min_confidence=options.min_confidence)
        return [
            (vehicle.id, hit.rank, hit.plate, hit.confidence, hit.similarity) for hit in answer.hits
        ]


@dataclass(slots=True)
class Summary:
    """The counts of a run: every row is with hits, without a hit, or a reject."""

    reads: int = 0
    hits: int = 0
    without_hit: int = 0
    rejected: int = 0
    first_rejects: list[Reject] = field(default_factory=list)

    def add(self, answered: Answered) -> int:
        """Count what came of a chunk, and return how many rows that is."""
        rows = answered.looks + len(answered.rejects)
        self.reads += rows
        self.hits += answered.hits
        self.without_hit += answered.without_hit
        self.rejected += len(answered.rejects)
        self.first_rejects += answered.rejects[: SHOWN - len(self.first_rejects)]
        return rows

    def show(self, *, as_json: bool) -> None:
        """Write the counts: JSON to stdout, or a sentence to stderr."""
        if as_json:
            say_json(
                {
                    "reads": self.reads,
                    "hits": self.hits,
                    "readsWithoutHit": self.without_hit,
                    "rejects": self.rejected,
                }
            )
            return
        rejects = ((reject.id or "no id", reject.reason) for reject in self.first_rejects)
        say_rejects(rejects, rejected=self.rejected, shown=SHOWN)
        say(
            f"{self.reads:,} reads: {self.hits:,} hits, {self.without_hit:,} reads without a hit, "
            f"{self.rejected:,} rejects"
        )


def match(files: Files, options: Options, *, as_json: bool) -> None:
    """Match every row of the file of reads; the files of output appear whole, at the end.

    Raises:
        WrongUse: a file cannot be read or written.
        Refused: a worker was ended from outside, or the file of reads changed on the way;
            nothing was written.
    """
    with unwinding("nothing was written") as interrupts:
        into = places(files.outputs, files.inputs)
        reads = open_reads(files.reads)
        if unused := reads.unused():
            say(f"columns that play no part: {', '.join(unused)}")
        with progress() as shown:
            survey = survey_of(reads, shown, interrupts, workers=options.workers)
            matcher = load(files.hotlist, shown, registry=files.registry)
            gathering = Gathering(reads, survey, options.source)
            desk = Desk(matcher, gathering, options, clock.to_datetime(clock.now()))
            summary = _run(desk, into, shown, interrupts=interrupts)
    summary.show(as_json=as_json)


def _run(
    desk: Desk, into: Mapping[str, Path], shown: Progress, *, interrupts: Interrupts
) -> Summary:
    summary, survey = Summary(), desk.gathering.survey
    shown.phase("matching", survey.rows)
    with ExitStack() as opened:
        hits = opened.enter_context(written(into["--output"]))
        hits.write("id,rank,plate,confidence,similarity\n")
        rejects = None
        if "--rejects" in into:
            rejects = opened.enter_context(written(into["--rejects"]))
            rejects.write("id,reason\n")
        workers = min(desk.options.workers, len(survey.chunks))
        answers = in_order(desk.answer, survey.chunks, workers=workers)
        for answered in opened.enter_context(closing(answers)):
            hits.write(answered.lines)
            if rejects is not None:
                rejects.write(_lines((one.id, one.reason) for one in answered.rejects))
            shown.advance(summary.add(answered))
            interrupts.check()
        desk.gathering.reads.check()
        interrupts.finish()
    return summary


def _lines(rows: Iterable[Sequence[object]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
