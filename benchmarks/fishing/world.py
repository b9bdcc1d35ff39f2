"""The real use cases on a real database in a folder of its own, by a clock that is set."""

import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from plate_match.channel import Source
from plate_match.report import Look, Report, read_of
from plate_match.revealed import Question
from service import clock
from service.adapters.db import Database, open_database
from service.adapters.hotlist_files import HotlistFiles
from service.api.sighting_checks import report_of_request
from service.feed_records import Offer
from service.lifespan import running
from service.records import Caller, Role
from service.settings import Settings
from service.spending import Charge
from service.usecases.budget import Budget
from service.usecases.credentials import issue
from service.usecases.load_hotlist import LoadHotlist
from service.usecases.report_sighting import ReportSighting
from service.usecases.watch_walks import WatchWalks
from service.usecases.write_down import Sighting

FIRM = "Synthetic Security"

NONE = {
    "person_bits_a_day": 0,
    "person_bits_a_month": 0,
    "firm_bits_a_month": 0,
    "least_bits": 0,
}


@dataclass(frozen=True, slots=True)
class Cars:
    """Plates that are listed, and others that drive."""

    listed: list[str]
    others: list[str]


@dataclass(slots=True)
class Told:
    """What a caller was shown: plates, and those that were likelier than not."""

    reads: int = 0
    asked: float = 0.0
    shown: set[str] = field(default_factory=set)
    sure: set[str] = field(default_factory=set)
    hits: int = 0


@dataclass(frozen=True, slots=True)
class Counting(Budget):
    """A budget that adds up what questions cost."""

    told: Told = field(default_factory=Told)

    def charge(self, caller: Caller, question: Question, *, at: int) -> Charge | None:
        charge = Budget.charge(self, caller, question, at=at)
        self.told.asked += question.asked
        return charge


@dataclass(slots=True)
class World:
    """A service with callers of one firm, at a moment."""

    report: ReportSighting
    watch: WatchWalks | None
    callers: list[Caller]
    told: Told
    now: int

    async def ask(self, caller: Caller, text: str, source: Source) -> dict[str, Any]:
        """Report a read and return the answer; raises what the service refuses with."""
        asked_before = self.told.asked
        seen = Sighting(
            report=Report((Look(read_of(text, source=source), source),)),
            typed=(text,),
            seen_at=self.now,
            purpose="offences",
            request=json.dumps(
                {
                    "read": text,
                    "source": source,
                    "seenAt": clock.to_text(self.now),
                    "purpose": "offences",
                }
            ).encode(),
        )
        try:
            reported = await replace(self.report, now=lambda: self.now)(caller, seen)
        except Exception:
            self.told.asked = asked_before
            raise
        answer: dict[str, Any] = orjson.loads(reported.answer)
        self.told.reads += 1
        self.told.hits += len(answer["hits"])
        for hit in answer["hits"]:
            self.told.shown.add(hit["plate"])
            if hit["confidence"] >= 0.5:
                self.told.sure.add(hit["plate"])
        return answer

    def watched(self) -> None:
        """Look for walks."""
        if self.watch is not None:
            self.watch.look()


@asynccontextmanager
async def world(listed: list[str], keys: int, *, limited: bool) -> AsyncIterator[World]:
    """Serve a list to guards of one firm, with the default limits or none but that of requests."""
    data = Path(tempfile.mkdtemp(prefix="fishing-"))
    try:
        with open_database(data=data) as database:
            _load(data, listed, database)
            callers = [_guard(database, number) for number in range(keys)]
            limits: dict[str, Any] = {} if limited else NONE
            settings = Settings(data=data, canary_minutes=0, walk_hours=0, **limits)
            async with running(settings, report_of_request) as state:
                use, told, now = state.report_sighting, Told(), clock.now()
                counting = Counting(use.budget.limits, use.budget.secret, told=told)
                report = replace(use, budget=counting)
                made = World(report, None, callers, told, now)
                if limited:
                    made.watch = _watch(made, database)
                yield made
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _watch(made: World, database: Database) -> WatchWalks:
    hours = Settings().walk_hours
    return WatchWalks(
        reads=database.guards_reads,
        metrics=made.report.metrics,
        secret=made.report.budget.secret,
        window=hours * clock.HOUR,
        now=lambda: made.now,
    )


def _load(data: Path, listed: list[str], database: Database) -> None:
    file = data / "synthetic.jsonl"
    entries = (
        {"plate": plate, "reference": f"SYN-{number}", "category": "burglary"}
        for number, plate in enumerate(listed)
    )
    file.write_text("".join(json.dumps(one) + "\n" for one in entries), encoding="utf-8")
    loading = LoadHotlist(HotlistFiles(data / "hotlist"), database.feed_history)
    loading.load(Offer(file), "synthetic", now=clock.now())


def _guard(database: Database, number: int) -> Caller:
    issued, _ = issue(
        database.credentials, Role.GUARD, FIRM, person=f"guard {number}", now=clock.now()
    )
    return Caller(issued.id, Role.GUARD, FIRM, issued.person)
