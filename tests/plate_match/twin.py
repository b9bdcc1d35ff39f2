"""The slow and obviously right twin of the lattice, the index and the posterior.

Plain recursion over one plate and one read, written down from the story of the channel: what
may happen at each turn, and how likely it is. `best` keeps the likeliest way, `total` all.
"""

from collections.abc import Callable, Sequence
from functools import cache
from math import exp

from plate_match.channel import INNER, LEADING, TRAILING, Observation
from plate_match.plate import SYMBOLS


def total(seen: Observation, plate: str, dashes: Sequence[int] = ()) -> float:
    """P(read | plate), all alignments and components."""
    return sum(_weigh(seen, plate, dashes, k, lambda ways: sum(ways)) for k in _components(seen))


def best(seen: Observation, plate: str, dashes: Sequence[int] = ()) -> float:
    """The likeliest alignment in the likeliest component."""
    return max(_weigh(seen, plate, dashes, k, max) for k in _components(seen))


def search(
    seen: Observation, plates: Sequence[tuple[str, Sequence[int]]], likeliest: float, cutoff: float
) -> list[str]:
    """The plates within the cut-off, likeliest first, ties by plate."""
    near = [
        (-float(f"{total(seen, plate, dashes):.11e}"), plate)
        for plate, dashes in plates
        if best(seen, plate, dashes) >= likeliest * exp(-cutoff)
    ]
    return [plate for _, plate in sorted(near)]


def _components(seen: Observation) -> range:
    return range(seen.shape[1])


def _weigh(
    seen: Observation,
    plate: str,
    dashes: Sequence[int],
    k: int,
    ways: Callable[[list[float]], float],
) -> float:
    rates, length, columns = seen.rates, len(plate), seen.shape[0]

    def emitted(j: int, i: int) -> float:
        return float(seen.emission[j, k, SYMBOLS.index(plate[i])])

    def kind(i: int) -> int:
        return LEADING if i == 0 else TRAILING if i == length else INNER

    @cache
    def late(i: int) -> float:
        here = float(rates.begins(i, length)[k])
        return ways([here * slot(i, 0)] + ([(1 - here) * late(i + 1)] if i < length else []))

    @cache
    def slot(i: int, j: int) -> float:
        turns = [(1 - float(rates.insert[k, kind(i)])) * leave(i, j)]
        if j < columns and seen.gaps[j]:
            turns.append(in_gap(i, j))
        elif j < columns:
            added = float(rates.insert[k, kind(i)] * seen.insertion[j, k, kind(i), 0])
            turns.append(added * slot(i, j + 1))
        return ways(turns)

    @cache
    def in_gap(i: int, j: int) -> float:
        turns = [rates.gap * slot(i, j + 1)]
        return ways(turns + ([in_gap(i + 1, j)] if i < length else []))

    def leave(i: int, j: int) -> float:
        if i == length:
            return float(j == columns)
        ends = float(rates.ends(i, length)[k])
        turns = [ends] if j == columns else []
        lost, swap = float(rates.delete[k]), float(rates.transpose[k]) * (i < length - 1)
        turns.append((1 - ends) * lost * past_dash(i, j))
        if j < columns:
            turns.append((1 - ends) * (1 - lost - swap) * emitted(j, i) * past_dash(i, j + 1))
        if j + 1 < columns and i + 1 < length:
            swapped = emitted(j + 1, i) * emitted(j, i + 1)
            turns.append((1 - ends) * swap * swapped * past_dash(i + 1, j + 2))
        return ways(turns)

    def past_dash(i: int, j: int) -> float:
        if i + 1 not in dashes:
            return slot(i + 1, j)
        lost = float(rates.dash_delete[k])
        turns = [lost * slot(i + 1, j)]
        if j < columns:
            turns.append((1 - lost) * float(seen.dash[j, k, 0]) * slot(i + 1, j + 1))
        return ways(turns)

    return float(rates.weight[k]) * late(0)
