"""Observation + plate -> alignment: the likeliest way this plate became this read, in bits.

Walks the lattice of the best alignment forward, taking at every turn the event that reaches
the value of the backward pass. It is the arithmetic of the score, not a second story: the
bits of the steps add up to the probability of that alignment within its component.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
from numpy.typing import NDArray

from plate_match import kernel
from plate_match.channel import Observation, labels_of
from plate_match.keys import dashes_of, key_of, shape_of
from plate_match.lattice import Lattice, States
from plate_match.plate import GAP, UNKNOWN, Plate, symbols_of
from plate_match.sight import Sight


@dataclass(frozen=True, slots=True)
class Step:
    """One event: what was read, what stands on the plate, and log2 of its probability.

    `kind` is one of same, confused, unread, swapped, missing, cut, inserted, gap, separator,
    retold.
    """

    read: str
    plate: str
    kind: str
    bits: float


@dataclass(frozen=True, slots=True)
class _Event:
    """A turn that could be taken: its chance, the value of what follows, where it leads."""

    chance: float
    rest: float
    to: tuple[str, int, int]
    read: str = ""
    plate: str = ""
    kind: str = ""


def explain(sight: Sight, plate: Plate) -> tuple[Step, ...]:
    """Return the steps of the best alignment of the likeliest thing that was retold.

    Where that is not the read as it stands, it comes first, as a step of its own. A read that
    says nothing of any plate has no steps.
    """
    if not sight.told:
        return ()
    which, steps = _natively(sight, plate) if kernel.native else _plainly(sight, plate)
    if which == 0:
        return steps
    weight, meant = sight.told[which]
    retold = Step(str(sight.read.pattern), "".join(labels_of(meant)), "retold", log2(weight))
    return (retold, *steps)


def _natively(sight: Sight, plate: Plate) -> tuple[int, tuple[Step, ...]]:
    key, shape = key_of(plate), shape_of(plate)
    best = [kernel.best_alignment(read, key, shape) for read in sight.native]
    which = best.index(max(best))
    labels = labels_of(sight.told[which][1])
    events = kernel.aligned(sight.native[which], key, shape)
    return which, _steps((chance, *_told(event, labels, plate)) for chance, *event in events)


def _plainly(sight: Sight, plate: Plate) -> tuple[int, tuple[Step, ...]]:
    walks = [_Walk.of(seen, plate) for _, seen in sight.observations]
    best = [weight * walk.best for walk, (weight, _) in zip(walks, sight.observations, strict=True)]
    which = best.index(max(best))
    return which, walks[which].steps()


def align(seen: Observation, plate: Plate) -> tuple[Step, ...]:
    """Return the steps of the best alignment, in the order of the plate."""
    return _Walk.of(seen, plate).steps()


def _steps(events: Iterable[tuple[float, str, str, str]]) -> tuple[Step, ...]:
    """Return events as steps; the chance of one without a name counts for the next that has one."""
    steps: list[Step] = []
    bits = 0.0
    for chance, read, plate, kind in events:
        bits += log2(chance)
        if kind:
            steps.append(Step(read, plate, kind, bits))
            bits = 0.0
    last = steps.pop()
    return (*steps, Step(last.read, last.plate, last.kind, last.bits + bits))


def _told(event: Sequence[int], labels: Sequence[str], plate: Plate) -> tuple[str, str, str]:
    """Return what was read, what stands on the plate and the name of an event of the kernel."""
    what, j, slot = event
    name = kernel.EVENTS.get(what, "")
    read, stands = labels[j : j + 1], plate[slot : slot + 1]
    if name == "swapped":
        read, stands = labels[j : j + 2], plate[slot - 1 : slot + 1]
    elif name == "kept":
        name = _kind_of(labels[j], stands)
    elif name == "dash":
        name, stands = _kind_of_dash(labels[j]), "-"
    elif name == "gap":
        read, stands = (GAP,), stands if what == kernel.SWALLOWED else ""
    return ("", "", "") if not name else _parts(name, "".join(read), stands)


def _parts(name: str, read: str, stands: str) -> tuple[str, str, str]:
    """Return the parts of an event that has a name; not all of them have a read and a plate."""
    return "" if name in _OF_THE_PLATE else read, "" if name == "inserted" else stands, name


_OF_THE_PLATE = {"cut", "missing"}


def _kind_of(label: str, symbol: str) -> str:
    if label == UNKNOWN:
        return "unread"
    return "same" if symbol in label.split("/") else "confused"


def _kind_of_dash(label: str) -> str:
    return "separator" if label == "-" else "confused"


@dataclass(frozen=True, slots=True)
class _Walk:
    """One plate's lattice under maximum, narrowed to the component that explains best."""

    seen: Observation
    plate: Plate
    lattice: Lattice
    dashed: tuple[bool, ...]
    emission: NDArray[np.float64]
    rest: tuple[States, ...]
    crossed: tuple[States, ...]
    component: int
    best: float

    @classmethod
    def of(cls, seen: Observation, plate: Plate) -> "_Walk":
        symbols, dashed = symbols_of([plate]), dashes_of([plate])
        lattice = Lattice(seen, len(plate), np.maximum)
        rest: list[States] = [lattice.finish(1)]
        crossed: list[States] = []
        emissions: list[NDArray[np.float64]] = []
        for slot in range(len(plate) - 1, -1, -1):
            crossed.insert(0, lattice.cross_back(rest[0], dashed[slot]))
            emissions.insert(0, lattice.of_symbols(symbols[slot], slot))
            rest.insert(0, lattice.meet_back(crossed[0], emissions[0], slot))
        value = rest[0].late[:, 0] * seen.rates.weight
        component = int(value.argmax())
        return cls(
            seen=seen,
            plate=plate,
            lattice=lattice,
            dashed=tuple(bool(one) for one in dashed[:, 0]),
            emission=np.concatenate([one[:, component] for one in emissions], axis=1),
            rest=tuple(rest),
            crossed=tuple(crossed),
            component=component,
            best=float(value[component]),
        )

    def steps(self) -> tuple[Step, ...]:
        """Return the steps of the best alignment."""
        return _steps((one.chance, one.read, one.plate, one.kind) for one in self.events())

    def events(self) -> Iterator[_Event]:
        """Yield the events of the best alignment, first to last."""
        state = ("late", 0, 0)
        while state[0] != "done":
            best = max(self._turns(*state), key=lambda turn: turn.chance * turn.rest)
            yield best
            state = best.to

    def _turns(self, state: str, slot: int, j: int) -> Iterator[_Event]:
        turns = {
            "late": self._late,
            "main": self._main,
            "leave": self._leave,
            "cross": self._cross,
            "owed": self._owed,
            "gap": self._gap,
            "ended": self._ended,
        }
        return turns[state](slot, j)

    def _late(self, slot: int, _: int) -> Iterator[_Event]:
        begins = float(self.seen.rates.begins(slot, len(self.plate))[self.component])
        yield _Event(begins, self._value(self.rest[slot].main[0]), ("main", slot, 0))
        if slot < len(self.plate):
            rest = self._value(self.rest[slot + 1].late)
            to = ("late", slot + 1, 0)
            yield _Event(1 - begins, rest, to, plate=self.plate[slot], kind="cut")

    def _main(self, slot: int, j: int) -> Iterator[_Event]:
        """Insert a column, enter a gap, or leave the slot."""
        if j < len(self.seen.gaps):
            if self.seen.gaps[j]:
                yield _Event(1.0, self._value(self.rest[slot].gap[j]), ("gap", slot, j))
            else:
                rest = self._value(self.rest[slot].main[j + 1])
                kind = self.lattice.kind(slot)
                added = self.seen.insertion[j, self.component, kind, 0]
                chance = float(added * self.seen.rates.insert[self.component, kind])
                to = ("main", slot, j + 1)
                yield _Event(chance, rest, to, self.seen.labels[j], kind="inserted")
        leave = max((turn.chance * turn.rest for turn in self._leave(slot, j)), default=0.0)
        stay = 1 - float(self.seen.rates.insert[self.component, self.lattice.kind(slot)])
        yield _Event(stay, leave, ("leave", slot, j))

    def _leave(self, slot: int, j: int) -> Iterator[_Event]:
        columns = len(self.seen.gaps)
        if slot == len(self.plate):
            yield _Event(1.0, float(j == columns), ("done", slot, j))
            return
        rates, k = self.seen.rates, self.component
        ends = float(rates.ends(slot, len(self.plate))[k])
        if j == columns:
            yield _Event(ends, 1.0, ("ended", slot, j))
        keep, swap = (float(chance[k, 0]) for chance in self.lattice.kept(slot))
        symbol, after = self.plate[slot], self.crossed[slot]
        if j < columns:
            chance = (1 - ends) * keep * float(self.emission[j, slot])
            read, to = self.seen.labels[j], ("cross", slot, j + 1)
            rest = self._value(after.main[j + 1])
            yield _Event(chance, rest, to, read, symbol, _kind_of(read, symbol))
        if j + 1 < columns:
            chance = (1 - ends) * swap * float(self.emission[j + 1, slot])
            yield _Event(chance, self._value(after.owed[j]), ("owed", slot + 1, j))
        chance = (1 - ends) * float(self.lattice.lost(slot)[k, 0])
        rest = self._value(after.main[j])
        yield _Event(chance, rest, ("cross", slot, j), plate=symbol, kind="missing")

    def _cross(self, slot: int, j: int) -> Iterator[_Event]:
        ahead = self.rest[slot + 1].main
        if not self.dashed[slot]:
            yield _Event(1.0, self._value(ahead[j]), ("main", slot + 1, j))
            return
        lost = float(self.seen.rates.dash_delete[self.component])
        yield _Event(lost, self._value(ahead[j]), ("main", slot + 1, j))
        if j < len(self.seen.gaps):
            chance = (1 - lost) * float(self.seen.dash[j, self.component, 0])
            label = self.seen.labels[j]
            rest = self._value(ahead[j + 1])
            yield _Event(chance, rest, ("main", slot + 1, j + 1), label, "-", _kind_of_dash(label))

    def _owed(self, slot: int, j: int) -> Iterator[_Event]:
        chance = float(self.emission[j, slot])
        read = self.seen.labels[j] + self.seen.labels[j + 1]
        rest = self._value(self.crossed[slot].main[j + 2])
        to = ("cross", slot, j + 2)
        yield _Event(chance, rest, to, read, self.plate[slot - 1 : slot + 1], "swapped")

    def _gap(self, slot: int, j: int) -> Iterator[_Event]:
        rest = self._value(self.rest[slot].main[j + 1])
        yield _Event(self.seen.rates.gap, rest, ("main", slot, j + 1), GAP, "", "gap")
        if slot < len(self.plate):
            swallowed = self.plate[slot]
            rest = self._value(self.rest[slot + 1].gap[j])
            yield _Event(1.0, rest, ("gap", slot + 1, j), GAP, swallowed, "gap")

    def _ended(self, slot: int, j: int) -> Iterator[_Event]:
        if slot == len(self.plate):
            yield _Event(1.0, 1.0, ("done", slot, j))
        else:
            yield _Event(1.0, 1.0, ("ended", slot + 1, j), plate=self.plate[slot], kind="cut")

    def _value(self, states: NDArray[np.float64]) -> float:
        return float(states[self.component, 0])
