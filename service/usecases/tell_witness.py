"""The head of the audit chain -> a witness whom the operator cannot reach, told again and again.

Whoever runs the service could cut the chain off, or write all of it anew; a witness that was told
an earlier head shows that. What was done since the witness was told last is in nobody else's hand.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from service import clock
from service.metrics import Metrics
from service.ports import AuditTrail, Witness


@dataclass(slots=True, kw_only=True)
class TellWitness:
    """Tells the witness in a thread, at once and then after each `pause`."""

    trail: AuditTrail
    witness: Witness
    metrics: Metrics
    pause: timedelta
    now: Callable[[], int] = clock.now
    passed: Callable[[], float] = time.monotonic
    _next: float = field(default=0.0, init=False)

    def look(self) -> None:
        """Tell the head of the chain, if it is time; of an empty chain nothing is told.

        Raises:
            StorageUnavailable: it could not be told; the next look tries again.
        """
        # Not by the clock of the wall: who sets it ahead would silence the witness.
        if self.passed() < self._next:
            return
        head = self.trail.head()
        if head is not None:
            now = self.now()
            self.witness.tell(head, now)
            self.metrics.witness(told_at=now)
            self._next = self.passed() + self.pause.total_seconds()
