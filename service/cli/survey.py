"""The whole file of reads -> what must be known of it before its first row is answered.

The file is read twice, in chunks, by whichever process has time: once to count the rows and to
find the ids that several rows have, sixteen bytes a row; then to match it. A row whose id
repeats is found again by where it begins, so that the looks at one vehicle may stand anywhere,
and nothing but those places is kept in memory.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property, partial
from hashlib import blake2b
from itertools import accumulate
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.cli.chunks import Chunk, lines_in
from service.cli.interrupts import Interrupts
from service.cli.reads import ReadsFile, Row
from service.cli.terminal import Progress
from service.cli.workers import in_order

Digests = NDArray[np.uint64]

_NONE: Digests = np.zeros(0, dtype=np.uint64)
_SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")


class Counted(NamedTuple):
    """What a chunk holds: how many lines and rows, and of each row with an id two numbers."""

    lines: int
    rows: int
    digests: Digests
    offsets: Digests


@dataclass(frozen=True)
class Survey:
    """What must be known of a whole file before its first row.

    Attributes:
        chunks: the file in chunks, lines counted.
        rows: how many there are; blank lines are none.
        digests: (n,) of the ids that several rows have, ascending, once a row.
        offsets: (n,) where those rows begin, ascending for each id.
    """

    chunks: tuple[Chunk, ...]
    rows: int
    digests: Digests
    offsets: Digests

    @classmethod
    def of(cls, parts: Sequence[Chunk], counted: Sequence[Counted], first: int) -> "Survey":
        """Put together what was counted of every chunk; `first` numbers the first line."""
        firsts = accumulate((count.lines for count in counted), initial=first)
        numbered = zip(parts, firsts, strict=False)
        digests = np.concatenate([_NONE, *(count.digests for count in counted)])
        offsets = np.concatenate([_NONE, *(count.offsets for count in counted)])
        order = np.argsort(digests, kind="stable")
        digests, offsets = digests[order], offsets[order]
        same = np.concatenate([[False], digests[1:] == digests[:-1], [False]])
        repeated = same[1:] | same[:-1] if len(digests) else np.zeros(0, dtype=bool)
        return cls(
            chunks=tuple(replace(part, first=number) for part, number in numbered),
            rows=sum(count.rows for count in counted),
            digests=digests[repeated],
            offsets=offsets[repeated],
        )

    @cached_property
    def repeated(self) -> frozenset[int]:
        """The digests of the ids that several rows have."""
        return frozenset(self.digests.tolist())

    def places(self, id_: str) -> list[int]:
        """Return where the rows begin that may have this id, if several have; or else none."""
        own = digest(id_) if self.repeated else 0
        if own not in self.repeated:
            return []
        sides = (np.searchsorted(self.digests, np.uint64(own), side) for side in _SIDES)
        found: list[int] = self.offsets[slice(*sides)].tolist()
        return found


def survey_of(reads: ReadsFile, shown: Progress, interrupts: Interrupts, *, workers: int) -> Survey:
    """Look through the whole file of reads, on all cores.

    Raises:
        Refused: a worker was ended from outside.
    """
    parts = list(reads.chunks())
    shown.phase("looking through the reads", len(parts))
    counted = []
    counts = in_order(partial(count, reads), parts, workers=min(workers, len(parts)))
    with closing(counts):
        for one in counts:
            counted.append(one)
            shown.advance()
            interrupts.check()
    return Survey.of(parts, counted, reads.first)


def count(reads: ReadsFile, chunk: Chunk) -> Counted:
    """Count what a chunk holds."""
    rows = list(reads.rows(chunk))
    sound = [row for row in rows if isinstance(row, Row)]
    return Counted(
        sum(1 for _ in lines_in(reads.path, chunk)),
        len(rows),
        np.array([digest(row.cells["id"]) for row in sound], dtype=np.uint64),
        np.array([row.offset for row in sound], dtype=np.uint64),
    )


def digest(id_: str) -> int:
    """Return 64 bits of an id; two that share them cost time and nothing else."""
    return int.from_bytes(blake2b(id_.encode(), digest_size=8).digest())
