"""What people did in a month -> who did far more of something than their peers.

Peers are people of one role. A count stands out when it lies far above the median of the peers:

    (count - median) / max(1.4826 MAD, sqrt(median), 1)  >=  3.5

MAD is the median distance from that median, and 1.4826 MAD the standard deviation where counts
are normal. The root is that of a Poisson count: where peers are nearly alike, chance alone is
no reason. A share of the sightings of one person is weighed in the same way, over
max(1.4826 MAD, sqrt(median (1 - median) / n), 1 / n) with its n sightings. Median and MAD
are not moved by the few who stand out.

Which hours are unusual is told for each person by the others: whoever works alone at night must
not make the night usual. Each of the others counts as one, however much they report.
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
"""An hour of day in which a smaller part of the others of the role works is unusual,"""

AT_HOME = 0.5
"""unless such a part of the others of the same organisation works in it."""

WORKED = 0.005
"""Whoever makes no more of their sightings in an hour does not work in it."""

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
    """Who stands out in what, which hours are unusual for each of them, and roles without peers."""

    outliers: Mapping[Actor, Sequence[Outlier]]
    unusual: Mapping[Actor, frozenset[int]]
    peerless: Sequence[str]


def compare(doings: Mapping[Actor, Doings]) -> Comparison:
    """Compare everybody with the people of the same role."""
    roles: defaultdict[str, dict[Actor, Doings]] = defaultdict(dict)
    for actor, done in doings.items():
        roles[actor.role][actor] = done
    outliers: defaultdict[Actor, list[Outlier]] = defaultdict(list)
    unusual: dict[Actor, frozenset[int]] = {}
    for peers in roles.values():
        if len(peers) >= LEAST_PEERS:
            many = {one: done for one, done in peers.items() if _has_shares(done)}
            unusual |= _unusual(many)
            for actor, outlier in (*_by_count(peers), *_by_share(many, unusual)):
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


def _has_shares(done: Doings) -> bool:
    return done.kinds[SIGHTINGS] >= LEAST_SIGHTINGS


def _by_share(
    many: Mapping[Actor, Doings], unusual: Mapping[Actor, frozenset[int]]
) -> Iterator[tuple[Actor, Outlier]]:
    if len(many) < LEAST_PEERS:
        return
    for measure in SHARES:
        shares = {
            actor: _part(done, measure, unusual[actor]) / done.kinds[SIGHTINGS]
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


def _unusual(many: Mapping[Actor, Doings]) -> dict[Actor, frozenset[int]]:
    """Return for each person the hours of day in which hardly anybody else works."""
    worked = {actor: _worked(done) for actor, done in many.items()}
    in_role = Counter(hour for hours in worked.values() for hour in hours)
    at_home = Counter((actor.organisation, hour) for actor in worked for hour in worked[actor])
    staff = Counter(actor.organisation for actor in worked)
    unusual = {}
    for actor, own in worked.items():
        firm, others = actor.organisation, len(worked) - 1
        unusual[actor] = frozenset(
            hour
            for hour in range(_HOURS)
            if in_role[hour] - (hour in own) < RARE * others
            and at_home[firm, hour] - (hour in own) < max(1, AT_HOME * (staff[firm] - 1))
        )
    return unusual


def _worked(done: Doings) -> frozenset[int]:
    """Return the hours of day that somebody works in, not only now and then."""
    least = WORKED * sum(done.hours)
    return frozenset(hour for hour, count in enumerate(done.hours) if count > least)
