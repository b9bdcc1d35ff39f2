"""What people did in a month -> who did far more of something than their peers.

Peers are people of one role. A count stands out when it lies far above the median of the peers:

    (count - median) / max(1.4826 MAD, sqrt(median), 1)  >=  3.5

MAD is the median distance from that median, and 1.4826 MAD the standard deviation where counts
are normal. The root is that of a Poisson count: where peers are nearly alike, chance alone is
no reason. A share of the sightings of one person is weighed in the same way, over
max(1.4826 MAD, sqrt(median (1 - median) / n), 1 / n) with its n sightings. Median and MAD
are not moved by the few who stand out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from statistics import median
from typing import NamedTuple

STANDS_OUT = 3.5
LEAST_PEERS = 3
"""With fewer people in a role nobody can stand out among them."""

LEAST_SIGHTINGS = 5
"""Of fewer nobody has a share."""

SIGHTINGS, REFUSALS, UNUSUAL_HOURS = "sightings", "refusals", "unusual-hours"
COUNTS = (SIGHTINGS, "consultations", REFUSALS, "exports")
SHARES = ("without-hit", "wide-patterns", UNUSUAL_HOURS)

RARE = 0.05
"""The rarest hours of a role that together hold no more of its sightings are unusual."""

_NORMAL = 1.4826
_HOURS = 24


class Actor(NamedTuple):
    """Whoever did something: a person of an organisation, or a credential of nobody named."""

    role: str
    organisation: str
    who: str


@dataclass(slots=True)
class Doings:
    """What one actor did in the month, by kind, and sightings by the hour of day, UTC."""

    kinds: Counter[str] = field(default_factory=Counter)
    hours: list[int] = field(default_factory=lambda: [0] * _HOURS)


@dataclass(frozen=True, slots=True)
class Outlier:
    """How far somebody stands out in one measure; a share is told as one."""

    measure: str
    value: float
    median: float
    score: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Who stands out in what, which hours are unusual in each role, and roles without peers."""

    outliers: Mapping[Actor, Sequence[Outlier]]
    unusual: Mapping[str, frozenset[int]]
    peerless: Sequence[str]


def compare(doings: Mapping[Actor, Doings]) -> Comparison:
    """Compare everybody with the people of the same role."""
    roles: defaultdict[str, dict[Actor, Doings]] = defaultdict(dict)
    for actor, done in doings.items():
        roles[actor.role][actor] = done
    outliers: defaultdict[Actor, list[Outlier]] = defaultdict(list)
    unusual: dict[str, frozenset[int]] = {}
    for role, peers in roles.items():
        unusual[role] = _unusual(peers.values())
        if len(peers) >= LEAST_PEERS:
            for actor, outlier in (*_by_count(peers), *_by_share(peers, unusual[role])):
                outliers[actor].append(outlier)
    peerless = sorted(role for role, peers in roles.items() if len(peers) < LEAST_PEERS)
    return Comparison(dict(outliers), unusual, peerless)


def _by_count(peers: Mapping[Actor, Doings]) -> Iterator[tuple[Actor, Outlier]]:
    for measure in COUNTS:
        counts = {actor: float(done.kinds[measure]) for actor, done in peers.items()}
        middle, spread = _robust(counts.values())
        for actor, count in counts.items():
            score = (count - middle) / max(spread, sqrt(middle), 1.0)
            if score >= STANDS_OUT:
                yield actor, Outlier(measure, count, middle, score)


def _by_share(
    peers: Mapping[Actor, Doings], unusual: frozenset[int]
) -> Iterator[tuple[Actor, Outlier]]:
    many = {
        actor: done for actor, done in peers.items() if done.kinds[SIGHTINGS] >= LEAST_SIGHTINGS
    }
    if len(many) < LEAST_PEERS:
        return
    for measure in SHARES:
        shares = {
            actor: _part(done, measure, unusual) / done.kinds[SIGHTINGS]
            for actor, done in many.items()
        }
        middle, spread = _robust(shares.values())
        for actor, share in shares.items():
            of = many[actor].kinds[SIGHTINGS]
            chance = sqrt(middle * (1 - middle) / of)
            score = (share - middle) / max(spread, chance, 1 / of)
            if score >= STANDS_OUT:
                yield actor, Outlier(measure, share, middle, score)


def _part(done: Doings, measure: str, unusual: frozenset[int]) -> int:
    if measure == UNUSUAL_HOURS:
        return sum(done.hours[hour] for hour in unusual)
    return done.kinds[measure]


def _robust(values: Iterable[float]) -> tuple[float, float]:
    """Return the median, and the MAD as a standard deviation."""
    known = list(values)
    middle = median(known)
    return middle, _NORMAL * median(abs(value - middle) for value in known)


def _unusual(peers: Iterable[Doings]) -> frozenset[int]:
    """Return the rarest hours of day that together hold few of the sightings of a role."""
    together = [sum(hours) for hours in zip(*(done.hours for done in peers), strict=True)]
    allowed, rare = RARE * sum(together), set()
    for hour in sorted(range(_HOURS), key=lambda hour: together[hour]):
        allowed -= together[hour]
        if allowed < 0:
            break
        rare.add(hour)
    return frozenset(rare)
