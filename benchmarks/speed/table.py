"""Figures -> tables in Markdown, for people."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from benchmarks.speed import figures
from benchmarks.speed.clock import Times
from benchmarks.speed.figures import IN_TURN, Figures, beside
from benchmarks.speed.goals import digits, goals
from benchmarks.speed.peers import PEERS
from benchmarks.speed.reads import CLASSES

OURS = (
    figures.SEARCH,
    figures.TYPED,
    figures.FOR_AN_ANSWER,
    figures.MATCH,
    figures.EXPLAINED,
    figures.EVERYBODY,
)
NOTHING = "-"


def rendered(found: Figures, about: Mapping[str, str]) -> str:
    """Return everything as one text: the machine, each size, then what spans sizes."""
    parts = ["# Speed", "\n".join(f"* {name}: {value}" for name, value in about.items())]
    for size in found.sizes:
        parts += _of_size(found, size)
    if found.sizes:
        parts += ["## Build and memory", *_memory(found)]
        parts += ["## All sizes", _growth(found), _counts(found)]
    parts += [*_registered(found)]
    parts += ["## What is to be reached", _goals(found)]
    return "\n\n".join(part for part in parts if part)


def _of_size(found: Figures, size: int) -> Iterator[str]:
    yield f"## {size:,} plates"

    def alone(who: str, kind: str) -> str:
        return _both(found.steady(size, who, kind))

    def in_turn(who: str, kind: str) -> str:
        theirs = found.times(size, who, kind, way=IN_TURN)
        mine = found.times(size, beside(who), kind, way=IN_TURN)
        return f"{span(theirs.median)} / {span(mine.median)}" if theirs and mine else NOTHING

    def same(who: str, kind: str) -> str:
        share = found.fact(size, who, figures.SAME, kind=kind)
        return NOTHING if share is None else f"{share:.0%}"

    def faster(who: str, kind: str) -> str:
        ratios = (ratio(found, size, kind, who=who, way=way) for way in (figures.ALONE, IN_TURN))
        return " / ".join(NOTHING if one is None else digits(one) for one in ratios)

    yield "Each by itself in a loop, median / p99:"
    yield _by_class((*OURS, *PEERS), alone)
    yield "In turn on the same reads, median of the peer / of our search after it:"
    yield _by_class(tuple(PEERS), in_turn)
    yield "Times that our search is faster, by itself / in turn:"
    yield _by_class(tuple(PEERS), faster)
    yield "Lists that are exactly our ten:"
    yield _by_class(tuple(PEERS), same)
    left_out = (one for one in found.left_out if one.size == size)
    yield "\n".join(f"* {one.who} is left out: {one.why}." for one in left_out)


def ratio(found: Figures, size: int, kind: str, *, who: str, way: str) -> float | None:
    """Return how many times faster our search is than a peer, by medians, if both are known."""
    if way == IN_TURN:
        theirs = found.times(size, who, kind, way=IN_TURN)
        mine = found.times(size, beside(who), kind, way=IN_TURN)
    else:
        theirs, mine = found.steady(size, who, kind), found.steady(size, figures.SEARCH, kind)
    return theirs.median / mine.median if theirs and mine else None


def _by_class(subjects: Sequence[str], cell: Callable[[str, str], str]) -> str:
    rows = [(who, *(cell(who, kind) for kind in CLASSES)) for who in subjects]
    known = [row for row in rows if set(row[1:]) - {NOTHING, f"{NOTHING} / {NOTHING}"}]
    return table(("", *CLASSES), known)


def _memory(found: Figures) -> Iterator[str]:
    """Yield seconds to build, growth of the process, and bytes held, a table each."""
    for what in (figures.BUILT, figures.GROWN, figures.HELD):
        rows = [
            (who, *(_amount(what, one, size) for one, size in values))
            for who, values in _by_size(found, (figures.OURS, *PEERS), what)
        ]
        yield f"{what.capitalize()}{'' if what == figures.BUILT else ', a plate'}:"
        yield table(("", *(f"{size:,}" for size in found.sizes)), rows)


def _amount(what: str, value: float | None, size: int) -> str:
    """Return seconds to build as a time, bytes by the plate."""
    if value is None:
        return NOTHING
    return span(value) if what == figures.BUILT else f"{value / size:,.2f}"


def _by_size(
    found: Figures, subjects: Sequence[str], what: str
) -> Iterator[tuple[str, list[tuple[float | None, int]]]]:
    """Yield the subjects of which something is known, with their number at each size."""
    for who in subjects:
        values = [(found.fact(size, who, what), size) for size in found.sizes]
        if any(value is not None for value, _ in values):
            yield who, values


def _growth(found: Figures) -> str:
    smallest, largest = found.sizes[0], found.sizes[-1]
    if smallest == largest:
        return ""

    def grown(who: str, kind: str) -> str:
        few, many = found.steady(smallest, who, kind), found.steady(largest, who, kind)
        return f"{many.median / few.median:.2f}" if few and many else NOTHING

    told = f"Median at {largest:,} plates over that at {smallest:,}:"
    return f"{told}\n\n{_by_class((figures.SEARCH, figures.TYPED), grown)}"


def _counts(found: Figures) -> str:
    rows = [
        (f"{who}: {what}", *(NOTHING if one is None else digits(one) for one, _ in values))
        for subject, what in (
            (figures.BULK, figures.RATE),
            (figures.CDIST_BULK, figures.RATE),
            (figures.OURS, figures.COMPARED),
            (figures.OURS, figures.DIFFER),
        )
        for who, values in _by_size(found, (subject,), what)
    ]
    return table(("", *(f"{size:,}" for size in found.sizes)), rows)


def _registered(found: Figures) -> Iterator[str]:
    """Yield what a registry's sum takes and how near it is."""
    vehicles = found.vehicles
    if vehicles is None:
        return
    yield f"## A registry of {vehicles:,} vehicles"
    yield _by_class(
        (figures.REGISTERED, figures.EVERY),
        lambda who, kind: _both(found.steady(vehicles, who, kind)),
    )
    told = ((what, found.fact(vehicles, figures.REGISTERED, what)) for what in _NEAR)
    yield "\n".join(f"* {what}: {share:.2%}" for what, share in told if share is not None)


_NEAR = (figures.ERROR, figures.WIDTH)


def _goals(found: Figures) -> str:
    rows = [(one.name, one.asked, one.reached, one.verdict) for one in goals(found)]
    return table(("", "asked", "reached", ""), rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown, its columns aligned."""
    lines = [head, *rows]
    wide = [max(len(line[column]) for line in lines) for column in range(len(head))]
    padded = [[one.ljust(width) for one, width in zip(line, wide, strict=True)] for line in lines]
    rule = ["-" * width for width in wide]
    return "\n".join(f"| {' | '.join(line)} |" for line in (padded[0], rule, *padded[1:]))


def _both(times: Times | None) -> str:
    return f"{span(times.median)} / {span(times.p99)}" if times else NOTHING


def span(seconds: float) -> str:
    """Return a time as a person reads it: three digits and a unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"
