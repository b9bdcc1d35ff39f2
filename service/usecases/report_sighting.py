"""A sighting -> search -> on record with hits, alerts and audit -> answer."""

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from plate_match import kernel
from plate_match.channel import Source
from plate_match.found import Answer
from plate_match.hit import Hit
from plate_match.listing import Known, known_of
from plate_match.policy import Disposition
from plate_match.report import Report
from service import clock, ids
from service.current import CurrentSnapshot, Snapshot
from service.disclosure import MOST_HITS, Document, Views, answer_document, disclosed, hit_document
from service.errors import KeyReused, NoSnapshot, SightingGone
from service.metrics import Metrics
from service.ports import History, Recorder, RecordingRefused
from service.records import (
    KEY_LIVES,
    SIGHTING_REPORTED,
    AlertRecord,
    AuditEvent,
    Caller,
    Claim,
    Claimed,
    HitRecord,
    Recording,
    SightingRecord,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A sighting as it was reported.

    `report` is what is weighed, `typed` the read of each of its looks as it was sent, `request`
    the whole of what was sent, as JSON in a form that is the same however it was spaced and
    ordered.
    """

    report: Report
    typed: tuple[str, ...]
    seen_at: int
    purpose: str
    request: bytes
    latitude: float | None = None
    longitude: float | None = None

    @property
    def source(self) -> Source:
        """How the first look came about."""
        return self.report.looks[0].source


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


@dataclass(frozen=True, slots=True)
class _Case:
    """One sighting on its way through: who, what, when, and against which list."""

    id: int
    hit_ids: tuple[int, ...]
    caller: Caller
    sighting: Sighting
    snapshot: Snapshot
    received_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSighting:
    """Matches a sighting, records it, and answers; in this order."""

    current: CurrentSnapshot
    recorder: Recorder
    history: History
    metrics: Metrics
    secret: bytes
    base_rate: float
    now: Callable[[], int] = clock.now

    async def __call__(
        self, caller: Caller, sighting: Sighting, *, key: Key | None = None
    ) -> Reported:
        """Return the answer, once it is on record.

        Raises:
            NoSnapshot: no hotlist is in force, so there is no answer.
            KeyReused: the key was used for another body meanwhile.
            SightingGone: the key was used meanwhile, for a sighting that is gone.
            StorageUnavailable: nothing was recorded, so nothing is answered.
        """
        snapshot = self.current.get()
        if snapshot is None:
            raise NoSnapshot
        claim = None if key is None else self._claim(caller, key)
        case = _open(caller, sighting, snapshot, received_at=self.now())
        try:
            recording, claimed = await self._recorded(case, claim)
        except RecordingRefused:  # another process drew the same id: draw again, once
            case = _open(caller, sighting, snapshot, received_at=self.now())
            recording, claimed = await self._recorded(case, claim)
        if claimed is not None and claim is not None:
            return await self._replayed(claimed, claim)
        self.metrics.sighting(
            sighting.source, ((hit.categories[0], hit.disposition) for hit in recording.hits)
        )
        return Reported(recording.sighting.answer)

    async def _recorded(self, case: _Case, claim: Claim | None) -> tuple[Recording, Claimed | None]:
        """Return what a sighting leaves behind, on record unless its claim was taken."""
        if _is_quick(case.sighting.report):
            recording = self._worked_out(case, claim)
        else:
            recording = await asyncio.to_thread(self._worked_out, case, claim)
        return recording, await self.recorder.record(recording)

    async def replay(self, caller: Caller, key: Key) -> Reported | None:
        """Return the answer that was given under this key, or None if the key is unused.

        Raises:
            KeyReused: the key was used for another body.
            SightingGone: the sighting it stands for was purged.
        """
        claim = self._claim(caller, key)
        claimed = await self._standing(claim)
        return None if claimed is None else await self._replayed(claimed, claim)

    async def refuse_reused(self, caller: Caller, key: Key) -> None:
        """Refuse a key that was used for another body; raises KeyReused."""
        claim = self._claim(caller, key)
        claimed = await self._standing(claim)
        if claimed is not None:
            _same_body(claimed, claim)

    def _worked_out(self, case: _Case, claim: Claim | None) -> Recording:
        """Search and write down what was found."""
        return _written(case, self._look_up(case), claim)

    def _look_up(self, case: _Case) -> Views:
        """Return what the caller may see and what the control room sees: one search."""
        with self.metrics.lookup("search"):
            found = case.snapshot.matcher.search(
                case.sighting.report,
                at=clock.to_datetime(case.received_at),
                base_rate=self.base_rate,
            )
        with self.metrics.lookup("answer"):
            return disclosed(found, case.caller.role)

    def _claim(self, caller: Caller, key: Key) -> Claim:
        digest = hmac.digest(self.secret, b"body\0" + key.body, "sha256")
        return Claim(caller.credential, key.text, digest, key.place)

    async def _standing(self, claim: Claim) -> Claimed | None:
        return await self.history.claimed(claim, self.now() - KEY_LIVES)

    async def _replayed(self, claimed: Claimed, claim: Claim) -> Reported:
        _same_body(claimed, claim)
        before = await self.history.sighting(claimed.sighting)
        if before is None:
            raise SightingGone
        return Reported(before.answer, replayed=True)


def _is_quick(report: Report) -> bool:
    """Whether a report takes less time to answer than to hand to a thread and back."""
    return kernel.native is not None and len(report.looks) == 1


def _same_body(claimed: Claimed, claim: Claim) -> None:
    if not hmac.compare_digest(claimed.digest, claim.digest):
        raise KeyReused


def _open(caller: Caller, sighting: Sighting, snapshot: Snapshot, *, received_at: int) -> _Case:
    """Draw all ids beforehand, always equally many: a gap would tell of hits kept back."""
    drawn = tuple(ids.new_id(received_at) for _ in range(1 + 2 * MOST_HITS))
    return _Case(drawn[0], drawn[1:], caller, sighting, snapshot, received_at)


def _written(case: _Case, views: Views, claim: Claim | None) -> Recording:
    """Return all that a sighting leaves behind, the answer to its caller included."""
    on_record = {_known(hit): hit for hit in (*views.shown.hits, *views.whole.hits)}
    id_of = dict(zip(on_record, case.hit_ids, strict=False))
    documents = {known: hit_document(hit, id_of[known]) for known, hit in on_record.items()}
    shown = documents
    if views.shown is not views.whole:
        shown = {_known(hit): hit_document(hit, id_of[_known(hit)]) for hit in views.shown.hits}
    hits = tuple(
        _hit_record(case, hit, id_=id_of[known], document=documents[known])
        for known, hit in on_record.items()
    )
    alerts = tuple(
        AlertRecord(hit.id, hit.organisation, case.received_at)
        for hit in hits
        if hit.disposition == Disposition.ALERT
    )
    record = _sighting_record(case, views.shown, list(shown.values()))
    return Recording(record, hits, alerts, _audit_event(case, views.shown), claim)


def _known(hit: Hit) -> Known:
    """Return what the wanted vehicle is known by: no two hits of one search know the same."""
    return known_of(hit.entries[0])


def _sighting_record(case: _Case, answer: Answer, hits: list[Document]) -> SightingRecord:
    document = {
        "id": ids.to_text(case.id),
        "receivedAt": clock.to_text(case.received_at),
        **answer_document(answer, case.snapshot, at=case.received_at),
        "hits": hits,
    }
    return SightingRecord(
        id=case.id,
        organisation=case.caller.organisation,
        credential=case.caller.credential,
        received_at=case.received_at,
        seen_at=case.sighting.seen_at,
        source=case.sighting.source,
        purpose=case.sighting.purpose,
        list_version=case.snapshot.version,
        model_version=case.snapshot.matcher.version,
        request=case.sighting.request,
        answer=orjson.dumps(document),
        latitude=case.sighting.latitude,
        longitude=case.sighting.longitude,
    )


def _hit_record(case: _Case, hit: Hit, *, id_: int, document: Document) -> HitRecord:
    on_record = {
        **document,
        "sightingId": ids.to_text(case.id),
        "seenAt": clock.to_text(case.sighting.seen_at),
        "receivedAt": clock.to_text(case.received_at),
    }
    return HitRecord(
        id=id_,
        sighting=case.id,
        organisation=case.caller.organisation,
        received_at=case.received_at,
        seen_at=case.sighting.seen_at,
        rank=hit.rank,
        plate=hit.plate,
        categories=tuple(dict.fromkeys(entry.category for entry in hit.entries)),
        disposition=hit.disposition,
        confidence=hit.confidence,
        list_version=case.snapshot.version,
        model_version=case.snapshot.matcher.version,
        document=orjson.dumps(on_record),
    )


def _audit_event(case: _Case, shown: Answer) -> AuditEvent:
    header = {
        "credential": case.caller.credential,
        "organisation": case.caller.organisation,
        "purpose": case.sighting.purpose,
        "subject": ids.to_text(case.id),
        "listVersion": case.snapshot.version,
        "modelVersion": shown.model.version,
    }
    payload = {
        "person": case.caller.person,
        "reads": case.sighting.typed,
        "shown": [
            {"plate": hit.plate, "references": [entry.reference for entry in hit.entries]}
            for hit in shown.hits
        ],
    }
    return AuditEvent(case.received_at, SIGHTING_REPORTED, header, payload)
