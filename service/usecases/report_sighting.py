"""A sighting -> search -> on record with hits, alerts and audit -> answer."""

import asyncio
import hmac
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache

import orjson

from plate_match import kernel
from plate_match.found import Found
from plate_match.report import Report
from plate_match.revealed import question_of
from service import clock, ids
from service.current import CurrentSnapshot, Snapshot
from service.disclosure import Views, answer_shown, audience_of, disclosed, lasts
from service.errors import (
    Frozen,
    KeyReused,
    NoSnapshot,
    OverBudget,
    PurposeRefused,
    SightingGone,
    other_purpose,
)
from service.metrics import Metrics
from service.ports import History, Recorder, RecordingRefused, StorageError
from service.records import (
    KEY_LIVES,
    Caller,
    Claim,
    Claimed,
    Recording,
)
from service.spending import Charge, Spent
from service.usecases.acts import Act
from service.usecases.budget import Budget, over
from service.usecases.named_plates import reads_of
from service.usecases.refuse import Refusing
from service.usecases.untold import Untold, recording_of
from service.usecases.write_down import Case, Sighting, open_case, unanswered, written

POST = "POST /v1/sightings"
"""What somebody is refused who may not report this now."""

ANSWERED_AGAIN = "sighting-answered-again"
"""The action that goes with an answer that is given again under its key."""

Find = Callable[[], Found]
"""Returns what a search finds; the first call searches, later ones return the same."""


@dataclass(frozen=True, slots=True)
class Key:
    """An Idempotency-Key and the body it came with, in the form it is compared in.

    In a batch that is the body of all, and `place` the place of one sighting in it.
    """

    text: str
    body: bytes
    place: int = 0


@dataclass(frozen=True, slots=True)
class Reported:
    """The answer to a sighting, as JSON; `replayed` if it was given before under its key."""

    answer: bytes
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSighting:
    """Matches a sighting, records it, and answers; in this order.

    `kept` is how long sightings without a hit are; `budget` what guards may be told.
    """

    current: CurrentSnapshot
    recorder: Recorder
    history: History
    refuse: Refusing
    metrics: Metrics
    secret: bytes
    base_rate: float
    kept: timedelta
    budget: Budget
    untold: Untold = field(default_factory=Untold)
    now: Callable[[], int] = clock.now

    async def __call__(
        self, caller: Caller, sighting: Sighting, *, key: Key | None = None
    ) -> Reported:
        """Return the answer, once it is on record.

        Raises:
            NoSnapshot: no hotlist is in force, so there is no answer.
            KeyReused: the key was used for another body meanwhile.
            SightingGone: the key was used meanwhile, for a sighting that is gone.
            Frozen: the key was used meanwhile; what was answered is not disclosed now.
            InvalidRequest: the read says too little for a guard.
            OverBudget: the caller was told as much as they may be; that is on record, and the
                sighting for the control room alone.
            StorageUnavailable: nothing was recorded, so nothing is answered.
        """
        snapshot = self.current.get()
        if snapshot is None:
            raise NoSnapshot
        await _listed(snapshot, caller)
        claim = None if key is None else self._claim(caller, key)
        case = open_case(caller, sighting, snapshot, received_at=self.now())
        try:
            recording, claimed = await self._afforded(case, claim)
        except RecordingRefused:  # another process drew the same id: draw again, once
            case = open_case(caller, sighting, snapshot, received_at=self.now())
            recording, claimed = await self._afforded(case, claim)
        if claimed is not None and claim is not None:
            return await self._replayed(caller, claimed, claim)
        self.metrics.sighting(
            sighting.source, ((hit.categories[0], hit.disposition) for hit in recording.hits)
        )
        return Reported(recording.sighting.answer)

    async def _afforded(self, case: Case, claim: Claim | None) -> tuple[Recording, Claimed | None]:
        """Return what is recorded, or put on record that nothing is told; raises OverBudget.

        The control room is alerted all the same, of what one search finds for both; once, however
        often the same is sent.
        """
        find = cache(lambda: self._found(case))
        try:
            return await self._recorded(case, claim, find)
        except OverBudget:
            if self.untold.is_new(case):
                recording = await asyncio.to_thread(recording_of, case, find)
                with suppress(StorageError):
                    await self.recorder.record(recording)
                    self.untold.note(case)
            await self.refuse(case.caller, POST, ["budget"], typed=case.sighting.typed)
            raise

    async def _recorded(
        self, case: Case, claim: Claim | None, find: Find
    ) -> tuple[Recording, Claimed | None]:
        """Return what a sighting leaves behind, on record unless its claim was taken."""
        if _is_quick(case.sighting.report):
            recording = self._worked_out(case, claim, find)
        else:
            recording = await asyncio.to_thread(self._worked_out, case, claim, find)
        standing = await self.recorder.record(recording)
        if isinstance(standing, Spent):
            self.budget.learn(standing)
            raise over(standing, case.received_at)
        return recording, standing

    async def replay(self, caller: Caller, key: Key) -> Reported | None:
        """Return the answer that was given under this key, or None if the key is unused.

        Raises:
            KeyReused: the key was used for another body.
            SightingGone: the sighting it stands for was purged.
            Frozen: what was answered is not disclosed now.
        """
        claim = self._claim(caller, key)
        claimed = await self._standing(claim)
        return None if claimed is None else await self._replayed(caller, claimed, claim)

    async def refuse_purpose(self, caller: Caller, purpose: str, typed: Sequence[str]) -> None:
        """Refuse to act for a purpose that the caller's firm may not act for.

        Raises:
            PurposeRefused: it may not; that is on record.
        """
        if caller.standing.purpose_refused(purpose):
            asking = replace(caller, purpose=purpose)
            await self.refuse(asking, POST, ["other-purpose"], typed=typed)
            raise PurposeRefused([other_purpose("/purpose")])

    def hides_from(self, caller: Caller) -> bool:
        """Whether there is anything in force that this caller may not know of."""
        snapshot = self.current.get()
        return snapshot is not None and snapshot.matcher.lists.hide_from(audience_of(caller))

    async def is_taken(self, caller: Caller, key: Key) -> bool:
        """Whether there is a sighting under this key."""
        return await self._standing(self._claim(caller, key)) is not None

    async def refuse_reused(self, caller: Caller, key: Key) -> None:
        """Refuse a key that was used for another body; raises KeyReused."""
        claim = self._claim(caller, key)
        claimed = await self._standing(claim)
        if claimed is not None:
            await self._same_body(caller, claimed, claim)

    def _worked_out(self, case: Case, claim: Claim | None, find: Find) -> Recording:
        """Search and write down what was found; nothing of it while the hotlist is frozen."""
        if self.current.frozen:
            return unanswered(case, claim, base_rate=self.base_rate)
        views, charge = self._look_up(case, find)
        return written(case, views, claim, charge=charge)

    def _look_up(self, case: Case, find: Find) -> tuple[Views, Charge | None]:
        """Return what the caller may see and what the control room sees, and what that costs."""
        found = find()
        audience = audience_of(case.caller)
        question = question_of(found, audience)
        charge = self.budget.charge(case.caller, question, at=case.received_at)
        with self.metrics.lookup("answer"):
            views = disclosed(found, audience)
        if charge is not None:
            revealed = question.revealed(len(views.shown.hits), views.untold)
            charge = replace(charge, revealed=revealed)
        return views, charge

    def _found(self, case: Case) -> Found:
        with self.metrics.lookup("search"):
            return case.snapshot.matcher.search(
                case.sighting.report,
                at=clock.to_datetime(case.received_at),
                base_rate=self.base_rate,
            )

    def _claim(self, caller: Caller, key: Key) -> Claim:
        digest = hmac.digest(self.secret, b"body\0" + key.body, "sha256")
        return Claim(caller.credential, key.text, digest, key.place)

    async def _standing(self, claim: Claim) -> Claimed | None:
        return await self.history.claimed(claim, self.now() - KEY_LIVES)

    async def _replayed(self, caller: Caller, claimed: Claimed, claim: Claim) -> Reported:
        await self._same_body(caller, claimed, claim)
        if self.current.frozen:
            await self.refuse(caller, POST, ["frozen"])
            raise Frozen
        before = await self.history.sighting(claimed.sighting)
        if before is None or not lasts(before, self.now(), self.kept):
            await self.refuse(caller, POST, ["sighting-gone"])
            raise SightingGone
        hits = await self.history.hits_of(before.id)
        answer = answer_shown(before, hits, caller)
        header = {
            "purpose": before.purpose,
            "subject": ids.to_text(before.id),
            "listVersion": before.list_version,
            "modelVersion": before.model_version,
        }
        told = [{"plate": hit["plate"]} for hit in orjson.loads(answer)["hits"]]
        payload = {"reads": reads_of(before.request), "shown": told}
        act = Act(caller, ANSWERED_AGAIN, header, payload)
        await self.recorder.audit(act.event(self.now()))
        return Reported(answer, replayed=True)

    async def _same_body(self, caller: Caller, claimed: Claimed, claim: Claim) -> None:
        if not hmac.compare_digest(claimed.digest, claim.digest):
            await self.refuse(caller, POST, ["key-reused"])
            raise KeyReused


async def _listed(snapshot: Snapshot, caller: Caller) -> None:
    """Wait until the list of what a caller may know of is made: who may know another does not."""
    listing = snapshot.matcher.lists.soon(audience_of(caller))
    if not listing.done():
        await asyncio.wrap_future(listing)


def _is_quick(report: Report) -> bool:
    """Whether a report takes less time to answer than to hand to a thread and back."""
    return kernel.native is not None and len(report.looks) == 1
