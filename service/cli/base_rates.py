"""`--base-rate`, once for all or per source -> how often a read is of a listed vehicle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from plate_match.channel import Source
from plate_match.matcher import BASE_RATE
from service.cli.terminal import WrongUse

_SOURCES = frozenset(map(str, Source))


@dataclass(frozen=True, slots=True)
class BaseRates:
    """A base rate for each source: its own, or else the one of all."""

    of_all: float = BASE_RATE
    own: Mapping[Source, float] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """Read the options: "0.01" is of all sources, "camera=0.001" of one.

        Raises:
            WrongUse: one is no base rate, or a source has two; the message names every fault.
        """
        faults: list[str] = []
        rates: dict[str, float] = {}
        for text in texts:
            source, _, number = text.rpartition("=")
            faults += _faults(text, (source.strip(), number), rates)
        if faults:
            raise WrongUse("; ".join(f"--base-rate {fault}" for fault in faults))
        of_all = rates.pop("", BASE_RATE)
        return cls(of_all, {Source(name): rate for name, rate in rates.items()})

    def __getitem__(self, source: Source) -> float:
        """Return the base rate of reads of this source."""
        return self.own.get(source, self.of_all)

    def named(self) -> dict[str, float]:
        """Return the base rates by source; "all" is that of those without one of their own."""
        return {"all": self.of_all, **{str(source): rate for source, rate in self.own.items()}}


def _faults(text: str, parts: tuple[str, str], rates: dict[str, float]) -> list[str]:
    """Put down the rate that an option names, or return what is wrong with it."""
    source, number = parts
    faults = []
    if "=" in text and source not in _SOURCES:
        faults.append(f"{text}: the source must be one of {', '.join(Source)}")
    if source in rates:
        faults.append(f"{text}: {source or 'all'} has a base rate already")
    rate = _number(number)
    if not 0 < rate < 1:
        faults.append(f"{text}: must lie between 0 and 1")
    rates.setdefault(source, rate)
    return faults


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0
