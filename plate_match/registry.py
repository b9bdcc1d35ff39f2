"""The vehicles that are registered, one bit a plate: how many of them could have given a read.

A registry turns an estimate by series into a sum over plates that are there. Of makes and
colours it keeps counts only: nothing in it tells the vehicle of a plate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plate_match import sections
from plate_match.base_rates import BaseRates
from plate_match.branches import total
from plate_match.glance import Looks
from plate_match.index import Index, Interval
from plate_match.keys import keys_of
from plate_match.plate import Plate
from plate_match.registration import Counts, Registration, register
from plate_match.store import Store, lay_bits, lay_out, of_file, to_file


@dataclass(frozen=True)
class Registry:
    """Plates that are registered. Immutable; may be a file mapped into memory.

    Attributes:
        index: of the plates.
        name: tells one registry from another; of the same plates it is the same.
        makes: by kind; empty if the export had none.
        colours: by kind; empty if the export had none.
        rows: how many vehicles the export had; `exported` of them had left the country.
    """

    index: Index
    name: str
    makes: Counts
    colours: Counts
    rows: int
    exported: int

    @classmethod
    def build(cls, pieces: Iterable[bytes]) -> "Registry":
        """Make a registry of an export of the register (RDW's, CSV), as `register` reads it.

        Args:
            pieces: the bytes of the export, cut anywhere; who hands them out sees how far it is.

        Raises:
            UnreadableExport: the file is no whole export, a row of it cannot be read, or no
                vehicle is left; the message names every fault.
        """
        return cls.of(register(pieces))

    @classmethod
    def of(cls, registered: Registration) -> "Registry":
        """Make a registry of what an export holds."""
        groups, bits, ranks = lay_bits(registered.codes)
        others = lay_out(registered.keys, bits_from=len(registered.keys) + 1)
        count = len(registered.codes)
        groups += tuple(replace(group, begin=group.begin + count) for group in others.groups)
        return cls(
            index=Index(Store(groups, others.keys, bits, ranks)),
            name=_name(bits, others.keys),
            makes=registered.makes,
            colours=registered.colours,
            rows=registered.rows,
            exported=registered.exported,
        )

    @classmethod
    def load(cls, path: Path) -> "Registry":
        """Map a registry that was saved; processes that load one file share its memory.

        Raises:
            DamagedFile: it is not what was saved.
            OSError: it cannot be read.
        """
        header, arrays = sections.read(path, _KIND)
        told = header["registry"]
        return cls(index=Index(of_file(header, arrays)), **told)

    def save(self, path: Path) -> None:
        """Write the registry to a file, whole or not at all, with a version and a checksum.

        Raises:
            OSError: it cannot be written; what was there before is untouched.
        """
        header, arrays = to_file(self.index.store)
        told = {
            "name": self.name,
            "makes": self.makes,
            "colours": self.colours,
            "rows": self.rows,
            "exported": self.exported,
        }
        sections.write(path, _KIND, {**header, "registry": told}, arrays=arrays)

    @property
    def vehicles(self) -> int:
        """How many vehicles are registered."""
        return len(self.index)

    @property
    def repeated(self) -> int:
        """How many rows of the export named a plate once more."""
        return self.rows - self.exported - self.vehicles

    @cached_property
    def rates(self) -> BaseRates:
        """Base rates of what a vehicle looks like; those of the tables where nothing is counted."""
        return BaseRates.of_counts(self.makes, self.colours)

    def holds(self, plates: Sequence[Plate]) -> NDArray[np.bool_]:
        """Return whether each plate is registered: (n,)."""
        return self.index.holds(keys_of(plates))

    def likelihood(self, looks: Looks, grain: float) -> Interval:
        """Return the sum of the likelihoods above the base over all plates registered.

        Args:
            looks: what was read.
            grain: what may be left out in one piece; 0 for an exact sum.
        """
        return total(self.index, looks, grain)


_KIND = "registry"


def _name(*arrays: NDArray[np.generic]) -> str:
    """Return a name of what the arrays hold."""
    digest = blake2b(digest_size=4)
    for array in arrays:
        digest.update(array.tobytes())
    return f"registry-{digest.hexdigest()}"
