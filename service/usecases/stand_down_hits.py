"""Entries end -> their open hits are stood down, within seconds, each on record.

Nothing is kept of what was done but the stand-downs themselves: whoever looks next, after a crash
too, sees which hits are still open and whether what they were for is in force.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import takewhile

from service import clock, ids
from service.current import Snapshot
from service.metrics import Metrics
from service.ports import OpenHits
from service.records import AuditEvent
from service.stand_down import Fate, OpenHit, StandDown, age_of, fate_of

Ends = Sequence[tuple[OpenHit, StandDown]]

GUARDS = "guards-stood-down"
"""The action where all that guards were told of a hit has ended, but not the hit."""

PAGE = 200
"""Open hits that are looked at together, and the most that one transaction stands down."""


@dataclass(slots=True)
class StandDownHits:
    """Looks at open hits, in a thread: at all when the list or an end calls for it, else at new."""

    hits: OpenHits
    metrics: Metrics
    now: Callable[[], int] = clock.now
    _seen: int = field(default=0, init=False)
    _version: str = field(default="", init=False)
    _due: datetime | None = field(default=None, init=False)

    def look(self, snapshot: Snapshot) -> int:
        """Stand down what has ended, and return how many hits that were.

        Raises:
            StorageUnavailable: the rest is for the next look.
        """
        at = self.now()
        moment = clock.to_datetime(at)
        if snapshot.version != self._version or (self._due is not None and self._due <= moment):
            self._seen, self._due = 0, None
        self._version = snapshot.version
        count = 0
        for page in self._pages(age_of(snapshot.version)):
            count += self._stand_down(page, snapshot, at=at)
            self._seen = page[-1].id
        return count

    def _pages(self, age: tuple[str, int]) -> Iterator[Sequence[OpenHit]]:
        """Yield open hits; one that another worker made by a newer list is for a later look."""
        while page := self.hits.open_hits(after=self._seen, limit=PAGE):
            known = list(takewhile(lambda hit: age_of(hit.list_version) <= age, page))
            if known:
                yield known
            if len(known) < len(page):
                return

    def _stand_down(self, page: Sequence[OpenHit], snapshot: Snapshot, *, at: int) -> int:
        moment = clock.to_datetime(at)
        ended: list[tuple[OpenHit, StandDown]] = []
        for_guards: list[tuple[OpenHit, StandDown]] = []
        for hit in page:
            listed = snapshot.matcher.about(hit.plate)
            fate = fate_of(hit, listed, moment)
            self._await(fate)
            if fate.ended is not None:
                ended.append((hit, StandDown(hit.id, at, fate.ended)))
            if hit.told is not None:  # by these alone, or what is hidden would tell of itself
                fate = fate_of(replace(hit, entries=hit.told), listed, moment)
                self._await(fate)
                if fate.ended is not None:
                    for_guards.append((hit, StandDown(hit.id, at, fate.ended)))
        return self._record(ended, for_guards, snapshot)

    def _record(self, ended: Ends, for_guards: Ends, snapshot: Snapshot) -> int:
        for _, end in ended:
            self.metrics.stood_down(end.reason)
        if for_guards:
            events = [_event(hit, end, snapshot, action=GUARDS) for hit, end in for_guards]
            self.hits.stand_guards_down([end for _, end in for_guards], events)
        if not ended:
            return 0
        events = [_event(hit, end, snapshot) for hit, end in ended]
        return self.hits.stand_down([end for _, end in ended], events)

    def _await(self, fate: Fate) -> None:
        if fate.until is not None and (self._due is None or fate.until < self._due):
            self._due = fate.until


def _event(
    hit: OpenHit, end: StandDown, snapshot: Snapshot, *, action: str = "hit-stood-down"
) -> AuditEvent:
    """Return what goes on record: whose hit of which sighting ended, and so who is told."""
    header = {
        "hit": ids.to_text(hit.id),
        "subject": ids.to_text(hit.sighting),
        "credential": hit.credential,
        "organisation": hit.organisation,
        "reason": end.reason,
        "listVersion": snapshot.version,
    }
    references = [told["reference"] for told in hit.entries]
    return AuditEvent(end.at, action, header, {"references": references})
