"""A plate -> who listed it, who was told, and what was done; the look is on record before.

For the driver who asks, or whoever answers to them. A record of the audit names the plate as it
was typed, shown, listed or searched for; a part of it that somebody typed does not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import orjson

from service import clock, ids
from service.ports import AuditTrail, Entries, StorageUnavailable
from service.queries import EntryQuery
from service.records import AuditEvent, EntryRecord, IssuedCredential
from service.subject import HitOf, Listed, PlateListings, Subjects
from service.usecases.export_audit import Asked, Document, Opening, found
from service.usecases.open_audit import opened_by

Owner = tuple[str, str]
"""Whose a feed is, and how they are reached."""

_PAGE = 200
_OF_AN_ENTRY = ("reference", "legalGround", "purpose", "validUntil")
"""What every entry says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSubject:
    """Gathers what is on record of a plate.

    `owner` tells whose a feed is, None if it is not declared; `current` is the version in force.
    """

    subjects: Subjects
    listings: PlateListings
    entries: Entries
    trail: AuditTrail
    credentials: Sequence[IssuedCredential]
    owner: Callable[[str], Owner | None]
    current: str | None

    def __call__(self, plate: str, opening: Opening) -> Document:
        """Return it as JSON; `audit` is None where nobody opened what is personal in it.

        Raises:
            StorageUnavailable: the look cannot be put on record, or the database not be read.
        """
        told = opening.told(plate=plate)
        header = opened_by(opening.auditor)
        self.trail.add(AuditEvent(opening.now, "subject-shown", header, told))
        listed, damaged = self.listings.listed(plate)
        records = None
        if opening.auditor is not None:
            records = list(found(self.trail, Asked(plate=plate), personal=True))
        return {
            "plate": plate,
            "listed": [self._listed(one, opening.now) for one in listed],
            "damagedVersions": list(damaged),
            "entries": [
                _sound("an entry on the plate", partial(self._entry, one, opening.now))
                for one in entries_on(self.entries, plate)
            ],
            **self._hits(plate, opened=opening.auditor is not None),
            "audit": records,
        }

    def _listed(self, one: Listed, now: int) -> Document:
        owner, contact = self.owner(one.feed) or (None, None)
        entry = one.entry
        return {
            **{name: value for name, value in entry.items() if name not in {"plate", "feed"}},
            "feed": one.feed,
            "owner": entry["owner"] or owner,
            "contact": entry["contact"] or contact,
            "inForce": is_in_force(one, self.current, now),
            "versions": list(one.versions),
        }

    def _entry(self, one: EntryRecord, now: int) -> Document:
        withdrawn = one.withdrawn_at
        document: Document = orjson.loads(one.document)
        return {
            "id": ids.to_text(one.id),
            "organisation": one.organisation,
            "credential": one.credential,
            "person": self._person(one.credential),
            "putInAt": clock.to_text(one.put_in_at),
            "inForce": one.in_force(now),
            "withdrawnAt": None if withdrawn is None else clock.to_text(withdrawn),
            "withdrawn": one.reason or None,
            **{name: document[name] for name in _OF_AN_ENTRY},
            **{name: value for name, value in document.items() if name not in {"plate", "feed"}},
        }

    def _hits(self, plate: str, *, opened: bool) -> Document:
        """Return the hits; of those that are kept as proof, their number alone, but to auditors."""
        hits = self.subjects.hits(plate)
        shown = [one for one in hits if opened or one.hit.restricted_at is None]
        return {
            "hits": [_sound("a hit on the plate", partial(self._hit, one)) for one in shown],
            "restrictedHits": len(hits) - len(shown),
        }

    def _hit(self, one: HitOf) -> Document:
        hit = one.hit
        end = hit.stood_down
        document: Mapping[str, list[Document]] = orjson.loads(hit.document)
        return {
            "hit": ids.to_text(hit.id),
            "sighting": ids.to_text(hit.sighting),
            "seenAt": clock.to_text(hit.seen_at),
            "receivedAt": clock.to_text(hit.received_at),
            "organisation": hit.organisation,
            "credential": one.credential,
            "person": self._person(one.credential),
            "confidence": hit.confidence,
            "disposition": hit.disposition,
            "listVersion": hit.list_version,
            "references": [entry["reference"] for entry in document.get("entries", [])],
            "alertedAt": _text(one.alerted_at),
            "standDown": end and {"reason": end.reason, "at": clock.to_text(end.at)},
            "correction": hit.correction and hit.correction.statement,
            "restrictedAt": _text(hit.restricted_at),
            "judged": [
                {
                    "at": clock.to_text(judged.at),
                    "organisation": judged.organisation,
                    "identity": judged.identity,
                    "outcome": judged.outcome,
                }
                for judged in one.judged
            ],
        }

    def _person(self, credential: str) -> str | None:
        return next((one.person for one in self.credentials if one.id == credential), None)


def _sound(what: str, made: Callable[[], Document]) -> Document:
    """Return what is made of a row, if that is what it was given.

    Raises:
        StorageUnavailable: it is something else, or cannot be shown as JSON.
    """
    try:
        document = made()
        orjson.dumps(document)
        float(document.get("confidence", 0))
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
        raise StorageUnavailable(f"the database is damaged: {what}") from None
    return document


def entries_on(entries: Entries, plate: str) -> Iterator[EntryRecord]:
    """Yield every entry on a plate that was put in by itself, newest first."""
    before: int | None = None
    while page := entries.entries(EntryQuery(plate=plate, before=before, limit=_PAGE)):
        yield from page
        before = page[-1].id


def is_in_force(one: Listed, current: str | None, now: int) -> bool:
    """Whether an entry of a feed is on the list in force, and not over."""
    end = one.entry.get("validUntil")
    over = isinstance(end, str) and clock.to_micros(datetime.fromisoformat(end)) <= now
    return current in one.versions and not over


def _text(at: int | None) -> str | None:
    return None if at is None else clock.to_text(at)
