"""`plate-match evaluate`: a hotlist and labelled reads -> figures, as text, JSON and a page."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from plate_match.channel import Source
from plate_match.hotlist import Hotlist
from plate_match.plate import Plate
from service import clock
from service.cli.base_rates import BaseRates
from service.cli.evaluate.judging import Judge, Judged
from service.cli.evaluate.page import page_of
from service.cli.evaluate.rivals import Rivals
from service.cli.evaluate.stream import stream_of, without_innocent
from service.cli.evaluate.tables import show
from service.cli.evaluate.verdict import Document, document_of
from service.cli.hotlist_file import listed, matcher_of
from service.cli.interrupts import Interrupts, unwinding
from service.cli.outputs import written
from service.cli.reads import Reject, open_reads
from service.cli.survey import survey_of
from service.cli.terminal import Progress, WrongUse, page, progress, say, say_json, say_rejects
from service.cli.vehicles import Gathering
from service.cli.workers import in_order

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one run; `output` is a folder, and None if nothing is to be saved."""

    hotlist: Path
    reads: Path
    output: Path | None
    registry: Path | None


@dataclass(slots=True)
class _Gathered:
    """What came of all chunks."""

    judged: list[Judged] = field(default_factory=list)
    first_rejects: list[Reject] = field(default_factory=list)
    rejected: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class _Run:
    """What all steps of a run need."""

    gathering: Gathering
    shown: Progress
    interrupts: Interrupts
    workers: int

    def judged(self, judge: Judge) -> _Gathered:
        """Judge every chunk, on all cores."""
        gathered = _Gathered()
        chunks = self.gathering.survey.chunks
        workers = min(self.workers, len(chunks))
        with closing(in_order(judge.judge, chunks, workers=workers)) as verdicts:
            for one in verdicts:
                gathered.judged += one.judged
                gathered.rows += one.rows
                gathered.rejected += len(one.rejects)
                gathered.first_rejects += one.rejects[: _SHOWN - len(gathered.first_rejects)]
                self.shown.advance(one.rows)
                self.interrupts.check()
        return gathered


def evaluate(
    files: Files, rates: BaseRates, source: Source, *, workers: int, as_json: bool
) -> None:
    """Judge every vehicle of the file of reads, print the figures, and save them if asked.

    Raises:
        WrongUse: a file cannot be read or written, or holds no listed vehicle to judge.
        Refused: a worker was ended from outside, or the file of reads changed on the way.
    """
    with unwinding("nothing was written") as interrupts, progress() as shown:
        reads = open_reads(files.reads, "truth")
        survey = survey_of(reads, shown, interrupts, workers=workers)
        run = _Run(Gathering(reads, survey, source), shown, interrupts, workers)
        document = _document(run, files, rates)
        reads.check()
        interrupts.finish()
        if files.output:
            _save(document, files.output)
    if as_json:
        say_json(document)
    else:
        show(page(), document)


def _document(run: _Run, files: Files, rates: BaseRates) -> Document:
    hotlist = listed(files.hotlist, run.shown)
    judge = _judge(run, hotlist, rates, registry=files.registry)
    run.shown.phase("judging", run.gathering.survey.rows)
    own = run.judged(judge)
    rejects = ((reject.id or "no id", reject.reason) for reject in own.first_rejects)
    say_rejects(rejects, rejected=own.rejected, shown=_SHOWN)
    if not any(one.listed for one in own.judged):
        raise WrongUse("the reads: no row has a truth that is on the hotlist")
    played: Sequence[Judged] = []
    if sources := without_innocent(own.judged):
        truths = {one.truth for one in own.judged}
        rest = Hotlist(tuple(entry for entry in hotlist if entry.plate not in truths))
        other = _judge(run, rest, rates, registry=files.registry)
        run.shown.phase("judging innocent ones", run.gathering.survey.rows)
        played = run.judged(replace(other, only=sources)).judged
    stream = stream_of(own.judged, played, rates)
    counts = {"rows": own.rows, "rejects": own.rejected}
    model = {"version": judge.matcher.version, "baseRates": rates.named()}
    return {
        "hotlist": {"plates": len(judge.rivals.plates)},
        "model": model,
        "reads": counts,
        **document_of(stream),
    }


def _judge(run: _Run, hotlist: Hotlist, rates: BaseRates, *, registry: Path | None) -> Judge:
    at = clock.to_datetime(clock.now())
    known = {entry.plate for entry in hotlist if entry.in_force(at)}
    plates = tuple(sorted(plate for plate in known if isinstance(plate, Plate)))
    matcher = matcher_of(hotlist, run.shown, registry=registry)
    return Judge(matcher, Rivals(plates), run.gathering, rates, at)


def _save(document: Document, folder: Path) -> None:
    """Write both files, whole or not at all."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUse(f"--output {folder}: cannot be made: {error.strerror}") from None
    with ExitStack() as opened:
        for name, text in _files(document):
            opened.enter_context(written(folder.resolve() / name)).write(text)
    say(f"saved {folder / 'evaluation.json'} and {folder / 'evaluation.html'}")


def _files(document: Document) -> Iterator[tuple[str, str]]:
    yield "evaluation.json", json.dumps(document, indent=1, allow_nan=False) + "\n"
    yield "evaluation.html", page_of(document)
