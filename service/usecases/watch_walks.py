"""Sightings that guards reported -> walks are slowed down, on record, counted and logged.

One process of all looks, at what all of them recorded. A walk makes whoever took part wait, twice
as long each time: of the account that is charged with every answer, so that every worker knows.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from service import clock, ids
from service.limit_ports import GuardsReads
from service.metrics import Metrics
from service.records import AuditEvent
from service.usecases.acts import Act
from service.usecases.budget import holder_of
from service.usecases.walks import Detector, Walk

UNSETTLED = 10 * clock.SECOND
"""How long after its receipt a sighting is on record, at the most."""

_PAGE = 1_000
_LOG = logging.getLogger("service.walks")


@dataclass(slots=True, kw_only=True)
class WatchWalks:
    """Looks again and again at what came; in a thread. `window` is in microseconds."""

    reads: GuardsReads
    metrics: Metrics
    secret: bytes
    window: int
    now: Callable[[], int] = clock.now
    _detector: Detector = field(init=False)
    _from: int = field(default=0, init=False)
    _seen: set[int] = field(default_factory=set, init=False)
    _due: deque[Walk] = field(default_factory=deque, init=False)

    def __post_init__(self) -> None:
        """Begin with nothing seen."""
        self._detector = Detector(self.window)

    def look(self) -> None:
        """Follow what was recorded since the last look; the first one goes back a window.

        What was found then was acted upon by whoever looked before.

        Raises:
            StorageUnavailable: the rest is for the next look.
        """
        now = self.now()
        settled = now - UNSETTLED
        old = settled if not self._from else 0
        after = self._from or ids.least_id(now - self.window)
        slowed: set[str] = set()
        while page := self.reads.since(after, _PAGE):
            for read in page:
                after = read.sighting
                if read.sighting not in self._seen:
                    self._seen.add(read.sighting)
                    walk = self._detector.add(read)
                    if walk is not None and read.at >= old:
                        self._due.append(walk)
            while self._due:
                self._act(self._due[0], now, slowed)
                self._due.popleft()
        self._from = ids.least_id(settled)
        self._seen = {one for one in self._seen if one > self._from}

    def _act(self, walk: Walk, now: int, slowed: set[str]) -> None:
        """Slow whoever goes on with a walk at each step, who else walked once in a look."""
        last, *others = (holder_of(self.secret, caller) for caller in walk.callers)
        fresh = {last, *others} - (slowed - {last})
        slowed |= fresh
        self.reads.slow(sorted(fresh), _event(walk, now))
        self.metrics.walk(walk.pattern)
        credentials = ", ".join(caller.credential for caller in walk.callers)
        _LOG.warning("walk %s by credential %s", walk.pattern, credentials)


def _event(walk: Walk, now: int) -> AuditEvent:
    header = {
        "pattern": walk.pattern.value,
        "reads": len(walk.plates),
        "credentials": [caller.credential for caller in walk.callers],
    }
    return Act(walk.callers[0], "walk-detected", header, {"plates": walk.plates}).event(now)
