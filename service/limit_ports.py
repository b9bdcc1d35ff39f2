"""What is asked of storage and of memory to keep guards from fishing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from plate_match.plate import Plate
from service.records import AuditEvent, Caller


@dataclass(frozen=True, slots=True)
class Rate:
    """How many requests a credential may send: of `limit` so many `remaining`.

    `seconds` is when there is one more; `taken` how many of these were counted.
    """

    limit: int
    remaining: int
    seconds: int
    taken: int


class RequestRates(Protocol):
    """Counts the requests of credentials; called for each of them, so it must be quick."""

    def take(self, credential: str, times: int = 1) -> Rate | None:
        """Count requests as far as there is room, and return what is left; None: no limit."""
        ...


@dataclass(frozen=True, slots=True)
class GuardsRead:
    """Whole plates that a guard read, all of one sighting."""

    sighting: int
    at: int
    caller: Caller
    plates: tuple[Plate, ...]


class GuardsReads(Protocol):
    """What guards read, for whoever looks for walks; called from a thread, so it may block."""

    def since(self, after: int, limit: int) -> Sequence[GuardsRead]:
        """Return what guards read in sightings with a higher id, rising."""
        ...

    def slow(self, holders: Sequence[str], event: AuditEvent) -> None:
        """Let holders wait, each longer than the last time, with its audit record."""
        ...
