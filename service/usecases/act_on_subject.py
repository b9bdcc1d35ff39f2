"""A plate of which what is on record is contested -> corrected, restricted or erased, on record.

Entries of feeds are their owners': they are corrected by the next file. What the law makes the
audit keep stays for its years, also of what is erased here.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from service import clock, ids
from service.errors import StillListed
from service.ports import AuditTrail, Entries, Erasure, PastSightings
from service.records import AuditEvent, SightingRecord
from service.subject import Cut, PlateListings, Subjects
from service.usecases.export_audit import Opening
from service.usecases.keep_entries import WITHDRAWN
from service.usecases.named_plates import names, reads_of
from service.usecases.open_audit import opened_by
from service.usecases.purge import PAUSE
from service.usecases.show_subject import entries_on, is_in_force

PAGE = 200
"""Sightings that are looked at, and erased at most, at once."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How much of what was erased."""

    sightings: int
    cut: int
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActOnSubject:
    """Acts on what is recorded of one plate; `current` is the version in force."""

    subjects: Subjects
    listings: PlateListings
    entries: Entries
    past: PastSightings
    trail: AuditTrail
    erasure: Erasure
    current: str | None
    pause: Callable[[float], None] = time.sleep

    def correct(self, plate: str, statement: str, opening: Opening) -> int:
        """Put a statement beside all hits on record; return of how many."""
        event = _event("subject-corrected", plate, opening, statement=statement)
        return self.subjects.correct(plate, statement, event)

    def restrict(self, plate: str, opening: Opening) -> int:
        """Keep all hits on record as proof only; return of how many."""
        return self.subjects.restrict(plate, _event("subject-restricted", plate, opening))

    def lift(self, plate: str, opening: Opening) -> int:
        """End the restriction; return of how many hits."""
        return self.subjects.lift(plate, _event("subject-restriction-lifted", plate, opening))

    def withdraw(self, plate: str, opening: Opening) -> int:
        """Withdraw all entries that were put in by themselves and stand; return how many."""
        standing = [one for one in entries_on(self.entries, plate) if one.withdrawn_at is None]
        for one in standing:
            event = _event(WITHDRAWN, plate, opening, reference=one.reference)
            header = {**event.header, "subject": ids.to_text(one.id)}
            self.entries.withdraw(one.id, opening.reason, replace(event, header=header))
        return len(standing)

    def erase(self, plate: str, opening: Opening) -> Erased:
        """Erase hits and sightings of a plate, and what its past entries said.

        A sighting that has hits on other plates stays for those: only the hit on this one goes,
        out of its answer too.

        Raises:
            StillListed: the plate is wanted now, or its hits are kept as proof.
        """
        try:
            self._refuse_needed(plate, opening.now)
        except StillListed:
            refused = _event("refused", plate, opening)
            header = {**refused.header, "command": "subject", "wanted": "subject-erased"}
            self.trail.add(replace(refused, header=header))
            raise
        self.trail.add(_event("subject-erased", plate, opening))
        shared = self.subjects.shared(plate)
        sightings = cut = 0
        for page in self._pages(ids.least_id(opening.now + clock.MINUTE)):
            whole = [one.id for one in page if _is_alone(one, plate, shared)]
            rest = [Cut(one.id, _without(one.answer, plate)) for one in page if shared.get(one.id)]
            said = _erased("subject-sightings", opening.now)
            sightings += self.subjects.erase_sightings(plate, whole, said) if whole else 0
            said = _erased("subject-hits", opening.now)
            cut += self.subjects.cut(plate, rest, said) if rest else 0
            if whole or rest:
                self.pause(PAUSE)
        said = _erased("subject-entries", opening.now)
        entries = self.subjects.erase_entries(plate, said)
        self.erasure.settle()
        return Erased(sightings, cut, entries)

    def _refuse_needed(self, plate: str, now: int) -> None:
        listed, damaged = self.listings.listed(plate)
        if self.current in damaged:
            raise StillListed("the list in force is damaged: nobody knows; `feed rollback` first")
        feeds = sorted({one.feed for one in listed if is_in_force(one, self.current, now)})
        if feeds:
            raise StillListed(
                f"it is wanted now, by feed {', '.join(feeds)}: its owner withdraws it first"
            )
        entries = entries_on(self.entries, plate)
        if any(one.withdrawn_at is None and now < one.valid_until for one in entries):
            raise StillListed("an entry on it that came in no file stands: --withdraw it first")
        if any(one.hit.restricted_at is not None for one in self.subjects.hits(plate)):
            raise StillListed("hits on it are kept as proof: --lift the restriction first")

    def _pages(self, before: int) -> Iterator[Sequence[SightingRecord]]:
        """Yield all sightings so far; what is erased meanwhile does not disturb."""
        after = 0
        while page := self.past.sightings(after=after, before=before, limit=PAGE):
            yield page
            after = page[-1].id


def _is_alone(one: SightingRecord, plate: str, shared: Mapping[int, bool]) -> bool:
    """Whether a sighting has hits on this plate alone, or none and was read as it."""
    if one.id in shared:
        return not shared[one.id]
    return names(reads_of(one.request), plate)


def _without(answer: bytes, plate: str) -> bytes:
    """Return an answer without its hits on a plate."""
    document = orjson.loads(answer)
    document["hits"] = [hit for hit in document["hits"] if hit["plate"] != plate]
    document["notListed"] = None  # it would tell of what is gone
    return orjson.dumps(document)


def _event(action: str, plate: str, opening: Opening, **more: object) -> AuditEvent:
    header = opened_by(opening.auditor)
    return AuditEvent(opening.now, action, header, opening.told(plate=plate, **more))


def _erased(kind: str, now: int) -> AuditEvent:
    return AuditEvent(now, "erased", {"kind": kind}, {})
