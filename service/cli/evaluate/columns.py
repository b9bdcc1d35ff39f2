"""Stream -> one array a figure, so that measures are taken of all vehicles at once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from service.cli.evaluate.judging import Judged
from service.cli.evaluate.measures import Flags, Floats
from service.cli.evaluate.stream import Stream


@dataclass(frozen=True)
class Columns:
    """The judged vehicles of a stream, one array a figure; `group` numbers their plates."""

    stream: Stream

    @property
    def judged(self) -> tuple[Judged, ...]:
        """The vehicles."""
        return self.stream.judged

    @cached_property
    def listed(self) -> Flags:
        """(n,) whether the vehicle is listed."""
        return np.array([one.listed for one in self.judged], dtype=bool)

    @cached_property
    def rank(self) -> NDArray[np.intp]:
        """(n,) of the truth."""
        return np.array([one.rank for one in self.judged], dtype=np.intp)

    @cached_property
    def confidence(self) -> Floats:
        """(n,) of the first hit."""
        return np.array([one.confidence for one in self.judged], dtype=float)

    @cached_property
    def right(self) -> Flags:
        """(n,) whether the first hit is the vehicle."""
        return np.asarray(self.listed & (self.rank == 1))

    @cached_property
    def group(self) -> NDArray[np.intp]:
        """(n,) number of the plate."""
        truths = [str(one.truth) for one in self.judged]
        return np.unique(np.array(truths, dtype=str), return_inverse=True)[1].ravel()

    @cached_property
    def wanted(self) -> Floats:
        """(n,) weight of the listed ones, the others 0."""
        return np.where(self.listed, self.stream.weight, 0)

    def rule(self, place: int | None) -> tuple[Floats, Floats]:
        """Return what a rule puts first: scores, and the chance that it is right: (n,) each."""
        if place is None:
            return self.confidence, self.right.astype(float)
        found = np.array([one.others[place] for one in self.judged], dtype=float).reshape(-1, 2)
        return found[:, 0], found[:, 1]
