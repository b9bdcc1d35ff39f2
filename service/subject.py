"""What is on record of one plate, for whoever it concerns, and what is asked of storage for it.

Times are integer microseconds since 1970 UTC. Everything here may block.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from service.records import AuditEvent, HitRecord


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of a feed on a plate, and the versions of the list that had it, oldest first."""

    feed: str
    entry: Mapping[str, object]
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What somebody found a hit to be."""

    at: int
    organisation: str
    identity: str
    outcome: str


@dataclass(frozen=True, slots=True)
class HitOf:
    """A hit on a plate: who was told by its sighting, when it was alerted, what came of it."""

    hit: HitRecord
    credential: str
    alerted_at: int | None
    judged: Sequence[Judged]


@dataclass(frozen=True, slots=True)
class Cut:
    """A sighting that loses its hits on a plate and keeps the others: what is left to answer."""

    sighting: int
    answer: bytes


class PlateListings(Protocol):
    """Entries of feeds by their plate, in all versions of the list that are kept."""

    def listed(self, plate: str) -> tuple[Sequence[Listed], Sequence[str]]:
        """Return the entries, and the names of versions that cannot be read."""
        ...


class Subjects(Protocol):
    """What is recorded of a plate, in its symbols alone; each act with its audit record."""

    def hits(self, plate: str) -> Sequence[HitOf]:
        """Return all hits on it, oldest first, restricted ones included."""
        ...

    def correct(self, plate: str, statement: str, event: AuditEvent) -> int:
        """Put a statement beside all hits on it, in place of one before; return how many."""
        ...

    def restrict(self, plate: str, event: AuditEvent) -> int:
        """Keep all hits on it as proof only; return how many were not before."""
        ...

    def lift(self, plate: str, event: AuditEvent) -> int:
        """End that; return of how many."""
        ...

    def shared(self, plate: str) -> Mapping[int, bool]:
        """Return the sightings with hits on it, and whether each has hits on others too."""
        ...

    def erase_sightings(self, plate: str, some: Collection[int], event: AuditEvent) -> int:
        """Erase sightings with their hits, but for those with hits on others; return how many."""
        ...

    def cut(self, plate: str, some: Sequence[Cut], event: AuditEvent) -> int:
        """Erase the hits on a plate out of sightings that stay; return of how many sightings."""
        ...

    def erase_entries(self, plate: str, event: AuditEvent) -> int:
        """Erase what is said by entries on it that were put in by themselves."""
        ...
