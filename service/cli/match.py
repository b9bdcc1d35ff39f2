"""`plate-match match`: a file of reads -> a file of hits, on all cores, in bounded memory."""

import csv
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from plate_match.channel import Source
from plate_match.feed.lines import Line
from plate_match.matcher import Matcher
from service import clock
from service.cli.hotlist_file import load
from service.cli.outputs import places, written
from service.cli.reads import ReadsFile, Reject, Row, Survey, open_reads
from service.cli.terminal import Progress, progress, say, say_json, say_rejects
from service.cli.workers import in_order

CHUNK = 100
"""Rows a worker is given at a time: some seconds at most, so that progress shows."""

SHOWN = 5
"""Rejects that are told on stderr."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one run; `rejects` is None if nobody wants them."""

    hotlist: Path
    reads: Path
    output: Path
    rejects: Path | None

    @property
    def outputs(self) -> dict[str, Path]:
        """What is to be written, by the option that names it."""
        outputs = {"--output": self.output, "--rejects": self.rejects}
        return {option: path for option, path in outputs.items() if path is not None}


@dataclass(frozen=True, slots=True)
class Options:
    """How reads are matched; `source` is that of rows that name none."""

    source: str
    base_rate: float
    limit: int
    min_confidence: float


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of some rows, in their order."""

    rows: int
    without_hit: int
    hits: list[tuple[str, int, str, float, float]]
    rejects: list[Reject]


@dataclass(frozen=True, slots=True)
class Desk:
    """What answers rows; one is given to every worker when it starts."""

    matcher: Matcher
    reads: ReadsFile
    options: Options
    survey: Survey
    at: int

    def answer(self, lines: list[Line]) -> Answered:
        """Match some lines of the file of reads."""
        hits: list[tuple[str, int, str, float, float]] = []
        rejects: list[Reject] = []
        without = 0
        looks = self.reads.looks(lines, source=Source(self.options.source), survey=self.survey)
        for look in looks:
            if isinstance(look, Reject):
                rejects.append(look)
                continue
            found = list(self._hits(look))
            hits += found
            without += not found
        return Answered(len(lines), without, hits, rejects)

    def _hits(self, look: Row) -> Iterator[tuple[str, int, str, float, float]]:
        found = self.matcher.search(
            look.report, at=clock.to_datetime(self.at), base_rate=self.options.base_rate
        )
        answer = found.answer(limit=self.options.limit, min_confidence=self.options.min_confidence)
        for hit in answer.hits:
            yield look.id, hit.rank, hit.plate, hit.confidence, hit.similarity


@dataclass(slots=True)
class Summary:
    """The counts of a run: every row is with hits, without a hit, or a reject."""

    reads: int = 0
    hits: int = 0
    without_hit: int = 0
    rejected: int = 0
    first_rejects: list[Reject] = field(default_factory=list)

    def add(self, answered: Answered) -> None:
        """Count what came of some rows."""
        self.reads += answered.rows
        self.hits += len(answered.hits)
        self.without_hit += answered.without_hit
        self.rejected += len(answered.rejects)
        self.first_rejects += answered.rejects[: SHOWN - len(self.first_rejects)]

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
        Refused: a worker was ended from outside; nothing was written.
    """
    with _ended_by_sigterm() as check:
        summary = _matched(files, options, check)
    summary.show(as_json=as_json)


def _matched(files: Files, options: Options, check: Callable[[], None]) -> Summary:
    into = places(files.outputs, {"--hotlist": files.hotlist, "--reads": files.reads})
    reads = open_reads(files.reads)
    if reads.unused:
        say(f"columns that play no part: {', '.join(reads.unused)}")
    with progress() as shown:
        matcher = load(files.hotlist, shown)
        shown.phase("looking through the reads")
        desk = Desk(matcher, reads, options, reads.survey(), clock.now())
        return _run(desk, into, shown, check=check)


@contextmanager
def _ended_by_sigterm() -> Iterator[Callable[[], None]]:
    """While inside, let SIGTERM unwind this process, so that what it has begun is cleared away.

    Yields what ends it where that was in vain: what is raised at some moments goes unheard,
    such as while a process is forked.
    """
    told: list[int] = []

    def check() -> None:
        if told:
            sys.exit(128 + told[0])

    def end(number: int, _: object) -> None:
        if not told:
            told.append(number)
            check()

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield check
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(
    desk: Desk, into: Mapping[str, Path], shown: Progress, *, check: Callable[[], None]
) -> Summary:
    summary = Summary()
    shown.phase("matching", desk.survey.rows)
    with ExitStack() as opened:
        hits = csv.writer(opened.enter_context(written(into["--output"])), lineterminator="\n")
        hits.writerow(("id", "rank", "plate", "confidence", "similarity"))
        rejects = None
        if "--rejects" in into:
            file = opened.enter_context(written(into["--rejects"]))
            rejects = csv.writer(file, lineterminator="\n")
            rejects.writerow(("id", "reason"))
        for answered in opened.enter_context(
            closing(in_order(desk.answer, _chunks(desk.reads.lines())))
        ):
            hits.writerows(answered.hits)
            if rejects is not None:
                rejects.writerows((reject.id, reject.reason) for reject in answered.rejects)
            summary.add(answered)
            shown.advance(answered.rows)
            check()
    return summary


def _chunks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    rest = iter(lines)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
