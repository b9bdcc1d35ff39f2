"""Patterns of entries -> the plates that fit them, as columns cut out of the table of series.

The vehicle that an entry wants carries one of the plates that fit its pattern, each as likely as
vehicles carry it. A pattern meets a column of the table in one way at most: each place draws what
the column draws there, cut down to the symbol of the pattern. Where no vehicle carries a plate
that fits, every one that does is as likely as any other of its length.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from plate_match.layouts import PLACES, Sidecode, layouts_like, shape
from plate_match.plate import GAP, LONGEST_PLATE, SHORTEST_PLATE, SYMBOLS, UNKNOWN, Pattern, Plate
from plate_match.population import HOME, Population, Series

Floats = NDArray[np.float64]
Sets = NDArray[np.uint64]
"""Sets of symbols, a bit for each."""


@dataclass(frozen=True, slots=True)
class Fit:
    """n columns of one length, cut out for patterns.

    Attributes:
        owner: (n,) the place of the pattern that each is of, ascending.
        drawn: (length, n) the set that each place draws its symbol from, evenly.
        dashed: (length, n) whether a dash follows.
        country: (n,) where each is issued, "" for several countries or none known.
        share: (n,) of the vehicles that fit the pattern; less than none for what is taken out
            of another column. Those of a pattern add up to 1, over all lengths.
    """

    owner: NDArray[np.intp]
    drawn: Sets
    dashed: NDArray[np.bool_]
    country: NDArray[np.str_]
    share: Floats

    def of(self, owner: int) -> "Fit":
        """Return the columns of one pattern, which is then the only one."""
        begin, end = np.searchsorted(self.owner, [owner, owner + 1])
        where = slice(begin, end)
        return Fit(
            np.zeros(end - begin, dtype=np.intp),
            self.drawn[:, where],
            self.dashed[:, where],
            self.country[where],
            self.share[where],
        )

    def plates(self) -> list[Plate]:
        """Return the plates that are issued, each once."""
        found: dict[Plate, None] = {}
        for column in np.flatnonzero(self.share > 0).tolist():
            drawn = map(symbols_of_set, self.drawn[:, column].tolist())
            found.update(dict.fromkeys(map(Plate, map("".join, product(*drawn)))))
        return list(found)

    @property
    def most(self) -> int:
        """How many plates fit, some perhaps counted more than once."""
        sizes = np.bitwise_count(self.drawn[:, self.share > 0]).astype(np.float64)
        return int(sizes.prod(axis=0).sum())

    def chances(self, plates: Sequence[Plate]) -> Floats:
        """Return the chance of each plate of this length, over all patterns: (n,)."""
        numbers = np.array([[SYMBOLS.index(one) for one in plate] for plate in plates]).T
        chance = np.tile(self.share[:, None], (1, len(plates)))
        for drawn, symbols in zip(self.drawn, numbers.astype(np.uint64), strict=True):
            holds = drawn[:, None] >> symbols & _ONE
            chance *= holds / np.bitwise_count(drawn)[:, None]
        return np.asarray(chance.sum(axis=0))

    def columns(self) -> tuple[Series, NDArray[np.int32]]:
        """Return the columns as the population has them, and the owner of each.

        Columns of one pattern that have become equal are added up.
        """
        sets, numbers = np.unique(self.drawn, return_inverse=True)
        draw = numbers.reshape(self.drawn.shape)
        ends = np.zeros((2, len(self.owner)), dtype=np.uint64)
        half = len(draw) // 2
        for slot in range(len(draw) - 1, -1, -1):
            code = draw[slot].astype(np.uint64) << _ONE | self.dashed[slot]
            ends[int(slot < half)] = ends[int(slot < half)] << np.uint64(9) | code
        order = np.lexsort((self.owner, ends[1], ends[0]))
        told = np.stack([ends[0][order], ends[1][order], self.owner[order].astype(np.uint64)])
        first = np.ones(len(order), dtype=bool)
        first[1:] = (told[:, 1:] != told[:, :-1]).any(axis=0)
        where, share = order[first], np.add.reduceat(self.share[order], np.flatnonzero(first))
        table = Series(
            draws=tuple(map(symbols_of_set, sets.tolist())),
            draw=draw[:, where],
            dashed=self.dashed[:, where],
            countries=("",) * len(where),
            vehicles=share,
        )
        return table, self.owner[where].astype(np.int32)

    def one_by_one(self) -> "Fit":
        """Return the columns that are issued, each its own owner."""
        where = np.flatnonzero(self.share > 0)
        return Fit(
            np.arange(len(where)),
            self.drawn[:, where],
            self.dashed[:, where],
            self.country[where],
            self.share[where],
        )

    def split(self) -> "Fit":
        """Return a single column cut into one for each symbol of the first place that is open."""
        sizes = np.bitwise_count(self.drawn[:, 0])
        slot = int(np.argmax(sizes > 1))
        symbols = [SYMBOLS.index(one) for one in symbols_of_set(int(self.drawn[slot, 0]))]
        drawn = np.repeat(self.drawn, len(symbols), axis=1)
        drawn[slot] = _ONE << np.array(symbols, dtype=np.uint64)
        return Fit(
            np.arange(len(symbols)),
            drawn,
            np.repeat(self.dashed, len(symbols), axis=1),
            np.repeat(self.country, len(symbols)),
            np.repeat(self.share / len(symbols), len(symbols)),
        )


def symbols_of_set(drawn: int) -> str:
    """Return the symbols of a set, in order."""
    return "".join(symbol for place, symbol in enumerate(SYMBOLS) if drawn >> place & 1)


def fitted(patterns: Sequence[Pattern], table: Population) -> tuple[Fit, ...]:
    """Return what is cut out of a table for these patterns, one for each length.

    Args:
        patterns: each with one symbol, or an unknown one, in every place, and with one gap at
            most, at its beginning or its end.
        table: of which vehicles carry which plates.
    """
    lengths = [_Length.of(one) for one in _columns(table)]
    found: dict[int, list[_Cut]] = defaultdict(list)
    for owner, pattern in enumerate(patterns):
        cuts = [cut for one in lengths if (cut := one.cut(pattern, owner))]
        total = sum(float(cut.share.sum()) for cut in cuts)
        if total <= sum(float(np.abs(cut.share).sum()) for cut in cuts) * _ROUNDING:
            cuts = list(_anything(pattern, owner))
            total = sum(float(cut.share.sum()) for cut in cuts)
        for cut in cuts:
            found[len(cut.drawn)].append(cut.shared(total))
    return tuple(_joined(cuts) for _, cuts in sorted(found.items()))


_ONE = np.uint64(1)
_ROUNDING = 1e-9
"""Relative; what is left of a sum where all is taken out again."""

_ANY = np.uint64((1 << len(SYMBOLS)) - 1)
_DIGITS = (1 << 10) - 1
_KINDS = {"9": _DIGITS, "X": (1 << len(SYMBOLS)) - 1 - _DIGITS}


@dataclass(frozen=True, slots=True)
class _Cut:
    """Columns cut out for one pattern, of one length."""

    owner: int
    drawn: Sets
    dashed: NDArray[np.bool_]
    country: NDArray[np.str_]
    share: Floats

    def shared(self, total: float) -> "_Cut":
        return _Cut(self.owner, self.drawn, self.dashed, self.country, self.share / total)


@dataclass(frozen=True, slots=True)
class _Length:
    """The columns of a table of one length: `share` is how many vehicles carry each."""

    drawn: Sets
    sizes: Floats
    dashed: NDArray[np.bool_]
    country: NDArray[np.str_]
    share: Floats

    @classmethod
    def of(cls, columns: _Cut) -> "_Length":
        sizes = np.bitwise_count(columns.drawn).astype(np.float64)
        return cls(columns.drawn, sizes, columns.dashed, columns.country, columns.share)

    def cut(self, pattern: Pattern, owner: int) -> _Cut | None:
        """Return the columns that the pattern meets; None if it meets none."""
        known = _known(pattern, len(self.drawn))
        if known is None:
            return None
        places, numbers = known
        meets = (self.drawn[places] >> numbers[:, None] & _ONE).all(axis=0)
        where = np.flatnonzero(meets)
        if not len(where):
            return None
        drawn = self.drawn[:, where]
        drawn[places] = (_ONE << numbers)[:, None]
        share = self.share[where] / self.sizes[places][:, where].prod(axis=0)
        return _Cut(owner, drawn, self.dashed[:, where], self.country[where], share)


def _columns(table: Population) -> Iterator[_Cut]:
    for one in table.series:
        sets = np.array([_set_of(symbols) for symbols in one.draws], dtype=np.uint64)
        country = np.array(one.countries, dtype=np.str_)
        yield _Cut(0, sets[one.draw], one.dashed, country, one.vehicles)


def _set_of(symbols: str) -> int:
    return sum(1 << SYMBOLS.index(symbol) for symbol in symbols)


def _known(pattern: Pattern, length: int) -> tuple[NDArray[np.intp], Sets] | None:
    """Return which places of a plate so long are known, and their symbols; None if it is not."""
    symbols = [symbol for symbol in pattern.symbols if symbol != GAP]
    more = length - len(symbols)
    if more < 0 or (more > 0 and GAP not in pattern.symbols):
        return None
    begin = more if pattern.symbols[0] == GAP else 0
    known = [(begin + place, one) for place, one in enumerate(symbols) if one != UNKNOWN]
    places = np.array([place for place, _ in known], dtype=np.intp)
    return places, np.array([SYMBOLS.index(one) for _, one in known], dtype=np.uint64)


def _anything(pattern: Pattern, owner: int) -> Iterator[_Cut]:
    """Yield columns of every plate that fits, all of one length alike likely.

    Where Dutch layouts fit, of these alone.
    """
    for length in range(SHORTEST_PLATE, LONGEST_PLATE + 1):
        known = _known(pattern, length)
        if known is None:
            continue
        drawn = np.full((length, 1), _ANY)
        drawn[known[0], 0] = _ONE << known[1]
        dashed = np.zeros((length, 1), dtype=bool)
        if layouts := _layouts(known, length):
            kinds = [[_KINDS[one] for one in layout.shape] for layout in layouts]
            drawn = drawn & np.array(kinds, dtype=np.uint64).T
            places = range(1, length + 1)
            dashed = np.array([[one in layout.dashes for layout in layouts] for one in places])
        plates = np.bitwise_count(drawn).astype(np.float64).prod(axis=0)
        country = np.full(len(plates), HOME if layouts else "")
        yield _Cut(owner, drawn, dashed, country, plates / plates.sum())


def _layouts(known: tuple[NDArray[np.intp], Sets], length: int) -> tuple[Sidecode, ...]:
    """Return the Dutch layouts that plates so long, of which this is known, can have."""
    if length != PLACES:
        return ()
    kinds = [UNKNOWN] * length
    for place, number in zip(*map(np.ndarray.tolist, known), strict=True):
        kinds[place] = shape(SYMBOLS[number])
    return layouts_like("".join(kinds))


def _joined(cuts: Sequence[_Cut]) -> Fit:
    return Fit(
        np.repeat([cut.owner for cut in cuts], [len(cut.share) for cut in cuts]),
        np.concatenate([cut.drawn for cut in cuts], axis=1),
        np.concatenate([cut.dashed for cut in cuts], axis=1),
        np.concatenate([cut.country for cut in cuts]),
        np.concatenate([cut.share for cut in cuts]),
    )
