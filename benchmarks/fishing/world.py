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

from benchmarks.fishing.asks import Asked
from plate_match.revealed import STEP
from service import clock
from service.adapters.db import Database, open_database
from service.adapters.hotlist_files import HotlistFiles
from service.api.sighting_checks import report_of_request
from service.disclosure import MOST_HITS, audience_of
from service.feed_records import Offer
from service.lifespan import running
from service.ports import Recorder
from service.records import AuditEvent, Caller, Claimed, Recording, Role
from service.settings import Settings
from service.spending import Spent
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


RISEN = 8.0
"""Times that the odds of what is listed and not shown rise, for an answer to tell of it."""


@dataclass(frozen=True, slots=True)
class Cars:
    """Plates that are listed, all in one category, and others that drive."""

    listed: list[str]
    others: list[str]
    category: str = "burglary"


@dataclass(slots=True)
class Told:
    """What a caller was told.

    Attributes:
        reads: how many were answered.
        revealed: bits that were charged for them.
        shown: plates.
        sure: those that were likelier than not.
        signals: of each plate that was told of without being shown, what was asked first.
    """

    reads: int = 0
    revealed: float = 0.0
    shown: set[str] = field(default_factory=set)
    sure: set[str] = field(default_factory=set)
    signals: dict[str, Asked] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counting:
    """A recorder that adds up what answers cost."""

    recorder: Recorder
    told: Told

    async def record(self, recording: Recording) -> Claimed | Spent | None:
        """Record, and count what was charged."""
        standing = await self.recorder.record(recording)
        if standing is None and recording.charge is not None:
            self.told.revealed += recording.charge.revealed
        return standing

    async def audit(self, event: AuditEvent) -> None:
        """Record as it is."""
        await self.recorder.audit(event)


@dataclass(slots=True)
class World:
    """A service with callers of one firm, at a moment."""

    report: ReportSighting
    watch: WatchWalks | None
    callers: list[Caller]
    told: Told
    now: int

    async def ask(self, caller: Caller, asked: Asked) -> dict[str, Any]:
        """Report a read and return the answer; raises what the service refuses with."""
        seen = Sighting(
            report=asked.report(),
            typed=asked.typed,
            seen_at=self.now,
            purpose="offences",
            request=asked.request(self.now),
        )
        reported = await replace(self.report, now=lambda: self.now)(caller, seen)
        answer: dict[str, Any] = orjson.loads(reported.answer)
        self.told.reads += 1
        for hit in answer["hits"]:
            self.told.shown.add(hit["plate"])
            if hit["confidence"] >= 0.5:
                self.told.sure.add(hit["plate"])
        if risen(answer) >= RISEN:
            self._signalled(caller, asked, {hit["plate"] for hit in answer["hits"]})
        return answer

    def _signalled(self, caller: Caller, asked: Asked, shown: set[str]) -> None:
        """Note the plate that an answer tells of most, of those that it does not show."""
        snapshot = self.report.current.get()
        if snapshot is None:
            raise ValueError("a list is in force")
        found = snapshot.matcher.search(
            asked.report(), at=clock.to_datetime(self.now), base_rate=self.report.base_rate
        )
        hits = found.answer(audience_of(caller), limit=2 * MOST_HITS, min_confidence=0.0).hits
        meant = next((hit.plate for hit in hits if hit.plate not in shown), None)
        if meant is not None:
            self.told.signals.setdefault(meant, asked)

    def watched(self) -> None:
        """Look for walks."""
        if self.watch is not None:
            self.watch.look()


def risen(answer: dict[str, Any]) -> float:
    """Return how many times likelier what is listed and not shown is than before the answer."""
    told = answer["notListed"] + sum(hit["confidence"] for hit in answer["hits"])
    rate, told = answer["model"]["baseRate"], min(max(told, STEP), 1.0)
    return float((1 - told) / told * (1 - rate) / rate)


@asynccontextmanager
async def world(cars: Cars, keys: int, *, limited: bool) -> AsyncIterator[World]:
    """Serve a list to guards of one firm, with the default limits or none but that of requests."""
    data = Path(tempfile.mkdtemp(prefix="fishing-"))
    try:
        with open_database(data=data) as database:
            _load(data, cars, database)
            callers = [_guard(database, number) for number in range(keys)]
            limits: dict[str, Any] = {} if limited else NONE
            settings = Settings(data=data, canary_minutes=0, walk_hours=0, **limits)
            async with running(settings, report_of_request) as state:
                use, told, now = state.report_sighting, Told(), clock.now()
                report = replace(use, recorder=Counting(use.recorder, told))
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


def _load(data: Path, cars: Cars, database: Database) -> None:
    file = data / "synthetic.jsonl"
    entries = (
        {"plate": plate, "reference": f"SYN-{number}", "category": cars.category}
        for number, plate in enumerate(cars.listed)
    )
    file.write_text("".join(json.dumps(one) + "\n" for one in entries), encoding="utf-8")
    loading = LoadHotlist(HotlistFiles(data / "hotlist"), database.feed_history)
    loading.load(Offer(file), "synthetic", now=clock.now())


def _guard(database: Database, number: int) -> Caller:
    issued, _ = issue(
        database.credentials, Role.GUARD, FIRM, person=f"guard {number}", now=clock.now()
    )
    return Caller(issued.id, Role.GUARD, FIRM, issued.person)
