"""What is open -> the use cases that are made of it: of requests, of rounds, of commands."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from plate_match.report import Report
from service import clock
from service.adapters.db import Database
from service.adapters.feed_folder import Declarations
from service.adapters.hotlist_files import HotlistFiles
from service.adapters.inbox import Inbox
from service.adapters.issuer.tokens import IssuerTokens
from service.adapters.rates import Rates
from service.adapters.refused_files import RefusedFiles
from service.adapters.witness_folder import WitnessFolder
from service.current import CurrentSnapshot
from service.metrics import Metrics
from service.settings import Settings
from service.state import State
from service.usecases.budget import Budget, Limits
from service.usecases.canary import Canary, caller_of
from service.usecases.feed_files import FeedFiles
from service.usecases.follow_up import FollowUp
from service.usecases.hotlist_status import HotlistStatus
from service.usecases.keep_entries import KeepEntries
from service.usecases.keep_partners import KeepPartners
from service.usecases.keep_people import KeepPeople
from service.usecases.match_back import MatchBack
from service.usecases.purge import Purge, Retention
from service.usecases.read_history import ReadHistory
from service.usecases.refuse import Refuse
from service.usecases.replay_sighting import ReplaySighting
from service.usecases.report_sighting import ReportSighting
from service.usecases.stand_down_hits import StandDownHits
from service.usecases.take_token import TakeToken
from service.usecases.tell_witness import TellWitness
from service.usecases.watch_walks import WatchWalks

Reading = Callable[[bytes], Report]
"""Returns the report of a request that was stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is open, and what is made of it."""

    settings: Settings
    database: Database
    files: HotlistFiles
    current: CurrentSnapshot
    metrics: Metrics
    secret: bytes
    declarations: Declarations
    inbox: Inbox
    tokens: IssuerTokens | None
    budget: Budget
    refuse: Refuse

    def follow_up(self, reading: Reading) -> FollowUp:
        """Return what looks at hits and sightings when the list changes."""
        match_back = MatchBack(
            versions=self.files,
            entries=self.database.entries,
            past=self.database.past_sightings,
            reading=reading,
            metrics=self.metrics,
            window=timedelta(hours=self.settings.match_back_hours),
            base_rate=self.settings.base_rate,
        )
        stand_down = StandDownHits(self.database.open_hits, self.metrics)
        return FollowUp(current=self.current, stand_down=stand_down, match_back=match_back)

    def watch_walks(self) -> WatchWalks:
        """Return what looks for walks through plates."""
        return WatchWalks(
            reads=self.database.guards_reads,
            metrics=self.metrics,
            secret=self.secret,
            window=self.settings.walk_hours * clock.HOUR,
        )

    def tell_witness(self, folder: Path) -> TellWitness:
        """Return what tells the witness of the audit."""
        return TellWitness(
            trail=self.database.audit,
            witness=WitnessFolder(folder),
            metrics=self.metrics,
            pause=timedelta(minutes=self.settings.witness_minutes),
        )

    def state(self, reading: Reading) -> State:
        """Return the use cases of requests, and what the edge needs around them."""
        database, settings = self.database, self.settings
        recorder, secret = database.recorder, self.secret
        return State(
            credentials=database.credentials,
            rates=Rates(settings.requests_a_minute),
            refuse=self.refuse,
            report_sighting=self._report_sighting(),
            read_history=self._read_history(),
            replay_sighting=self._replay_sighting(reading),
            keep_entries=KeepEntries(
                entries=database.entries,
                partners=database.partners,
                recorder=recorder,
                refuse=self.refuse,
                secret=secret,
            ),
            keep_partners=self._keep_partners(),
            keep_people=self._keep_people(),
            registered_only=settings.registered_only,
            hotlist_status=HotlistStatus(self.current, database.feed_history),
            feed_files=FeedFiles(
                declared=self.declarations.of,
                inbox=self.inbox,
                history=database.feed_history,
                recorder=recorder,
                secret=secret,
            ),
            take_token=self._take_token(),
            metrics=self.metrics,
            pings=(database.ping,),
            contact=settings.contact,
            now=clock.now,
            least_symbols=settings.least_symbols,
            ready_when_stale=settings.ready_when_stale,
            longest_entry=timedelta(hours=settings.longest_entry_hours),
        )

    def _read_history(self) -> ReadHistory:
        return ReadHistory(
            history=self.database.history,
            recorder=self.database.recorder,
            secret=self.secret,
            kept=retention_of(self.settings).sightings,
        )

    def _replay_sighting(self, reading: Reading) -> ReplaySighting:
        return ReplaySighting(
            history=self.database.history,
            recorder=self.database.recorder,
            entries=self.database.entries,
            build=lambda name: self.files.snapshot(name).matcher,
            reading=reading,
        )

    def _take_token(self) -> TakeToken | None:
        if self.tokens is None:
            return None
        return TakeToken(tokens=self.tokens, holders=self.database.credentials)

    def _keep_partners(self) -> KeepPartners:
        return KeepPartners(
            partners=self.database.partners,
            recorder=self.database.recorder,
            secret=self.secret,
            registered_only=self.settings.registered_only,
        )

    def _keep_people(self) -> KeepPeople:
        return KeepPeople(
            partners=self.database.partners,
            recorder=self.database.recorder,
            secret=self.secret,
            registered_only=self.settings.registered_only,
        )

    def canary(self, loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
        """Return what sends a sighting of a test entry, called from a thread."""
        bird = Canary(
            current=self.current,
            register=self.database.credentials,
            report=self._report_sighting(),
            history=self.database.history,
            metrics=self.metrics,
        )

        def look() -> None:
            entry = bird.entry()
            if entry is not None:
                caller = caller_of(self.database.credentials, now=clock.now())
                asyncio.run_coroutine_threadsafe(bird.sing(caller, entry), loop).result()

        return look

    def _report_sighting(self) -> ReportSighting:
        return ReportSighting(
            current=self.current,
            recorder=self.database.recorder,
            history=self.database.history,
            refuse=self.refuse,
            metrics=self.metrics,
            secret=self.secret,
            base_rate=self.settings.base_rate,
            kept=retention_of(self.settings).sightings,
            budget=self.budget,
        )


def limits_of(settings: Settings) -> Limits:
    """Return how much guards may be told."""
    return Limits(
        person_day=settings.person_bits_a_day,
        person_month=settings.person_bits_a_month,
        firm_month=settings.firm_bits_a_month,
        least_bits=settings.least_bits,
    )


def retention_of(settings: Settings) -> Retention:
    """Return how long each kind is kept."""
    hits = timedelta(days=settings.keep_hits_days)
    return Retention(
        sightings=timedelta(hours=settings.keep_sightings_hours),
        hits=hits,
        entries=hits,
        versions=timedelta(days=settings.keep_versions_days),
        audit=timedelta(days=366 * settings.keep_audit_years),
        people=timedelta(days=settings.keep_people_days),
    )


def purge_of(settings: Settings, database: Database, files: HotlistFiles) -> Purge:
    """Return what erases what is due."""
    return Purge(
        erasure=database.erasure,
        people=database.people_erasure,
        trail=database.audit,
        versions=files,
        history=database.feed_history,
        refused=RefusedFiles(settings.data),
        retention=retention_of(settings),
    )
