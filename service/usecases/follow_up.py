"""What a change of the list asks for, in its order: hits end first, then others are made."""

import time
from contextlib import suppress
from dataclasses import dataclass, field

from service.current import CurrentSnapshot, Snapshot
from service.errors import Frozen
from service.usecases.match_back import MatchBack
from service.usecases.stand_down_hits import StandDownHits

PAUSE = 0.5
"""Seconds between two looks at what has ended, while sightings are matched."""


@dataclass(slots=True, kw_only=True)
class FollowUp:
    """Looks at hits and sightings by one and the same list."""

    current: CurrentSnapshot
    stand_down: StandDownHits
    match_back: MatchBack
    _looked_at: float = field(default=0.0, init=False)

    def look(self) -> None:
        """Stand down what has ended, then match sightings of before with what came.

        Raises:
            StorageUnavailable: the rest is for the next look.
        """
        snapshot = self.current.get()
        if snapshot is not None and not self.current.frozen:
            # A corrected entry makes a new hit only once the old one has ended.
            self._stand_down(snapshot)
            with suppress(Frozen):  # the rest is for after the thaw
                self.match_back.look(snapshot, self._meanwhile)

    def _meanwhile(self) -> Snapshot | None:
        """Return what is served by now; to match many sightings delays no stand-down."""
        if self.current.frozen:
            raise Frozen
        snapshot = self.current.get()
        if snapshot is not None and time.monotonic() - self._looked_at >= PAUSE:
            self._stand_down(snapshot)
        return snapshot

    def _stand_down(self, snapshot: Snapshot) -> None:
        self.stand_down.look(snapshot)
        self._looked_at = time.monotonic()
