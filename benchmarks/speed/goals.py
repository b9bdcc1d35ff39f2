"""Figures -> what the design asks of speed and memory, and whether it is reached."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.speed import figures
from benchmarks.speed.clock import Times
from benchmarks.speed.figures import ALONE, IN_TURN, Figures, beside

WHOLE = ("exact", "conf1", "conf2", "transp", "miss")
"""Reads of full length."""

MISSING = ("del1", "wild1", "conf1+del1")
"""Reads that lack a symbol."""

WIDEST = ("partial3", "partial4", "wild2")
"""Reads that leave most open."""

SCANNED = "rapidfuzz extract"

K10, M1, M10 = 10_000, 1_000_000, 10_000_000


@dataclass(frozen=True, slots=True)
class Goal:
    """One line of the design; `verdict` is reached, missed, or not measured."""

    name: str
    asked: str
    reached: str
    verdict: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """A bound on one number: at least, or at most."""

    name: str
    bound: float
    unit: str
    at_least: bool
    number: Callable[[Figures], float | None]

    def of(self, found: Figures) -> Goal:
        """Judge it."""
        number = self.number(found)
        asked = f"{'≥' if self.at_least else '≤'} {self.bound:,g}{self.unit}"
        if number is None:
            return Goal(self.name, asked, "-", "not measured")
        kept = number >= self.bound if self.at_least else number <= self.bound
        return Goal(
            self.name, asked, f"{digits(number)}{self.unit}", "reached" if kept else "missed"
        )


def digits(number: float) -> str:
    """Return three digits of a number, or all before the point."""
    return f"{number:,.0f}" if number >= THOUSAND else f"{number:.3g}"


THOUSAND = 1000


def goals(found: Figures) -> list[Goal]:
    """Return every goal with what was reached; of several classes, the worst counts."""
    return [one.of(found) for one in (*_faster(), *_small(), *_answers())]


def _faster() -> Iterator[_Asked]:
    for size, way, bound in (
        (M1, ALONE, 10_000),
        (M1, IN_TURN, 2_000),
        (M10, ALONE, 80_000),
        (M10, IN_TURN, 15_000),
    ):
        name = f"full-length read, {size:,} plates, times {SCANNED}, {way}"
        yield _Asked(name, bound, "x", True, _ratio(size, WHOLE, way))
    yield _Asked("the same, 10,000 → 10,000,000 plates grows", 3, "x", False, _grown)
    name = f"what an answer asks of the index, {M1:,} plates, times {SCANNED}, {ALONE}"
    yield _Asked(name, 10_000, "x", True, _for_an_answer)
    name = f"a symbol missing, {M1:,} plates, times {SCANNED}, {IN_TURN}"
    yield _Asked(name, 2_500, "x", True, _ratio(M1, MISSING, IN_TURN))
    yield _Asked("partials, any size, p99", 500, " µs", False, _widest)


def _small() -> Iterator[_Asked]:
    for size, most, seconds in ((M1, 12, 0.2), (M10, 1.5, 1)):
        yield _Asked(f"bytes a plate, {size:,} plates", most, " B", False, _held(size))
        built = _fact(size, figures.OURS, figures.BUILT)
        yield _Asked(f"build, {size:,} plates", seconds, " s", False, built)


def _answers() -> Iterator[_Asked]:
    name = f"the whole match, explained, {M1:,} plates"
    yield _Asked(name, 100, " µs", False, _slowest(M1, figures.EXPLAINED, WHOLE))
    bulk = _fact(M1, figures.BULK, figures.RATE)
    yield _Asked(f"match in bulk, {M1:,} plates, reads a second", 100_000, "", True, bulk)
    yield _Asked(f"the same, times cdist, {M1:,} plates", 1_000, "x", True, _crossed)
    name = "population sum over a registry"
    yield _Asked(f"{name}, median error", 0.01, "", False, _of_registry(_error))
    yield _Asked(f"{name}, median", 50, " µs", False, _of_registry(_summed))
    yield _Asked(f"{name}, times summing all", 2_000, "x", True, _of_registry(_over_all))
    yield _Asked("lists that differ from exhaustive scoring", 0, "", False, _differ)


def _ratio(size: int, kinds: Sequence[str], way: str) -> Callable[[Figures], float | None]:
    def number(found: Figures) -> float | None:
        return _all(
            (
                _over(theirs, mine)
                for theirs, mine in (_pair(found, size, kind, way=way) for kind in kinds)
            ),
            min,
        )

    return number


def _pair(found: Figures, size: int, kind: str, *, way: str) -> tuple[Times | None, Times | None]:
    """Return the times of the scan and of our search, alone or in turn."""
    if way == ALONE:
        return found.steady(size, SCANNED, kind), found.steady(size, figures.SEARCH, kind)
    mine = found.times(size, beside(SCANNED), kind, way=IN_TURN)
    return found.times(size, SCANNED, kind, way=IN_TURN), mine


def _for_an_answer(found: Figures) -> float | None:
    pairs = [
        (found.steady(M1, SCANNED, kind), found.steady(M1, figures.FOR_AN_ANSWER, kind))
        for kind in WHOLE
    ]
    return _all((_over(theirs, mine) for theirs, mine in pairs), min)


def _over(one: Times | None, other: Times | None) -> float | None:
    return one.median / other.median if one and other else None


def _grown(found: Figures) -> float | None:
    pairs = [
        (found.steady(M10, figures.SEARCH, kind), found.steady(K10, figures.SEARCH, kind))
        for kind in WHOLE
    ]
    return _all((_over(many, few) for many, few in pairs), max)


def _widest(found: Figures) -> float | None:
    cells = [found.steady(size, figures.SEARCH, kind) for size in found.sizes for kind in WIDEST]
    return _all((times.p99 * 1e6 if times else None for times in cells), max)


def _slowest(size: int, who: str, kinds: Sequence[str]) -> Callable[[Figures], float | None]:
    def number(found: Figures) -> float | None:
        cells = [found.steady(size, who, kind) for kind in kinds]
        return _all((times.median * 1e6 if times else None for times in cells), max)

    return number


def _fact(size: int, who: str, what: str) -> Callable[[Figures], float | None]:
    return lambda found: found.fact(size, who, what)


def _held(size: int) -> Callable[[Figures], float | None]:
    def number(found: Figures) -> float | None:
        held = found.fact(size, figures.OURS, figures.HELD)
        return None if held is None else held / size

    return number


def _of_registry(
    number: Callable[[Figures, int], float | None],
) -> Callable[[Figures], float | None]:
    """Return what asks a number of the registry, if there was one of a country's size."""

    def asked(found: Figures) -> float | None:
        size = found.vehicles
        return number(found, size) if size is not None and size >= COUNTRY else None

    return asked


COUNTRY = 15_000_000
"""Vehicles that are registered, nearly."""


def _error(found: Figures, size: int) -> float | None:
    return found.fact(size, figures.REGISTERED, figures.ERROR)


def _summed(found: Figures, size: int) -> float | None:
    return _slowest(size, figures.REGISTERED, WHOLE)(found)


def _over_all(found: Figures, size: int) -> float | None:
    pairs = [
        (found.steady(size, figures.EVERY, kind), found.steady(size, figures.REGISTERED, kind))
        for kind in WHOLE
    ]
    return _all((_over(slow, quick) for slow, quick in pairs), min)


def _crossed(found: Figures) -> float | None:
    ours = found.fact(M1, figures.BULK, figures.RATE)
    theirs = found.fact(M1, figures.CDIST_BULK, figures.RATE)
    return ours / theirs if ours and theirs else None


def _differ(found: Figures) -> float | None:
    counts = [found.fact(size, figures.OURS, figures.DIFFER) for size in found.sizes]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _all(numbers: Iterable[float | None], worst: Callable[[list[float]], float]) -> float | None:
    """Return the worst of the numbers; nothing if one of them is not known."""
    known = list(numbers)
    told = [one for one in known if one is not None]
    return worst(told) if told and len(told) == len(known) else None
