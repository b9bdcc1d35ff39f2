"""A sighting whose guard is told nothing -> what the control room gets of it, once."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from math import nan

from plate_match.audience import Audience
from plate_match.found import Found
from service.disclosure import Views, disclosed
from service.records import Recording
from service.usecases.write_down import Case, written

MOST = 10_000
"""Sightings that are remembered by each process; of more the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class Untold:
    """Who is refused sends the same again and again: the control room is alerted once."""

    _seen: OrderedDict[bytes, None] = field(default_factory=OrderedDict, init=False)

    def is_new(self, case: Case) -> bool:
        """Whether a sighting has not been noted before, word for word, by the same credential."""
        return _digest(case) not in self._seen

    def note(self, case: Case) -> None:
        """Remember that a sighting is on record."""
        self._seen[_digest(case)] = None
        if len(self._seen) > MOST:
            self._seen.popitem(last=False)


def recording_of(case: Case, find: Callable[[], Found]) -> Recording:
    """Return what is recorded for the control room alone; the guard's answer has nothing in it."""
    whole = disclosed(find(), Audience.CONTROL_ROOM).whole
    return written(case, Views(replace(whole, hits=(), not_listed=nan), whole), None)


def _digest(case: Case) -> bytes:
    return sha256(case.caller.credential.encode() + b"\0" + case.sighting.request).digest()
