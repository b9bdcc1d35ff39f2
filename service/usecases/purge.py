"""What has been kept as long as it may be -> gone, each kind after its own time, on record.

Proofs stay: of the audit only the personal part goes, and with it nothing that the chain needs.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from service import clock
from service.feed_ports import FeedHistory, HotlistVersions
from service.ports import Erasure, HotlistDamaged
from service.records import KEY_LIVES, AuditEvent
from service.usecases.put_in_force import SUSPENDED

PAUSE = 0.02
"""Seconds between two batches, in which whoever waits to write a sighting gets the lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long each kind is kept.

    Attributes:
        sightings: without a hit, from their receipt.
        hits: with their sightings, from the receipt of those.
        entries: that were put in by themselves, from their end.
        versions: of the hotlist, from when they were made.
        audit: the personal part of its records.
    """

    sightings: timedelta
    hits: timedelta
    entries: timedelta
    versions: timedelta
    audit: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """Erases what is due; what is interrupted goes on the next time."""

    erasure: Erasure
    versions: HotlistVersions
    history: FeedHistory
    retention: Retention
    now: Callable[[], int] = clock.now
    pause: Callable[[float], None] = time.sleep

    def __call__(self) -> Mapping[str, int]:
        """Erase all that is due, and return how many of each kind that were.

        Raises:
            StorageUnavailable: the rest is for the next time.
        """
        now, erasure = self.now(), self.erasure
        kinds: Mapping[str, tuple[timedelta, Callable[[int, AuditEvent], int]]] = {
            "sightings-without-hit": (self.retention.sightings, erasure.sightings_without_hit),
            "sightings-with-hit": (self.retention.hits, erasure.sightings_with_hit),
            "entries": (self.retention.entries, erasure.entries),
            "audit-payloads": (self.retention.audit, erasure.audit_payloads),
        }
        counts = {}
        for kind, (kept, erase) in kinds.items():
            before = now - clock.micros(kept)
            counts[kind] = sum(self._batches(erase, before, _event(kind, before, now)))
        while erasure.claims(now - KEY_LIVES):
            self.pause(PAUSE)
        counts["hotlist-versions"] = self._versions(now)
        return counts

    def _batches(
        self, erase: Callable[[int, AuditEvent], int], before: int, event: AuditEvent
    ) -> Iterator[int]:
        while count := erase(before, event):
            yield count
            self.pause(PAUSE)

    def _versions(self, now: int) -> int:
        before = now - clock.micros(self.retention.versions)
        gone = self.versions.forget(before, frozenset(self._needed()))
        if gone:
            event = _event("hotlist-versions", before, now)
            header = {**event.header, "erased": len(gone), "versions": list(gone)}
            self.erasure.note(AuditEvent(now, event.action, header, {}))
        return len(gone)

    def _needed(self) -> Iterator[str]:
        """Yield the versions without which there is no way on, nor back from a suspension."""
        current = self.versions.current()
        suspended = (file.version for file in self.history.latest() if file.format == SUSPENDED)
        for name in (current, *suspended):
            if name is not None:
                yield name
                try:
                    base = self.versions.version(name).base
                except HotlistDamaged:
                    continue
                if base is not None:
                    yield base


def _event(kind: str, before: int, now: int) -> AuditEvent:
    return AuditEvent(now, "erased", {"kind": kind, "before": clock.to_text(before)}, {})
