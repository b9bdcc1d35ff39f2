"""A row of `tables/series.csv` -> columns of the population: what is issued, and what is not.

A column is so many vehicles that draw each symbol of their plate evenly from a set of its own.
Combinations that are not issued (SS, GVD) would need sets that depend on each other; instead a
column of less than no vehicles takes them out again. A few slipped through, so not all of them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import prod

import numpy as np
from numpy.typing import NDArray

from plate_match.layouts import SIDECODES

Floats = NDArray[np.float64]

SLIPPED_THROUGH = 1e-4
"""Plates with a forbidden combination, for one that has none: a guess."""

_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Column:
    """Vehicles whose plates draw from these symbols, place by place.

    `dashes` are the places after which a dash stands; `country` is "" for several countries.
    """

    places: tuple[str, ...]
    dashes: tuple[int, ...]
    country: str
    vehicles: float


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums by owner of columns; each is certainly within `more` of `each`.

    Attributes:
        each: (n,) what was gone into.
        more: (n,) the most of what was not.
        slack: what a column surely does not come to, need not be gone into.
        only: (n,) whether an owner's columns are added, all of them; None for all owners.
    """

    each: Floats
    more: Floats
    slack: float = 0.0
    only: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, owners: int, slack: float = 0.0) -> "Sums":
        """Return sums of so many owners, of nothing yet."""
        return cls(np.zeros(owners), np.zeros(owners), slack)

    def again(self, only: NDArray[np.bool_]) -> "Sums":
        """Return the same, begun anew and exactly for some owners."""
        return Sums(np.where(only, 0.0, self.each), np.where(only, 0.0, self.more), only=only)


def columns(row: Mapping[str, str]) -> Iterator[Column]:
    """Yield what a row issues, and then what has to be taken out of it again.

    Together they carry as many vehicles as the row is told to have registered.
    """
    places = tuple(_places(row))
    ends = [i for i, one in enumerate(row["pattern"]) if one == "-"]
    dashes = tuple(end - count for count, end in enumerate(ends))
    taken = list(_not_issued(row, places))
    share = sum(share for _, share in taken) * (1 - SLIPPED_THROUGH)
    vehicles = float(row["registered"]) / (1 - share)
    country = row.get("country", "NL")
    yield Column(places, dashes, country, vehicles)
    for fixed, share in taken:
        yield Column(fixed, dashes, country, -vehicles * share * (1 - SLIPPED_THROUGH))


def _places(row: Mapping[str, str]) -> Iterator[str]:
    """Yield the symbols each place draws from: `X` a letter, `9` a digit, `1` one above 0."""
    letters = iter([row["first"], row["second"] or row["letters"]])
    for one in row["pattern"].replace("-", ""):
        if one == "X":
            yield next(letters, row["letters"])
        else:
            yield _DIGITS if one == "9" else _DIGITS[1:]


Draws = tuple[dict[int, str], float]
"""The symbols that some places are held to, and the share of all draws that are then so."""


def _not_issued(
    row: Mapping[str, str], places: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield the draws that are not issued, with their share of all draws.

    Where two groups of letters are not, they are taken out with each; that once too often is a
    share of less than none.
    """
    number = row.get("sidecode", "")
    words = SIDECODES[int(number) - 1].forbidden if number else ()
    found: list[Draws] = []
    for group in _letter_groups(row["pattern"]):
        mine = list(_not_in_group(words, places, group))
        found += mine + [
            ({**held, **here}, -share * part) for held, share in found for here, part in mine
        ]
    for held, share in found:
        yield tuple(held.get(place, one) for place, one in enumerate(places)), share


def _not_in_group(
    words: Sequence[str], places: tuple[str, ...], group: tuple[int, int]
) -> Iterator[Draws]:
    """Yield the draws of one group of letters that are not issued, none twice."""
    start, size = group
    pairs = _by_ending([word for word in words if len(word) == 2])  # noqa: PLR2004 - SS, SD
    triples = _by_ending([word for word in words if len(word) == size == 3])  # noqa: PLR2004
    for place in range(start, start + size - 1):
        for first, last in pairs:
            before = {} if place == start else {place - 1: _before(places[place - 1], pairs)}
            yield from _taken(places, {**before, place: first, place + 1: last})
    for first, rest in triples:
        yield from _taken(places, {start: first, start + 1: rest[0], start + 2: rest[1]})


def _letter_groups(pattern: str) -> Iterator[tuple[int, int]]:
    """Yield the first place and the size of each group of letters."""
    place = 0
    for group in pattern.split("-"):
        for letter, run in groupby(group, key="X".__eq__):
            size = len(list(run))
            if letter and size > 1:
                yield place, size
            place += size


def _by_ending(words: Sequence[str]) -> list[tuple[str, str]]:
    """Gather words that share all but their first letter, pairs also those that share it."""
    gathered: dict[str, str] = defaultdict(str)
    for word in words:
        gathered[word[1:]] += word[0]
    joined: dict[str, str] = defaultdict(str)
    for rest, firsts in gathered.items():
        joined[firsts if len(rest) == 1 else f"{firsts} {rest}"] += rest
    return [(key.split(" ")[0], rest) for key, rest in joined.items()]


def _before(symbols: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Return what may stand before a pair in its group, so that no draw is taken out twice."""
    clash = {one for first, last in pairs for one in first if set(last) & set(first)}
    return "".join(one for one in symbols if one not in clash)


def _taken(places: tuple[str, ...], fixed: Mapping[int, str]) -> Iterator[Draws]:
    """Yield the draws with some places held to these symbols, if there are any."""
    held = {
        place: "".join(sorted(set(symbols) & set(places[place])))
        for place, symbols in fixed.items()
    }
    if all(held.values()):
        yield held, prod(len(symbols) / len(places[place]) for place, symbols in held.items())
