"""Hotlist plates + looks -> Candidates: the best plates, none missed, and the sum of the rest.

Every answer is what scoring every plate under the channel gives; no string distance chooses.
The native kernel finds it by branch and bound over the plates' symbols: of all plates below a
beginning none is better than the best ending there could be, so that most are never touched.
Without the kernel all plates are scored (`scan`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plate_match import kernel, sections
from plate_match.glance import Looks
from plate_match.keys import Keys, keys_of, plate_of, plates_of, text_of
from plate_match.plate import GAP, UNKNOWN, Pattern, Plate
from plate_match.scan import Scan
from plate_match.store import FROM, Store, lay_out, of_file, to_file

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Weights:
    """What is known of listed plates beside their symbols.

    Attributes:
        profile: (n,) which of the ratios counts for the plate at each place.
        ratios: factor on the likelihood of plates of each profile; 0 takes them off the list.
        counts: how many plates are of each profile.
        spans: (n, 2) from when until when each is in force, in seconds; or nothing.
        at: the moment asked for.
    """

    profile: NDArray[np.uint32]
    ratios: Floats
    counts: NDArray[np.intp]
    spans: Floats | None = None
    at: float = 0.0

    def of(self, places: Places) -> Floats:
        """Return the factors of the plates at these places."""
        ratios = self.ratios[self.profile[places]]
        if self.spans is None:
            return ratios
        begin, end = self.spans[places].T
        return np.where((begin <= self.at) & (self.at < end), ratios, 0.0)

    @cached_property
    def native(self) -> tuple[Any, ...]:
        """The weights as the kernel takes them."""
        spans = b"" if self.spans is None else self.spans
        most = float(self.ratios.max(initial=0.0))
        return self.profile, self.ratios, most, self.mean, spans, self.at

    @cached_property
    def mean(self) -> float:
        """The mean factor of all plates, as if all were in force."""
        return float(self.counts @ self.ratios) / max(len(self.profile), 1)


@dataclass(frozen=True, slots=True)
class Interval:
    """A sum that is not worked out to its end: certainly from `low` to `high`."""

    low: float
    estimate: float
    high: float


@dataclass(frozen=True)
class Candidates:
    """The best plates for some looks, best first, ties by plate.

    Of some wanted vehicles only a part of the plate is known, or nothing (`Partials`).

    Attributes:
        places: (k,) of the plates in the index.
        keys: (k,) of the plates.
        likelihood: (k,) joint likelihood above the base, summed over alignments.
        rest: the same, times the weights, summed over all other listed plates.
    """

    places: Places
    keys: Keys
    likelihood: Floats
    rest: Interval

    @cached_property
    def plates(self) -> list[Plate]:
        """The plates, where all are whole."""
        return [plate_of(key) for key in self.keys.tolist()]

    @cached_property
    def wanted(self) -> list[Plate | Pattern | None]:
        """What is known of each plate: all of it, a part, or nothing."""
        return [_wanted_of(text_of(key)) for key in self.keys.tolist()]


def _wanted_of(text: str) -> Plate | Pattern | None:
    if not set(text) & {GAP, UNKNOWN}:
        return Plate(text) if text else None
    return Pattern(tuple(text))


EXACT = 2**62
"""Steps that no search takes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which plates are asked for.

    Attributes:
        floor: least likelihood above the base, each look along its best alignment.
        limit: most plates; None for all.
        least: least score: the joint likelihood, base included, times the plate's weight.
            Plates are ranked by it.
        grain: what may be left out of the sum of the rest in one piece; 0 for an exact sum,
            infinite if it is not asked for.
        anybody: likelihood above the base of any vehicle: of one whose plate is not known.
        steps: beginnings after which a search gives up: what it found by then need not be the
            best. Without such a number it is.
    """

    floor: float
    limit: int | None = None
    least: float = 0.0
    grain: float = 0.0
    anybody: float = 0.0
    steps: int = EXACT


@dataclass(frozen=True)
class Index:
    """Distinct plates, ready to be searched. Immutable; may be a file mapped into memory."""

    store: Store

    @classmethod
    def build(cls, plates: Sequence[Plate], *, bits_from: int = FROM) -> "Index":
        """Build the index of these plates; order and doubles do not matter."""
        return cls.of_keys(keys_of(plates), bits_from=bits_from)

    @classmethod
    def of_keys(cls, keys: Keys, *, bits_from: int = FROM) -> "Index":
        """Build the index of plates given as keys."""
        return cls(lay_out(keys, bits_from=bits_from))

    @classmethod
    def load(cls, path: Path) -> "Index":
        """Map an index that was saved; processes that load one file share its memory.

        Raises:
            DamagedFile: it is not what was saved.
        """
        return cls(of_file(*sections.read(path, _KIND)))

    def save(self, path: Path) -> None:
        """Write the index to a file, whole or not at all, with a version and a checksum."""
        header, arrays = to_file(self.store)
        sections.write(path, _KIND, header, arrays=arrays)

    def __reduce__(self) -> tuple[object, ...]:
        """Leave out what the kernel made of it: that belongs to one process."""
        return type(self), (self.store,)

    def __len__(self) -> int:
        """Return how many plates are listed."""
        return len(self.store)

    @cached_property
    def plates(self) -> list[Plate]:
        """All plates, in order of their places."""
        return plates_of(self.store.all_keys())

    def holds(self, keys: Keys) -> NDArray[np.bool_]:
        """Return whether each plate is listed: (n,)."""
        return self.store.holds(keys)

    def places(self, keys: Keys) -> NDArray[np.int64]:
        """Return the place of each plate, -1 of one that is not listed: (n,)."""
        return self.store.places(keys)

    @property
    def parts(self) -> tuple["Index", ...]:
        """The indexes it is searched as: itself."""
        return (self,)

    def search(self, looks: Looks, asked: Asked, weights: Weights | None = None) -> Candidates:
        """Return the best plates and the sum over all others.

        Args:
            looks: what was read.
            asked: which plates.
            weights: of the plates; 1 without.
        """
        if kernel.native:
            return self._searched(looks, asked, weights)
        return self._scanned(looks, asked, weights)

    def _searched(self, looks: Looks, asked: Asked, weights: Weights | None) -> Candidates:
        limit = len(self) if asked.limit is None else asked.limit
        bounds = (asked.floor, asked.least, limit, asked.grain, asked.steps)
        others = _PLAIN if weights is None else weights.native
        found = kernel.search(self._handle, looks.native, (*bounds, *others))
        places, values, keys, low, estimate, high, _ = found
        return Candidates(
            np.frombuffer(places, dtype=np.int64),
            np.frombuffer(keys, dtype=np.uint64),
            np.frombuffer(values),
            self._rest(len(keys) // _BYTES, asked, Interval(low, estimate, high)),
        )

    def _rest(self, found: int, asked: Asked, rest: Interval) -> Interval:
        """Return the sum of the rest, as far as it was asked for; nothing where all is found."""
        if found == len(self):
            return Interval(0.0, 0.0, 0.0)
        return Interval(rest.low, rest.low, np.inf) if np.isinf(asked.grain) else rest

    @cached_property
    def _handle(self) -> kernel.Handle:
        return kernel.index_of(self.store)

    def _scanned(self, looks: Looks, asked: Asked, weights: Weights | None) -> Candidates:
        found = [self._scan.likelihoods(sight) for sight in looks.sights]
        value = looks.above(np.array([sums for sums, _ in found]))
        best = looks.above(np.array([bests for _, bests in found]))
        everywhere = np.arange(len(self))
        ratio = np.ones(len(self)) if weights is None else weights.of(everywhere)
        score = (value + looks.base) * ratio
        inside = (best >= asked.floor) & (score > 0) & (score >= asked.least * (1 - _ROUNDING))
        keys = self.store.all_keys()
        places = np.flatnonzero(inside)
        places = places[in_order(score[places], keys[places])][: asked.limit]
        rest = float((value * ratio).sum() - (value * ratio)[places].sum())
        exact = Interval(rest, rest, rest)
        return Candidates(places, keys[places], value[places], exact)

    @cached_property
    def _scan(self) -> Scan:
        return Scan.of(self.store)


_BYTES = 8
"""Of a key."""

_KIND = "index"
_PLAIN = (b"", b"", 1.0, 1.0, b"", 0.0)

_ROUNDING = 1e-11
"""Relative; sums of the same terms in another order."""

_DIGITS = 40
"""Bits."""


def in_order(score: Floats, keys: Keys) -> NDArray[np.intp]:
    """Return the order of plates, the best first, ties by plate: (n,)."""
    return np.lexsort((keys, -_level(score)))


def _level(score: Floats) -> Floats:
    """Round to twelve digits: what is equal but for the order of sums is a tie."""
    fraction, exponent = np.frexp(score)
    return np.asarray(np.ldexp(np.round(np.ldexp(fraction, _DIGITS)), exponent - _DIGITS))
