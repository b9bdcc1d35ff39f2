"""The list changes -> sightings of before are matched with what came, within seconds.

A car is often seen before anybody knows that it is wanted. Which list sightings were matched with
last is on record; whoever looks next, after a crash too, goes on from there, and a hit that is
there already is not made again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from plate_match.audience import Audience
from plate_match.hit import Hit
from plate_match.hotlist import Entry, Hotlist
from plate_match.matcher import Matcher
from plate_match.plate import Pattern, Plate
from plate_match.policy import Disposition
from plate_match.report import Report
from service import clock, ids
from service.current import Snapshot
from service.disclosure import LEAST_CONFIDENCE, MOST_HITS, hit_document
from service.feed_ports import HotlistVersions
from service.metrics import Metrics
from service.ports import Entries, PastSightings
from service.records import (
    AlertRecord,
    AuditEvent,
    Caller,
    HitRecord,
    LaterHit,
    MatchedBack,
    Role,
    SightingRecord,
)
from service.stand_down import age_of
from service.usecases.write_down import Case, Sighting, hit_record

PAGE = 200
"""Sightings that are read together."""

UNSETTLED = 5 * clock.SECOND
"""How long a sighting may take from its receipt until it is on record, at the most."""

FEW = 5_000
"""So many entries that come are kept by themselves, to see which sightings they could concern."""

SPANS = (10 * clock.MINUTE, clock.HOUR, 6 * clock.HOUR)
"""How far back sightings are matched in one go, before those of longer ago are."""

Key = tuple[str, str, Plate | Pattern | None]


@dataclass(slots=True, kw_only=True)
class MatchBack:
    """Matches sightings of before with what came on the list since; in a thread.

    `reading` returns the report of a request as it was stored; `window` is how long after its
    receipt a sighting is matched again.
    """

    versions: HotlistVersions
    entries: Entries
    past: PastSightings
    reading: Callable[[bytes], Report]
    metrics: Metrics
    window: timedelta
    base_rate: float
    now: Callable[[], int] = clock.now
    _seen: int | None = field(default=None, init=False)
    _latest: Snapshot | None = field(default=None, init=False)
    _meanwhile: Callable[[], Snapshot | None] = field(default=lambda: None, init=False)

    def look(
        self, snapshot: Snapshot, meanwhile: Callable[[], Snapshot | None] = lambda: None
    ) -> int:
        """Match what has to be, and return how many hits came of it.

        `meanwhile` is called before each sighting, and returns what is served by then: what has
        ended since makes no hit.

        Raises:
            StorageUnavailable: the rest is for the next look.
        """
        self._meanwhile = meanwhile
        now, mark = self.now(), self.past.matched_back()
        if mark is None:
            mark = MatchedBack("none", now)
        count = self._match_stragglers(snapshot, since=mark.at, now=now)
        came = self._some_that_came(mark, snapshot, now=now)
        if came is None or came:
            count += self._match(came, snapshot, now=now)
        if came != [] or mark.version != snapshot.version or now - mark.at > clock.MINUTE:
            self.past.set_matched_back(MatchedBack(snapshot.version, now))
        return count

    def _some_that_came(
        self, mark: MatchedBack, snapshot: Snapshot, *, now: int
    ) -> list[Entry] | None:
        """Return the entries that came, or None: so many that all is meant."""
        came = list(islice(self._came(mark, snapshot, now=now), FEW + 1))
        return came if len(came) <= FEW else None

    def _came(self, mark: MatchedBack, snapshot: Snapshot, *, now: int) -> Iterator[Entry]:
        """Yield the entries in force that were not when sightings were matched last."""
        moment = clock.to_datetime(now)
        (old, changes), (new, more) = age_of(mark.version), age_of(snapshot.version)
        if new and new != old:
            yield from (one for one in self.versions.came(old, new) if one.in_force(moment))
        if more > changes:
            later = self.entries.put_in_since(changes)
            yield from (one for one in later if one.in_force(moment))
        yield from snapshot.matcher.started(clock.to_datetime(mark.at), moment)

    def _match(self, came: Sequence[Entry] | None, snapshot: Snapshot, *, now: int) -> int:
        """Match every sighting in the window with what came; None: so much that all is meant."""
        concerned = None if came is None else Matcher.build(Hotlist(tuple(came)))
        wanted, count = _wanted(came), 0
        for sighting in self._newest_first(now):
            report = self.reading(sighting.request)
            # Against fewer rivals no confidence is lower: what is no hit there is none at all.
            if concerned is None or self._hits(concerned, report, now=now):
                count += self._match_one(sighting, report, wanted, snapshot=snapshot, now=now)
        return count

    def _newest_first(self, now: int) -> Iterator[SightingRecord]:
        """Yield the sightings in the window, span by span: who was seen just now is still near."""
        before, window = ids.least_id(now + clock.MINUTE), clock.micros(self.window)
        for span in (*SPANS, window):
            after = ids.least_id(now - min(span, window))
            yield from self._sightings(after, before)
            before = after + 1

    def _match_stragglers(self, snapshot: Snapshot, *, since: int, now: int) -> int:
        """Match those that were answered by an older list since the last look, or by none.

        Each with what came since that list: the rest of it they were weighed against.
        """
        after = ids.least_id(since - clock.MINUTE) if self._seen is None else self._seen
        count, age = 0, age_of(snapshot.version)
        until = ids.least_id(now - UNSETTLED)
        came: dict[str, set[Key] | None] = {}
        for sighting in self._sightings(after, until):
            version = sighting.list_version
            if age_of(version) >= age:
                continue
            if version not in came:
                then = MatchedBack(version, sighting.received_at)
                came[version] = _wanted(self._some_that_came(then, snapshot, now=now))
            report = self.reading(sighting.request)
            count += self._match_one(sighting, report, came[version], snapshot=snapshot, now=now)
        self._seen = max(after, until)
        return count

    def _hits(self, matcher: Matcher, report: Report, *, now: int) -> Sequence[Hit]:
        moment = clock.to_datetime(now)
        found = matcher.search(report, at=moment, base_rate=self.base_rate)
        answer = found.answer(
            Audience.CONTROL_ROOM, limit=MOST_HITS, min_confidence=LEAST_CONFIDENCE
        )
        return answer.hits

    def _sightings(self, after: int, before: int) -> Iterator[SightingRecord]:
        while page := self.past.sightings(after=after, before=before, limit=PAGE):
            for sighting in page:
                self._latest = self._meanwhile()
                yield sighting
            after = page[-1].id

    def _match_one(
        self,
        sighting: SightingRecord,
        report: Report,
        wanted: set[Key] | None,
        *,
        snapshot: Snapshot,
        now: int,
    ) -> int:
        """Record the hits of one that are made by what is wanted, None: by any entry."""
        found = self._hits(snapshot.matcher, report, now=now)
        hits = [hit for hit in found if wanted is None or wanted & _keys(hit)]
        hits = [hit for hit in hits if self._stands(hit)]
        if not hits:
            return 0
        case = _case(sighting, report, snapshot)
        later = [_later(case, hit, now) for hit in hits]
        count = self.past.add(later)
        self.metrics.found_later(count)
        return count

    def _stands(self, hit: Hit) -> bool:
        """Whether a hit is made by an entry that has not ended while sightings were matched."""
        if self._latest is None:
            return True
        moment, keys = clock.to_datetime(self.now()), _keys(hit)
        listed = self._latest.matcher.about(hit.plate)
        return any(one.in_force(moment) and _key(one) in keys for one in listed)


def _wanted(came: Sequence[Entry] | None) -> set[Key] | None:
    return None if came is None else set(map(_key, came))


def _key(entry: Entry) -> Key:
    return entry.feed, entry.reference, entry.plate


def _keys(hit: Hit) -> set[Key]:
    return set(map(_key, hit.entries))


def _case(sighting: SightingRecord, report: Report, snapshot: Snapshot) -> Case:
    """Return a sighting as it was, against the list of now."""
    # Whose it is counts here, not what they may do: a hit is weighed over all entries.
    caller = Caller(sighting.credential, Role.GUARD, sighting.organisation)
    reported = Sighting(
        report=report,
        typed=(),
        seen_at=sighting.seen_at,
        purpose=sighting.purpose,
        request=sighting.request,
    )
    return Case(sighting.id, (), caller, reported, snapshot, sighting.received_at)


def _later(case: Case, hit: Hit, now: int) -> LaterHit:
    # What guards may not know of is found here too, and the ids of their sightings are counted.
    id_ = ids.scattered_id(now)
    document = hit_document(hit, id_)
    record = hit_record(case, hit, id_=id_, document=document, found_at=now)
    alert = None
    if hit.disposition is Disposition.ALERT:
        alert = AlertRecord(id_, record.organisation, now)
    return LaterHit(record, alert, _event(record, hit, now))


def _event(record: HitRecord, hit: Hit, now: int) -> AuditEvent:
    header = {
        "hit": ids.to_text(record.id),
        "subject": ids.to_text(record.sighting),
        "organisation": record.organisation,
        "listVersion": record.list_version,
        "modelVersion": record.model_version,
    }
    references = [one.reference for one in hit.entries]
    return AuditEvent(
        now, "hit-found-later", header, {"plate": record.plate, "references": references}
    )
