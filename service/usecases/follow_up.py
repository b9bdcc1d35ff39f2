"""What a change of the list asks for, in its order: hits end first, then others are made."""

from dataclasses import dataclass

from service.current import CurrentSnapshot
from service.usecases.match_back import MatchBack
from service.usecases.stand_down_hits import StandDownHits


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Looks at hits and sightings by one and the same list."""

    current: CurrentSnapshot
    stand_down: StandDownHits
    match_back: MatchBack

    def look(self) -> None:
        """Stand down what has ended, then match sightings of before with what came.

        Raises:
            StorageUnavailable: the rest is for the next look.
        """
        snapshot = self.current.get()
        if snapshot is not None and not self.current.frozen:
            # A corrected entry makes a new hit only once the old one has ended.
            self.stand_down.look(snapshot)
            self.match_back.look(snapshot)
