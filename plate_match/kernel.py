"""The native kernel, if this installation has one, and the form in which it takes things.

It is optional: built at install where there is a C compiler. Without it numpy answers the same
questions, with the same results, slower.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plate_match.channel import DASH, UNREAD, Rates, Read
from plate_match.plate import GAP, SYMBOLS, UNKNOWN
from plate_match.series import Sums
from plate_match.store import Store


def _compiled() -> ModuleType | None:
    try:
        return import_module("plate_match._kernel")
    except ImportError:  # pragma: no cover - an installation without a compiler
        return None


native: ModuleType | None = _compiled()


Floats = NDArray[np.float64]
Handle = object
"""Something of the kernel's own, to be handed back to it."""


def name() -> str:
    """Return which search is in use: "native-avx512", "numpy"."""
    return f"native-{native.PROCESSOR}" if native else "numpy"


@dataclass(frozen=True, slots=True)
class Source:
    """Rates as the kernel takes them, and what Python asks of them for every read.

    Attributes:
        rates: what it was made of; kept, so that none other can take its place.
        handle: the kernel's own, None without a kernel.
        garbage: by column, its chance in a read that says nothing, and that there is one more.
        added: by bin of confidence plus 1, its chance there; first, without confidence, 1.
    """

    rates: Rates
    handle: Handle
    garbage: tuple[float, ...]
    added: tuple[float, ...]


_SOURCES: dict[tuple[int, bool], Source] = {}


def source_of(rates: Rates) -> Source:
    """Return the rates as the kernel takes them; made once."""
    key = id(rates), native is None
    known = _SOURCES.get(key)
    if known is None:
        known = _SOURCES[key] = _source(rates)
    return known


def _source(rates: Rates) -> Source:
    handle = None
    if native:
        parts = (rates.weight, rates.insert, rates.delete, rates.dash_delete, rates.transpose)
        tables = (rates.cut, rates.placed, rates.inserted, rates.confidence)
        handle = native.rates(*map(_plain, parts), *map(_plain, tables), float(rates.gap))
    return Source(
        rates,
        handle,
        tuple((rates.garbage_more * rates.garbage_column).tolist()),
        (1.0, *rates.confidence[:, 2].mean(axis=0).tolist()),
    )


def _plain(array: Floats) -> Floats:
    return np.ascontiguousarray(array, dtype=np.float64)


def garbage_of(rates: Rates, read: Read) -> float:
    """Return P(read | it says nothing of the plate)."""
    source = source_of(rates)
    chance = rates.garbage * (1 - rates.garbage_more)
    for seen, bin_ in _columns(read, len(source.added) - 1):
        if seen:
            chance *= sum(source.garbage[one] for one in seen) * source.added[bin_]
        else:
            chance *= rates.gap
    return chance


def read_of(rates: Rates, weight: float, read: Read) -> Handle:
    """Return a read as the kernel takes it; only where there is one."""
    source = source_of(rates)
    columns = bytearray()
    for seen, bin_ in _columns(read, len(source.added) - 1):
        columns += bytes((len(seen), *seen, bin_))
    return native.read(source.handle, weight, bytes(columns)) if native else None


def _columns(read: Read, bins: int) -> list[tuple[tuple[int, ...], int]]:
    """Return what each column may be, nothing for a gap, and its bin of confidence plus 1."""
    columns: list[tuple[tuple[int, ...], int]] = []
    separators, confidences = read.pattern.separators, read.confidences
    for place, symbol in enumerate(read.pattern.symbols):
        if place in separators:
            columns.append(((DASH,), 0))
        seen = _SEEN.get(symbol) or tuple(map(SYMBOLS.index, symbol))
        bin_ = 0
        if (
            confidences
            and symbol not in _WITHOUT
            and (confidence := confidences[place]) is not None
        ):
            bin_ = min(int(confidence * bins), bins - 1) + 1
        columns.append((() if symbol == GAP else seen, bin_))
    return columns


_WITHOUT = {GAP, UNKNOWN}
_SEEN: Mapping[str, tuple[int, ...]] = {
    **{symbol: (place,) for place, symbol in enumerate(SYMBOLS)},
    UNKNOWN: (UNREAD,),
    GAP: (UNREAD,),
}


def search(handle: Handle, looks: tuple[Any, ...], bounds: tuple[Any, ...]) -> tuple[Any, ...]:
    """Search a list: places, values and keys in bytes, the sum of the rest, steps taken."""
    found: tuple[Any, ...] = _needed().search(handle, looks, *bounds)
    return found


def index_of(store: Store) -> Handle:
    """Return a list as the kernel searches it; None without a kernel."""
    if not native:
        return None
    draws: dict[str, int] = {}
    tails: dict[tuple[object, ...], int] = {}
    groups: list[tuple[object, ...]] = []
    for group in store.groups:
        length = len(group.alphabets)
        ends = [
            tails.setdefault((group.alphabets[i:], group.dashes[i:], i == 0, length), len(tails))
            for i in range(length + 1)
        ]
        places = bytes(draws.setdefault(one, len(draws)) for one in group.alphabets)
        groups.append(
            (
                length,
                places,
                np.array(ends, dtype=np.int32),
                bytes(group.dashes),
                np.array(group.levels, dtype=np.int64),
                group.begin,
                group.plates,
            )
        )
    return native.index(
        [*map(_draw, draws), _draw(SYMBOLS)], groups, store.keys, store.bits, store.ranks
    )


def series_of(draw: NDArray[np.intp], dashed: NDArray[np.bool_], draws: Sequence[str]) -> Handle:
    """Return columns of a table of series as the kernel takes them; None without a kernel.

    Args:
        draw: (length, n) which draw each slot of each column is; columns sorted by their ends.
        dashed: (length, n) whether a dash follows.
        draws: the symbols of each draw.
    """
    if not native:
        return None
    places = np.ascontiguousarray(draw.T, dtype=np.uint8)
    marks = np.ascontiguousarray(dashed.T, dtype=np.uint8)
    return native.series(len(draw), [_draw(one) for one in draws], places, marks)


def likelihoods(read: Handle, keys: NDArray[np.uint64], dashed: NDArray[np.bool_]) -> Floats:
    """Return P(read | plate) of plates of one length: (n,).

    Args:
        read: as the kernel has it.
        keys: (n,) of the plates.
        dashed: (length, n) whether a dash follows each symbol.
    """
    shapes = np.full(len(keys), len(dashed), dtype=np.uint16)
    for slot, marks in enumerate(dashed):
        shapes |= marks.astype(np.uint16) << np.uint16(4 + slot)
    sums, bests = np.empty(len(keys)), np.empty(len(keys))
    _needed().likelihood(read, keys, shapes, sums, bests)
    return sums


def best_alignment(read: Handle, key: int, shape: int) -> float:
    """Return the probability of the best alignment of a read with a plate."""
    sums, bests = np.empty(1), np.empty(1)
    keys, shapes = np.array([key], dtype=np.uint64), np.array([shape], dtype=np.uint16)
    _needed().likelihood(read, keys, shapes, sums, bests)
    return float(bests[0])


def aligned(read: Handle, key: int, shape: int) -> Iterator[tuple[float, int, int, int]]:
    """Yield the events of that alignment: its chance, what it is, the column, the slot."""
    events, chances = _needed().align(read, key, shape)
    told = iter(events)
    yield from zip(memoryview(chances).cast("d"), told, told, told, strict=True)


SWALLOWED = 14
EVENTS = {
    1: "cut",
    3: "inserted",
    6: "kept",
    8: "missing",
    11: "dash",
    12: "swapped",
    13: "gap",
    SWALLOWED: "gap",
}
"""Events that a person is told of, as `native/align.h` counts them."""


def neighbours(reads: Sequence[Handle], key: int, shapes: Sequence[int]) -> Floats:
    """Return the sum over reads of P(read | plate with another symbol in a slot): (slots, 36).

    Args:
        reads: as the kernel has them.
        key: of the plate.
        shapes: of the plate, and of one with a letter for the digit in each slot, or a digit for
            the letter.
    """
    found = np.zeros((len(shapes) - 1, len(SYMBOLS)))
    _needed().neighbours(list(reads), key, np.array(shapes, dtype=np.uint16), found)
    return found


def added_up(series: Handle, reads: list[Handle], weights: Floats, *, so_far: float) -> float:
    """Return a sum so far and that of P(read | column) times the weight of each, over all reads."""
    found: float = _needed().series_sum(series, reads, weights, so_far)
    return found


def added_up_by(
    owner: NDArray[np.int32], series: Handle, reads: list[Handle], *, weights: Floats, sums: Sums
) -> None:
    """Add P(read | column) times its weight, over all reads, to the sums of each column's owner."""
    some = sums.slack if sums.only is None else sums.only.tobytes()
    _needed().series_each(series, reads, weights, owner, sums.each, sums.more, some)


def best_of(series: Handle, reads: list[Handle], *, so_far: float) -> float:
    """Return the probability of the best alignment of the best plate that any column allows.

    Or `so_far`, if that is more.
    """
    found: float = _needed().series_best(series, reads, so_far)
    return found


def drawn(series: Handle, keys: NDArray[np.uint64], weights: Floats) -> Floats:
    """Return, for each plate, the sum over columns of the chance that it draws the plate: (n,)."""
    found = np.zeros(len(keys))
    _needed().series_draws(series, keys, weights, found)
    return found


def _needed() -> ModuleType:
    """Return the kernel, where numpy has had its turn."""
    if not native:
        raise RuntimeError("this installation has no native kernel")
    return native


def _draw(symbols: Sequence[str]) -> bytes:
    return bytes(sorted(map(SYMBOLS.index, symbols)))
