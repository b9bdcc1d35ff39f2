"""Two states of a feed, as lines of JSON -> the lines that differ, and what that amounts to."""

import json
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Lines = Callable[[], Iterable[bytes]]
"""What yields the lines of a state, from its first, each time it is called."""

_BYTES = 8
"""Bytes of a digest: of a million lines two have the same one in 1 of 37 million files."""


@dataclass(frozen=True, slots=True)
class Changes:
    """How many entries a file adds to its feed, changes in it and withdraws from it."""

    added: int
    changed: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class Difference:
    """The lines that only one of two states of a feed has; eight bytes a line are kept.

    The order of lines does not matter. An entry is on one line of a state, or on none.
    """

    before: Lines
    after: Lines
    _gone: NDArray[np.bool_]
    _come: NDArray[np.bool_]

    @classmethod
    def between(cls, before: Lines, after: Lines) -> "Difference":
        """Compare two states."""
        old, new = _digests(before()), _digests(after())
        return cls(before, after, ~np.isin(old, new), ~np.isin(new, old))

    def gone(self) -> Iterator[bytes]:
        """Yield the lines that were there before and are no more."""
        return _marked(self.before, self._gone)

    def come(self) -> Iterator[bytes]:
        """Yield the lines that were not there before."""
        return _marked(self.after, self._come)

    def begins(self) -> NDArray[np.int64]:
        """Return where each line that was not there before begins in its file, in bytes."""
        ends = np.cumsum(np.fromiter(map(len, self.after()), dtype=np.int64))
        return np.concatenate([[0], ends[:-1]])[self._come] if len(ends) else ends

    def changes(self) -> Changes:
        """Count what differs; an entry is the same one, if changed, when reference and plate are.

        The lines are those that `entry_lines` writes.
        """
        gone, come = int(self._gone.sum()), int(self._come.sum())
        if not gone or not come:
            return Changes(come, 0, gone)
        left, of_left = np.unique(_keys(self.gone()), return_counts=True)
        new, of_new = np.unique(_keys(self.come()), return_counts=True)
        _, at_left, at_new = np.intersect1d(left, new, assume_unique=True, return_indices=True)
        changed = int(np.minimum(of_left[at_left], of_new[at_new]).sum())
        return Changes(come - changed, changed, gone - changed)


def _marked(lines: Lines, marks: NDArray[np.bool_]) -> Iterator[bytes]:
    if not marks.any():
        return iter(())
    return (line for line, marked in zip(lines(), marks, strict=True) if marked)


def _keys(lines: Iterable[bytes]) -> NDArray[np.uint64]:
    rows = map(json.loads, lines)
    named = (json.dumps([row.get("reference"), row.get("plate")]).encode() for row in rows)
    return _digests(named)


def _digests(lines: Iterable[bytes]) -> NDArray[np.uint64]:
    kept = array("Q")
    for line in lines:
        kept.append(int.from_bytes(blake2b(line, digest_size=_BYTES).digest(), "little"))
    return np.frombuffer(kept, dtype=np.uint64)
