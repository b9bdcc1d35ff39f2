"""Somebody with guards' keys who knows the service: what of the list they learn, and how soon.

Every read goes through the real use case until the time is up, or so many were answered; the rest
is then reckoned from what those cost and showed. Attackers pick the reads that serve them best.
"""

import heapq
from collections.abc import Iterator, Mapping, Sized
from dataclasses import dataclass
from math import exp

import numpy as np

from benchmarks.fishing.asks import FISHERS, Asked, full, sweep
from benchmarks.fishing.world import Cars, Told, World, world
from service import clock
from service.errors import InvalidRequest, OverBudget
from service.settings import Settings
from service.spending import Account
from service.usecases.budget import Limits

VEHICLES = 16_374_295
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Catch:
    """What was learned.

    Attributes:
        reads: how many were answered.
        shown: entries shown.
        sure: those shown with a confidence of a half or more.
        signals: entries that were told of without being shown: one of some plates is listed.
        asked: what told of those that were played.
        exact: whether all was played to the end.
    """

    reads: float
    shown: float
    sure: float
    signals: float
    asked: Mapping[str, Asked]
    exact: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """So many keys of one firm for so many days, with the default limits or without."""

    keys: int
    days: float
    limited: bool


async def fish(name: str, cars: Cars, attempt: Attempt, *, most: int) -> Catch:
    """Let an attacker ask, of which so many reads are played at the most."""
    keys, days, limited = attempt.keys, attempt.days, attempt.limited
    rng = np.random.default_rng(11)
    pace = 60 / Settings().requests_a_minute
    async with world(cars, keys, limited=limited) as made:
        begin = made.now
        end = begin + round(days * clock.DAY)
        walks = limited and FISHERS[name] is sweep  # slowed, so it ends by itself
        asks = FISHERS[name](rng, cars.others)
        ended = await _play(made, asks, pace, end=end, most=MOST if walks else most)
        told = made.told
        if ended:
            return _caught(told, 1.0, cars, least=0.0, exact=True)
        more = _more(told, keys, days, pace=pace, limited=limited)
        least = len(cars.listed) / VEHICLES if FISHERS[name] in (full, sweep) else 0.0
        return _caught(told, more, cars, least=least, exact=False)


async def _play(made: World, asks: Iterator[Asked], pace: float, *, end: int, most: int) -> bool:
    """Ask until the time is up, or so many are answered; return whether the time was up."""
    turns: list[tuple[int, int, Asked | None]]
    turns = [(made.now, number, None) for number in range(len(made.callers))]
    looked = made.now
    while turns and turns[0][0] < end and made.told.reads < most:
        made.now, number, asked = heapq.heappop(turns)
        asked = asked or next(asks)
        if made.now - looked >= clock.SECOND:
            made.watched()
            looked = made.now
        try:
            await made.ask(made.callers[number], asked)
        except OverBudget as refused:
            heapq.heappush(turns, (made.now + refused.seconds * clock.SECOND, number, asked))
        except InvalidRequest:
            heapq.heappush(turns, (made.now + round(pace * clock.SECOND), number, None))
        else:
            heapq.heappush(turns, (made.now + round(pace * clock.SECOND), number, None))
    return bool(turns) and turns[0][0] >= end


def _more(told: Told, keys: int, days: float, *, pace: float, limited: bool) -> float:
    """Return how many times as many reads are answered by the end, from what those answers cost."""
    reads = keys * days * clock.DAY / clock.SECOND / pace
    if limited:
        reads = min(reads, allowed(keys, days) * told.reads / told.revealed)
    return max(reads / told.reads, 1.0)


def allowed(keys: int, days: float) -> float:
    """Return the bits that so many guards of one firm are told in so many days at the most."""
    settings = Settings()
    limits = Limits(
        person_day=settings.person_bits_a_day,
        person_month=settings.person_bits_a_month,
        firm_month=settings.firm_bits_a_month,
    )
    person = min(_held(one, days) for one in limits.of_person("one"))
    return min(keys * person, _held(limits.of_firm("firm"), days))


def _held(account: Account, days: float) -> float:
    return account.most + account.a_second * days * 86_400


def _caught(told: Told, times: float, cars: Cars, *, least: float, exact: bool) -> Catch:
    """Return what so many times as many reads tell: of those left, as many each time.

    `least` is the chance that a read is of a listed plate, where too few were asked to tell.
    """
    reads, listed = told.reads * times, len(cars.listed)

    def learned(found: Sized, least: float = least) -> float:
        if exact:
            return len(found)
        rate = max(len(found) / told.reads, least)
        return listed * (1 - exp(-rate * reads / listed))

    signals = {plate: asked for plate, asked in told.signals.items() if plate not in told.shown}
    shown, sure = learned(told.shown), learned(told.sure)
    return Catch(reads, shown, sure, learned(signals, 0.0), signals, exact)
