"""What attackers ask, one read after another: each in a way that might tell much and cost little.

Symbols that no plate has in that place, a country that does not fit, a source that is wrong more
often: of such reads every vehicle is unlikely, so that what is listed and near stands out.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from plate_match.channel import Source
from plate_match.plate import SYMBOLS
from plate_match.report import Look, Report, SymbolRead, read_of
from service import clock

LETTERS = "BDFGHJKLNPRSTVXZ"


@dataclass(frozen=True, slots=True)
class Asked:
    """One sighting that somebody makes up: a read, further looks as texts and sources."""

    read: str
    source: Source = Source.EYESIGHT
    symbols: tuple[SymbolRead, ...] = ()
    further: tuple[tuple[str, Source], ...] = ()
    country: str | None = None

    @property
    def typed(self) -> tuple[str, ...]:
        """The text of each look."""
        return self.read, *(text for text, _ in self.further)

    def report(self) -> Report:
        """Return what is weighed."""
        first = Look(read_of(self.read, self.symbols, source=self.source), self.source)
        further = (Look(read_of(text, source=how), how) for text, how in self.further)
        return Report((first, *further), country=self.country)

    def request(self, seen_at: int) -> bytes:
        """Return what is sent."""
        document: dict[str, Any] = {
            "read": self.read,
            "source": self.source,
            "seenAt": clock.to_text(seen_at),
            "purpose": "offences",
        }
        if self.symbols:
            document["symbols"] = [
                {"symbol": one.symbol, "confidence": one.confidence, "alternatives": others}
                for one in self.symbols
                for others in [list(one.alternatives)]
            ]
        if self.further:
            document["alsoRead"] = [{"read": text, "source": how} for text, how in self.further]
        if self.country is not None:
            document["country"] = self.country
        return json.dumps(document).encode()


Rng = np.random.Generator
Fisher = Callable[[Rng, list[str]], Iterator[Asked]]
"""What is asked one after another; the plates are some that drive, as any car park shows."""


def _drawn(rng: Rng, plates: list[str]) -> Iterator[str]:
    while True:
        yield plates[int(rng.integers(len(plates)))]


def _each(make: Callable[[Rng, str], Asked]) -> Fisher:
    """Ask about vehicles that drive, each changed in one way."""

    def ask(rng: Rng, plates: list[str]) -> Iterator[Asked]:
        return (make(rng, plate) for plate in _drawn(rng, plates))

    return ask


def _told(source: Source, change: Callable[[str], str] = str) -> Fisher:
    """Ask about plates as if they came from a source."""
    return _each(lambda _, plate: Asked(change(plate), source))


def full(rng: Rng, plates: list[str]) -> Iterator[Asked]:
    """Whole plates of live series."""
    return map(Asked, _drawn(rng, plates))


def _gapped(rng: Rng, plate: str, count: int) -> str:
    unread = set(rng.choice(len(plate), count, replace=False).tolist())
    return "".join("?" if place in unread else one for place, one in enumerate(plate))


def _gaps(count: int) -> Fisher:
    """Plates with so many symbols not read, which ask about all that fit."""
    return _each(lambda rng, plate: Asked(_gapped(rng, plate, count)))


def _halving(rng: Rng, plates: list[str]) -> Iterator[Asked]:
    """From a few symbols down, one more at a time, in no order that follows from the last."""
    for plate in _drawn(rng, plates):
        order = rng.permutation(len(plate))
        for known in (2, 3, 4, 5):
            shown = set(order[:known].tolist())
            yield Asked("".join(one if place in shown else "?" for place, one in enumerate(plate)))


def sweep(rng: Rng, _: list[str]) -> Iterator[Asked]:
    """Whole series, number by number."""
    while True:
        letters = "".join(LETTERS[int(one)] for one in rng.integers(len(LETTERS), size=3))
        for number in range(1_000):
            yield Asked(f"{letters[:1]}{number:03}{letters[1:]}")


def _prefix(country: str | None) -> Fisher:
    """Beginnings, of which three symbols are not read, and a country."""
    return _each(lambda _, plate: Asked(plate[:3] + "?" * len(plate[3:]), country=country))


def _doubted(rng: Rng, plate: str) -> Asked:
    """A camera that says of two symbols that they might be any."""
    unsure = set(rng.choice(len(plate), 2, replace=False).tolist())
    symbols = (
        SymbolRead(one, 0.1, tuple(SYMBOLS)) if place in unsure else SymbolRead(one, 0.99)
        for place, one in enumerate(plate)
    )
    return Asked(plate, Source.CAMERA, tuple(symbols))


def _unsure(_: Rng, plate: str) -> Asked:
    return Asked(plate, Source.CAMERA, tuple(SymbolRead(one, 0.5) for one in plate))


def _several(rng: Rng, plates: list[str]) -> Iterator[Asked]:
    """Three vehicles as if they were looks at one."""
    for first in _drawn(rng, plates):
        second, third = (plates[int(one)] for one in rng.integers(len(plates), size=2))
        yield Asked(first, further=((second, Source.RADIO), (third, Source.MEMORY)))


def _twice(rng: Rng, plate: str) -> Asked:
    """One plate in two looks, each with two symbols missing."""
    return Asked(_gapped(rng, plate, 2), further=((_gapped(rng, plate, 2), Source.MIRROR),))


PLAIN: dict[str, Fisher] = {
    "whole plates": full,
    "one symbol missing": _gaps(1),
    "two symbols missing": _gaps(2),
    "three symbols missing": _gaps(3),
    "narrowing down": _halving,
    "sweeping series": sweep,
}

CRAFTED: dict[str, Fisher] = {
    "whole, reversed": _told(Source.EYESIGHT, lambda plate: plate[::-1]),
    "whole, two impossible": _told(
        Source.EYESIGHT, lambda plate: f"{plate[0]}Q{plate[2]}Q{plate[4:]}"
    ),
    "whole, two too many": _told(Source.EYESIGHT, lambda plate: plate + "QQ"),
    "beginning of three": _prefix(None),
    "the same, of PL": _prefix("PL"),
    "the same, of FR": _prefix("FR"),
    "memory, four symbols": _told(Source.MEMORY, lambda plate: plate[:4]),
    "mirror, whole": _told(Source.MIRROR),
    "radio, whole": _told(Source.RADIO),
    "camera, unsure of all": _each(_unsure),
    "camera, two of any": _each(_doubted),
}

TOGETHER: dict[str, Fisher] = {
    "three looks that differ": _several,
    "two looks with gaps": _each(_twice),
}
"""Several looks take a hundred times as long to match as one."""

FISHERS = PLAIN | CRAFTED | TOGETHER
