"""`plate-match match`: a file of reads -> a file of hits, on all cores, in bounded memory."""

import csv
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from typing import ClassVar, TextIO

from plate_match.channel import Source
from plate_match.feed.lines import Line
from plate_match.matcher import Matcher
from service import clock
from service.cli.hotlist_file import load
from service.cli.reads import Look, ReadsFile, Reject, Survey, open_reads
from service.cli.terminal import Progress, Refused, WrongUse, progress, say, say_json, say_rejects

CHUNK = 100
"""Rows a worker is given at a time: some seconds at most, so that progress shows."""

AHEAD = 4
"""Chunks a core that may be under way; what bounds the memory."""

SHOWN = 5
"""Rejects that are told on stderr."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one run; `rejects` is None if nobody wants them."""

    hotlist: Path
    reads: Path
    output: Path
    rejects: Path | None


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
        answered = Answered(len(lines), 0, [], [])
        without = 0
        looks = self.reads.looks(lines, source=Source(self.options.source), survey=self.survey)
        for look in looks:
            if isinstance(look, Reject):
                answered.rejects.append(look)
                continue
            hits = list(self._hits(look))
            answered.hits.extend(hits)
            without += not hits
        return Answered(answered.rows, without, answered.hits, answered.rejects)

    def _hits(self, look: Look) -> Iterator[tuple[str, int, str, float, float]]:
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
    reads = open_reads(files.reads)
    if reads.unused:
        say(f"columns that play no part: {', '.join(reads.unused)}")
    with progress() as shown:
        matcher = load(files.hotlist, shown)
        shown.phase("looking through the reads")
        desk = Desk(matcher, reads, options, reads.survey(), clock.now())
        summary = _run(desk, files, shown)
    summary.show(as_json=as_json)


def _run(desk: Desk, files: Files, shown: Progress) -> Summary:
    summary = Summary()
    shown.phase("matching", desk.survey.rows)
    with ExitStack() as opened:
        hits = csv.writer(opened.enter_context(_written(files.output)), lineterminator="\n")
        hits.writerow(("id", "rank", "plate", "confidence", "similarity"))
        rejects = None
        if files.rejects is not None:
            rejects = csv.writer(opened.enter_context(_written(files.rejects)), lineterminator="\n")
            rejects.writerow(("id", "reason"))
        for answered in _answers(desk):
            hits.writerows(answered.hits)
            if rejects is not None:
                rejects.writerows((reject.id, reject.reason) for reject in answered.rejects)
            summary.add(answered)
            shown.advance(answered.rows)
    return summary


def _answers(desk: Desk) -> Iterator[Answered]:
    """Yield what the workers make of each chunk, in the order of the file."""
    cores = os.cpu_count() or 1
    # Forked workers share the index with this process; elsewhere each gets a copy.
    method = "fork" if "fork" in get_all_start_methods() else "spawn"
    pool = ProcessPoolExecutor(cores, get_context(method), _Worker.begin, (desk,))
    under_way: deque[Future[Answered]] = deque()
    try:
        for chunk in _chunks(desk.reads.lines()):
            under_way.append(pool.submit(_Worker.answer, chunk))
            if len(under_way) >= AHEAD * cores:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    except BrokenProcessPool:
        raise Refused("a worker was ended from outside; nothing was written") from None
    finally:
        pool.shutdown(cancel_futures=True)


class _Worker:
    """What a worker process keeps between chunks."""

    desk: ClassVar[Desk]

    @classmethod
    def begin(cls, desk: Desk) -> None:
        """Take the desk; an interrupt is the business of the process that hands out chunks."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        cls.desk = desk

    @classmethod
    def answer(cls, lines: list[Line]) -> Answered:
        """Match one chunk."""
        return cls.desk.answer(lines)


def _chunks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    rest = iter(lines)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


@contextmanager
def _written(path: Path) -> Iterator[TextIO]:
    """Open a file that appears under its name once all of it is written, or not at all."""
    if path.exists() and not path.is_file():
        raise WrongUse(f"{path}: is no regular file")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        file = unfinished.open("x", encoding="utf-8", newline="")
    except OSError as error:
        raise WrongUse(f"{path}: cannot be written: {error.strerror}") from None
    try:
        with file:
            yield file
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
