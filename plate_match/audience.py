"""Audience: who is answered, and which entries they may learn of."""

from enum import StrEnum

from plate_match.hotlist import Dissemination, Entry


class Audience(StrEnum):
    """Who is answered: a guard, who may not know of every entry, or the control room."""

    GUARD = "guard"
    CONTROL_ROOM = "control-room"

    def may_know(self, entry: Entry) -> bool:
        """Whether this audience may learn of an entry."""
        return (
            self is Audience.CONTROL_ROOM or entry.dissemination is not Dissemination.DISPATCH_ONLY
        )
