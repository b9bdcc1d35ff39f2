"""A sighting and what was found -> all that it leaves behind: records, alerts, audit, answer."""

from dataclasses import dataclass, replace
from math import nan

import orjson

from plate_match.channel import Source
from plate_match.description import NOTHING_SAID
from plate_match.found import Answer, Model
from plate_match.hit import Hit
from plate_match.known import Known, known_of
from plate_match.policy import Disposition
from plate_match.report import Report
from service import clock, ids
from service.current import Snapshot
from service.disclosure import (
    MOST_HITS,
    Document,
    Views,
    answer_document,
    audience_of,
    hit_document,
)
from service.records import (
    SIGHTING_REPORTED,
    AlertRecord,
    AuditEvent,
    Caller,
    Claim,
    HitRecord,
    Recording,
    SightingRecord,
)
from service.spending import Charge
from service.stand_down import FROZEN
from service.usecases.acts import Act

LATE = clock.MINUTE
"""A sighting that comes sooner after it was made is not late."""


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
class Case:
    """One sighting on its way through: who, what, when, and against which list."""

    id: int
    hit_ids: tuple[int, ...]
    caller: Caller
    sighting: Sighting
    snapshot: Snapshot
    received_at: int


def open_case(caller: Caller, sighting: Sighting, snapshot: Snapshot, *, received_at: int) -> Case:
    """Draw all ids beforehand, always equally many: a gap would tell of hits kept back."""
    drawn = tuple(ids.new_id(received_at) for _ in range(1 + 2 * MOST_HITS))
    return Case(drawn[0], drawn[1:], caller, sighting, snapshot, received_at)


def written(
    case: Case, views: Views, claim: Claim | None, *, charge: Charge | None = None
) -> Recording:
    """Return all that a sighting leaves behind, the answer to its caller included.

    `charge` is what it costs the caller.
    """
    on_record = {known_by(hit): hit for hit in (*views.shown.hits, *views.whole.hits)}
    id_of = dict(zip(on_record, case.hit_ids, strict=False))
    documents = {known: hit_document(hit, id_of[known]) for known, hit in on_record.items()}
    shown = documents
    if views.shown is not views.whole:
        shown = {known_by(hit): hit_document(hit, id_of[known_by(hit)]) for hit in views.shown.hits}
    hits = tuple(
        hit_record(case, hit, id_=id_of[known], document=documents[known])
        for known, hit in on_record.items()
    )
    alerts = tuple(
        AlertRecord(hit.id, hit.organisation, case.received_at)
        for hit in hits
        if hit.disposition == Disposition.ALERT
    )
    record = _sighting_record(case, views.shown, list(shown.values()))
    return Recording(record, hits, alerts, _audit_event(case, views.shown), claim, charge)


def unanswered(case: Case, claim: Claim | None, *, base_rate: float) -> Recording:
    """Return what a sighting leaves behind that is taken while nothing is disclosed.

    `notListed` is null: silence is not "not listed".
    """
    version = case.snapshot.matcher.version
    pattern = str(case.sighting.report.looks[0].read.pattern)
    answer = Answer(pattern, (), nan, Model(version, base_rate))
    record = _sighting_record(case, answer, [])
    document = orjson.loads(record.answer)
    document["hotlist"] |= {"version": FROZEN, "stale": True}
    taken = replace(record, list_version=FROZEN, answer=orjson.dumps(document))
    event = _audit_event(case, answer)
    event = replace(event, header={**event.header, "listVersion": FROZEN})
    return Recording(taken, (), (), event, claim)


def known_by(hit: Hit) -> Known:
    """Return what the wanted vehicle is known by: no two hits of one search know the same."""
    return known_of(hit.entries[0])


def _sighting_record(case: Case, answer: Answer, hits: list[Document]) -> SightingRecord:
    document = {
        "id": ids.to_text(case.id),
        "receivedAt": clock.to_text(case.received_at),
        "lateSeconds": late_seconds(case),
        **answer_document(answer, case.snapshot, audience_of(case.caller), at=case.received_at),
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
        categories=case.caller.categories,
        purposes=case.caller.purposes,
        latitude=case.sighting.latitude,
        longitude=case.sighting.longitude,
    )


def hit_record(
    case: Case, hit: Hit, *, id_: int, document: Document, found_at: int | None = None
) -> HitRecord:
    """Return a hit as it goes on record, with the sighting it is of.

    `found_at` is when it was found, if that was not at receipt.
    """
    on_record = {
        **document,
        "sightingId": ids.to_text(case.id),
        "seenAt": clock.to_text(case.sighting.seen_at),
        "receivedAt": clock.to_text(case.received_at),
        "lateSeconds": late_seconds(case),
        "foundAt": None if found_at is None else clock.to_text(found_at),
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


def late_seconds(case: Case) -> int:
    """Return how late a sighting came, in seconds; 0 if within a minute."""
    late = case.received_at - case.sighting.seen_at
    return late // clock.SECOND if late > LATE else 0


def _audit_event(case: Case, shown: Answer) -> AuditEvent:
    header = {
        "purpose": case.sighting.purpose,
        "subject": ids.to_text(case.id),
        "listVersion": case.snapshot.version,
        "modelVersion": shown.model.version,
    }
    report = case.sighting.report
    described = report.description != NOTHING_SAID or report.country is not None
    payload = {
        "reads": case.sighting.typed,
        **({"described": report.description, "country": report.country} if described else {}),
        "shown": [
            {
                "plate": hit.plate,
                "references": [entry.reference for entry in hit.entries],
                "confidence": hit.confidence,
                "disposition": hit.disposition,
            }
            for hit in shown.hits
        ],
    }
    return Act(case.caller, SIGHTING_REPORTED, header, payload).event(case.received_at)
