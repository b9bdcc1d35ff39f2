"""What was measured: times, single numbers, and who was left out and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.speed.clock import Times

ALONE, IN_TURN = "alone", "in turn"
"""Each by itself in a loop; ours and a peer alternating on the same reads."""

SEARCH, TYPED, FOR_AN_ANSWER, MATCH, EXPLAINED, EVERYBODY = (
    "our search",
    "our search from text",
    "our search for an answer",
    "our match",
    "our match, explained",
    "our population sum",
)
"""Who is timed, peers apart."""

BUILT, GROWN, HELD, SAME, RATE, COMPARED, DIFFER = (
    "seconds to build",
    "bytes the process grew by",
    "bytes it holds by its own account",
    "share of lists that are the exact ten",
    "reads a second",
    "lists compared with exhaustive scoring",
    "lists that differ from it",
)
"""What single numbers say."""

OURS, BULK, CDIST_BULK = "our index", "our match in bulk", "rapidfuzz cdist in bulk"
"""Whom they are of, peers apart."""

REGISTERED, EVERY = "our sum over a registry", "the same, to its end"
"""Who is timed over a registry of so many vehicles, not over a list."""

ERROR, WIDTH = "median error of the estimate", "median width of the interval"
"""What is told of that sum, as shares of the exact one."""


def beside(peer: str) -> str:
    """Return who our search is when it alternates with this peer."""
    return f"{SEARCH} beside {peer}"


@dataclass(frozen=True, slots=True)
class Timed:
    """Times of one subject on reads of one class."""

    size: int
    who: str
    kind: str
    way: str
    times: Times


@dataclass(frozen=True, slots=True)
class Fact:
    """One number of one subject: seconds, bytes, or a share; by class of read, if it is."""

    size: int
    who: str
    what: str
    value: float
    kind: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A subject that was not measured at a size."""

    size: int
    who: str
    why: str


@dataclass(slots=True)
class Figures:
    """Everything of a run, in the order it was measured."""

    timed: list[Timed] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def add(self, others: "Figures") -> None:
        """Take over what somebody else measured."""
        self.timed += others.timed
        self.facts += others.facts
        self.left_out += others.left_out

    def times(self, size: int, who: str, kind: str, *, way: str = ALONE) -> Times | None:
        """Return the times of a cell, if it was measured."""
        place = (size, who, kind, way)
        found = (one.times for one in self.timed if (one.size, one.who, one.kind, one.way) == place)
        return next(found, None)

    def steady(self, size: int, who: str, kind: str) -> Times | None:
        """Return the times alone; of a scan that was only timed in turn, those."""
        turns = self.times(size, who, kind, way=IN_TURN)
        return self.times(size, who, kind) or turns

    def fact(self, size: int, who: str, what: str, *, kind: str = "") -> float | None:
        """Return a number, if it was measured."""
        place = (size, who, what, kind)
        found = (
            one.value for one in self.facts if (one.size, one.who, one.what, one.kind) == place
        )
        return next(found, None)

    @property
    def sizes(self) -> list[int]:
        """The sizes of list of which anything is known."""
        subjects: Sequence[Timed | Fact | LeftOut] = (*self.timed, *self.facts, *self.left_out)
        return sorted({one.size for one in subjects if one.who not in {REGISTERED, EVERY}})

    @property
    def vehicles(self) -> int | None:
        """The size of the registry, if there was one."""
        return next((one.size for one in self.facts if one.who == REGISTERED), None)
