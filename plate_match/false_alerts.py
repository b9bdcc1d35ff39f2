"""A list -> how many innocent vehicles would be alerted, before anybody meets one.

An innocent vehicle that is alerted looks like a wanted one. By Bayes the reads of wanted vehicles
tell how often that happens: where P(not listed | read) = q, a read is q / (1 - q) times as often
one of an innocent vehicle as one of a wanted one. So with base rate b the share of innocent
sightings that are alerted is

    b / (1 - b) * mean over reads of wanted vehicles of [alerted] * q / (1 - q)

which takes thousands of draws, where counting innocent reads would take millions. It is the
model's own reckoning: it is as right as the confidences are (`plate-match evaluate`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

import numpy as np

from plate_match.channel import UNREAD, Floats, Rates, Read, Source, position
from plate_match.matcher import BASE_RATE, Matcher
from plate_match.plate import SYMBOLS, UNKNOWN, Pattern, Plate
from plate_match.policy import Disposition
from plate_match.report import Look, Report

DRAWS = 2_000

_TIMES = 1_000
_WIDE = 1.96
"""Standard errors on both sides of a mean within which it lies 19 times in 20."""


@dataclass(frozen=True, slots=True)
class FalseAlerts:
    """Innocent sightings that are alerted, of a thousand, and an interval of 95 percent.

    `draws` is of how many reads that was reckoned.
    """

    per_thousand: float
    low: float
    high: float
    draws: int


def false_alerts(
    matcher: Matcher,
    source: Source,
    *,
    at: datetime | None = None,
    base_rate: float = BASE_RATE,
    draws: int = DRAWS,
) -> FalseAlerts:
    """Reckon how often an innocent vehicle is alerted whose plate was read, and no more said.

    Entries that know a part of their plate, or none, are left out. The same list gives the same
    figure. It takes about a millisecond a draw.

    Args:
        matcher: the list.
        source: how the plates are read.
        at: entries that are not in force then are as if they were not listed.
        base_rate: how often a sighting concerns a listed vehicle.
        draws: how many reads are drawn.
    """
    rng = np.random.default_rng(0)
    plates = matcher.index.plates
    if not plates:
        return FalseAlerts(0.0, 0.0, 0.0, 0)
    rates = matcher.channel.sources[source]
    odds = [
        _odds(matcher, Report((Look(Read(pattern), source),)), at=at, base_rate=base_rate)
        for place in rng.integers(len(plates), size=draws)
        for pattern in drawn(rates, plates[int(place)], rng)
    ]
    scale = _TIMES * base_rate / (1 - base_rate)
    mean, error = float(np.mean(odds)), _WIDE * float(np.std(odds)) / sqrt(draws)
    return FalseAlerts(scale * mean, scale * max(mean - error, 0.0), scale * (mean + error), draws)


def _odds(matcher: Matcher, report: Report, *, at: datetime | None, base_rate: float) -> float:
    """Return how many times as often this read is of an innocent vehicle; 0 without an alert."""
    answer = matcher.search(report, at=at, base_rate=base_rate).answer()
    if not any(hit.disposition is Disposition.ALERT for hit in answer.hits):
        return 0.0
    return answer.not_listed / (1 - answer.not_listed)


def drawn(rates: Rates, plate: Plate, rng: np.random.Generator) -> Iterator[Pattern]:
    """Yield a read of a plate as the channel has it, without separators.

    None where nothing is left to look for. Swapped symbols, beginnings and ends that are cut
    off, and what is retold are left out: they are rare, and seldom alerted.
    """
    shares = rates.weight / rates.weight.sum()
    component = int(rng.choice(len(shares), p=shares))
    columns: list[int] = []
    for slot in range(len(plate) + 1):
        columns += _slot(rates, plate, slot, component=component, rng=rng)
    symbols = tuple(UNKNOWN if one == UNREAD else SYMBOLS[one] for one in columns)
    if set(symbols) - {UNKNOWN}:
        yield Pattern(symbols)


def _slot(
    rates: Rates, plate: Plate, slot: int, *, component: int, rng: np.random.Generator
) -> Sequence[int]:
    """Return the columns before a symbol of a plate, and that of the symbol itself."""
    border = 0 if slot == 0 else 2 if slot == len(plate) else 1
    columns = []
    while rng.random() < rates.insert[component, border]:
        columns.append(_column(rates.inserted[component, border], rng))
    if slot < len(plate):
        place = position(slot, len(plate))
        if rng.random() >= rates.delete[component, place]:
            chances = rates.placed[:, place, component, SYMBOLS.index(plate[slot])]
            columns.append(_column(chances, rng))
    return [column for column in columns if column < len(SYMBOLS) or column == UNREAD]


def _column(chances: Floats, rng: np.random.Generator) -> int:
    return int(rng.choice(len(chances), p=chances / chances.sum()))
