"""What has been kept as long as it may be -> gone, each kind after its own time, on record.

Proofs stay: of the audit only the personal part goes, and with it nothing that the chain needs.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from service import clock, ids
from service.errors import AlreadyRunning
from service.feed_ports import FeedHistory, HotlistVersions, RefusedFiles
from service.partner_ports import PeopleErasure
from service.ports import AuditTrail, Erasure, HotlistDamaged
from service.records import KEY_LIVES, AuditEvent
from service.usecases.check_records import AUDIT_PAYLOADS, ERASED
from service.usecases.keep_refused import KeepRefused
from service.usecases.put_in_force import PutInForce

DRAINED = 31 * clock.DAY
"""Microseconds after which every account is empty, and nobody is slowed for what was before."""

PAUSE = 0.02
"""Seconds between two batches, in which whoever waits to write a sighting gets the lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long each kind is kept.

    Attributes:
        sightings: without a hit, from their receipt.
        hits: with their sightings, from the receipt of those.
        entries: that were put in by themselves, from their end.
        versions: of the hotlist, from when the next one was made; and feed files that were refused
            for their size, from when they came.
        audit: the personal part of its records.
        people: what is personal of people, passes, devices and credentials, from their end.
    """

    sightings: timedelta
    hits: timedelta
    entries: timedelta
    versions: timedelta
    audit: timedelta
    people: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """Erases what is due; what is interrupted goes on the next time."""

    erasure: Erasure
    people: PeopleErasure
    trail: AuditTrail
    versions: HotlistVersions
    history: FeedHistory
    refused: RefusedFiles
    retention: Retention
    now: Callable[[], int] = clock.now
    pause: Callable[[float], None] = time.sleep

    def __call__(self) -> Mapping[str, int]:
        """Erase all that is due, and return how many of each kind that were.

        Raises:
            StorageUnavailable: the rest is for the next time.
        """
        now, erasure, people = self.now(), self.erasure, self.people
        kinds: Mapping[str, tuple[timedelta, Callable[[int, AuditEvent], int]]] = {
            "sightings-without-hit": (self.retention.sightings, erasure.sightings_without_hit),
            "sightings-with-hit": (self.retention.hits, erasure.sightings_with_hit),
            "entries": (self.retention.entries, erasure.entries),
            AUDIT_PAYLOADS: (self.retention.audit, erasure.audit_payloads),
            "passes": (self.retention.people, people.passes),
            "credentials": (self.retention.people, people.credentials),
            "devices": (self.retention.people, people.devices),
            "people": (self.retention.people, people.people),
        }
        counts = {}
        for kind, (kept, erase) in kinds.items():
            before = now - clock.micros(kept)
            counts[kind] = sum(self._batches(erase, before, _event(kind, before, now)))
        while erasure.claims(now - KEY_LIVES):
            self.pause(PAUSE)
        while erasure.spending(now - DRAINED):
            self.pause(PAUSE)
        counts["hotlist-versions"] = self._versions(now)
        counts["refused-feed-files"] = self._refused(now)
        # Also where nothing was due: what was erased before may lie in the journal still.
        erasure.settle()
        return counts

    def _batches(
        self, erase: Callable[[int, AuditEvent], int], before: int, event: AuditEvent
    ) -> Iterator[int]:
        while count := erase(before, event):
            yield count
            self.pause(PAUSE)

    def _versions(self, now: int) -> int:
        """Remove versions, each on record; while somebody loads, or one is damaged, none."""
        before = now - clock.micros(self.retention.versions)
        event, count = _event("hotlist-versions", before, now), 0
        with suppress(AlreadyRunning, HotlistDamaged), self.versions.loading(wait=False):
            for name in self.versions.forget(before, self._needed()):
                header = {**event.header, "erased": 1, "version": name}
                self.trail.add(AuditEvent(now, event.action, header, {}))
                count += 1
        return count

    def _refused(self, now: int) -> int:
        """Remove refused feed files, each on record; while somebody loads, none."""
        before = now - clock.micros(self.retention.versions)
        event, count = _event("refused-feed-files", before, now), 0
        with suppress(AlreadyRunning), self.versions.loading(wait=False):
            for one in KeepRefused(self.refused, self.history).purge(before):
                which = {"erased": 1, "feed": one.feed, "file": ids.to_text(one.id)}
                self.trail.add(AuditEvent(now, event.action, {**event.header, **which}, {}))
                count += 1
        return count

    def _needed(self) -> Collection[str]:
        """Return the versions without which there is no way on, nor back.

        Raises:
            HotlistDamaged: one of them cannot be read, or which is in force is not known: in
                doubt all are needed.
        """
        steps = PutInForce(self.versions, self.history)
        base = steps.base()
        names = (base.name if base else None, steps.newest(), *steps.suspensions())
        roots = {name for name in names if name is not None}
        before = {self.versions.version(name).base for name in roots}
        return roots | {name for name in before if name is not None}


def _event(kind: str, before: int, now: int) -> AuditEvent:
    return AuditEvent(now, ERASED, {"kind": kind, "before": clock.to_text(before)}, {})
