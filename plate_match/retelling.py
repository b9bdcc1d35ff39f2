"""Read -> what may have been told before it was misread: a report as a whole, and retold.

People lose more than symbols. They say the groups of a plate in another order, let two symbols
change places over a third, name a number the wrong way round ("achtentwintig"), type a key twice.
Each of these is undone here, so that the channel meets what was meant; what it says of each is
weighed by how often that happens. Only what leads to a layout of a whole plate is undone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain, pairwise

from plate_match.channel import Read
from plate_match.layouts import PLACES, SIDECODES, kinds_of, layouts_like
from plate_match.plate import UNKNOWN, Pattern

GROUPS, JUMP, INVERSION, DOUBLE = range(4)
KINDS = ("groups", "jump", "inversion", "double")
"""Two groups change places; two symbols do over a third; a number is said backwards; a symbol
is told twice."""

MOST = 6
"""Reads that one read may have been; the likelier are kept."""

_SWAPS = ((0, 1), (0, 2), (1, 2))
"""Two of three groups."""

_OVER = 2
"""Places from a symbol to the one that it changes places with over a third."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to undo: the read's places in another order, and where separators then stand.

    `chance` is its share of its kind.
    """

    kind: int
    chance: float
    order: tuple[int, ...]
    separators: tuple[int, ...]


def retellings(read: Read, shares: Sequence[float]) -> tuple[tuple[float, Read], ...]:
    """Return the weight and the read of each thing that may have happened.

    The first is the read as it stands. A weight is how often a plate that was meant so is told
    as it was read: the weights of all that is of one layout sum to at most 1, and what would have
    come of no plate that is known of is left out.

    Args:
        read: what was told.
        shares: how many reports each of `KINDS` happens to; none at all for a camera.
    """
    told: dict[Read, float] = {}
    standing = 1.0 - sum(shares)
    if standing < 1:
        for way in ways(read.pattern):
            meant = undone(read, way)
            told[meant] = told.get(meant, 0.0) + shares[way.kind] * way.chance
    standing += told.pop(read, 0.0)
    likeliest = sorted(told.items(), key=lambda one: -one[1])[: MOST - 1]
    return ((standing, read), *((weight, meant) for meant, weight in likeliest if weight))


def ways(pattern: Pattern) -> tuple[Way, ...]:
    """Return the ways in which a read can be undone."""
    if len(pattern.symbols) == PLACES:
        return _rearranged(kinds_of(pattern), pattern.separators)
    if len(pattern.symbols) == PLACES + 1:
        return tuple(_singled(pattern))
    return ()


@lru_cache(maxsize=4096)
def _rearranged(kinds: str, separators: tuple[int, ...]) -> tuple[Way, ...]:
    """Return the ways to undo a read of six symbols, which depend on their kinds alone."""
    regrouped = dict(_regrouped(kinds))
    jumped = tuple(_jumped(kinds))
    inverted = sorted(set(_inverted(kinds)))
    swaps = max(len(_SWAPS), _most_into_one(kinds, regrouped))
    return (
        *(
            Way(GROUPS, 1 / swaps, order, _moved(separators, order, ends))
            for order, ends in regrouped.items()
        ),
        *(Way(JUMP, 1 / (PLACES - _OVER), order, separators) for order in jumped),
        *(Way(INVERSION, 1 / len(inverted), order, separators) for order in inverted),
    )


def _most_into_one(kinds: str, orders: Iterable[tuple[int, ...]]) -> int:
    """Return how many orders lead into one layout, at most.

    Where little was read the groups of other layouts lead into it too, and a plate of it is not
    told in another order more often for that.
    """
    led = Counter(
        layout.number
        for order in orders
        for layout in layouts_like("".join(kinds[place] for place in order))
    )
    return max(led.values(), default=0)


def undone(read: Read, way: Way) -> Read:
    """Return what was meant, if a read came about in this way."""
    symbols = tuple(read.pattern.symbols[place] for place in way.order)
    confidences = read.confidences and tuple(read.confidences[place] for place in way.order)
    return Read(Pattern(symbols, way.separators), confidences)


def _regrouped(kinds: str) -> Iterator[tuple[tuple[int, ...], dict[int, int]]]:
    """Yield the orders that put two groups back, and where the groups' ends then are."""
    for layout in SIDECODES:
        groups = layout.layout.split("-")
        for one, other in _SWAPS:
            said = list(range(len(groups)))
            said[one], said[other] = other, one
            if _fits(kinds, "".join(groups[group] for group in said)):
                ends = tuple(accumulate(len(groups[group]) for group in said))
                spans = [range(begin, end) for begin, end in pairwise((0, *ends))]
                order = tuple(chain.from_iterable(spans[group] for group in said))
                yield order, dict(zip(ends, layout.dashes, strict=False))


def _moved(
    separators: Sequence[int], order: tuple[int, ...], ends: dict[int, int]
) -> tuple[int, ...]:
    """Return where separators stand: between groups they stay so, within one they go with it."""
    return tuple(sorted(ends.get(place) or order.index(place) for place in separators))


def _jumped(kinds: str) -> Iterator[tuple[int, ...]]:
    """Yield the orders that let two symbols change places over a third, back into a layout."""
    for place in range(PLACES - _OVER):
        order = _swapped(place, place + _OVER)
        if layouts_like("".join(kinds[one] for one in order)):
            yield order


def _inverted(kinds: str) -> Iterator[tuple[int, ...]]:
    """Yield the orders that turn a number of two digits round, or the end of one of three."""
    for layout in layouts_like(kinds):
        for begin, end in pairwise((0, *layout.dashes, PLACES)):
            if end - begin > 1 and layout.shape[end - 1] == "9":
                yield _swapped(end - 2, end - 1)


def _singled(pattern: Pattern) -> Iterator[Way]:
    """Yield the ways to take out one of two symbols that are the same, into a layout."""
    kinds = kinds_of(pattern)
    for place, (one, other) in enumerate(pairwise(pattern.symbols)):
        order = (*range(place), *range(place + 1, PLACES + 1))
        if one == other != UNKNOWN and layouts_like("".join(kinds[kept] for kept in order)):
            moved = {end - (end > place) for end in pattern.separators} - {0}
            yield Way(DOUBLE, 1 / PLACES, order, tuple(sorted(moved)))


def _swapped(one: int, other: int) -> tuple[int, ...]:
    order = list(range(PLACES))
    order[one], order[other] = other, one
    return tuple(order)


def _fits(kinds: str, shape: str) -> bool:
    return all(kind in (UNKNOWN, want) for kind, want in zip(kinds, shape, strict=True))
