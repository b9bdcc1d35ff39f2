"""Hit and Explanation: what is answered of one listed plate, and its string similarity."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz.distance import OSA

from plate_match.explain import Step
from plate_match.hotlist import Entry
from plate_match.plate import Pattern, Plate
from plate_match.policy import Disposition
from plate_match.posterior import Evidence


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a hit has its confidence.

    Attributes:
        alignment: how the plate became the read, step by step; of a pattern, the likeliest
            plate that fits.
        evidence: reasons in bits; they add up to the log-odds of the confidence.
        vehicles_that_fit: other registered vehicles, each counted as far as it explains the
            read as readily as this plate does.
        twins: other plates that are issued and explain the read at least as readily, the
            likeliest first, three at most.
    """

    alignment: tuple[Step, ...]
    evidence: tuple[Evidence, ...]
    vehicles_that_fit: float
    twins: tuple[Plate, ...]


@dataclass(frozen=True)
class Hit:
    """One wanted plate that could be the one seen, with all entries that name it.

    `plate` is compact. Where only a part is known it has `?` for each symbol that is not and
    `*` for any number of them, and where nothing is, it is empty: then the vehicle is described,
    and the confidence is that it is this vehicle.
    `confidence` is a probability, `similarity` a string comparison (0..1); they are never
    mixed. `sensitive`: the disposition would change if the base rate were three times as
    large or a third. The explanation is worked out when it is first asked for.
    """

    rank: int
    plate: str
    country: str | None
    confidence: float
    similarity: float
    disposition: Disposition
    sensitive: bool
    entries: tuple[Entry, ...]
    explain: Callable[[], Explanation]

    @cached_property
    def explanation(self) -> Explanation:
        """Why this hit has its confidence."""
        return self.explain()


def similarity(pattern: Pattern, plate: str) -> float:
    """Return RapidFuzz's OSA normalized similarity of the compact forms, 0..1."""
    return OSA.normalized_similarity(pattern.compact, plate)
