"""Somebody with guards' keys who knows the service: what of the list they learn, and how soon.

Every read goes through the real use case until the time is up, or so many were answered; the rest
is then reckoned from what those cost and showed. Attackers pick the reads that serve them best.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import exp

import numpy as np

from benchmarks.fishing.world import Cars, Told, World, world
from plate_match.channel import Source
from service import clock
from service.errors import InvalidRequest, OverBudget
from service.settings import Settings
from service.spending import Account
from service.usecases.budget import Limits

VEHICLES = 16_374_295
MOST = 100_000
LETTERS = "BDFGHJKLNPRSTVXZ"

Fisher = Callable[[np.random.Generator, list[str]], Iterator[str]]
"""What is asked one after another; the plates are some that drive, as any car park shows."""


def full(rng: np.random.Generator, plates: list[str]) -> Iterator[str]:
    """Whole plates of live series."""
    while True:
        yield plates[int(rng.integers(len(plates)))]


def gaps(count: int) -> Fisher:
    """Plates with so many symbols not read, which ask about all that fit."""

    def ask(rng: np.random.Generator, plates: list[str]) -> Iterator[str]:
        for plate in full(rng, plates):
            symbols = list(plate)
            for place in rng.choice(len(plate), count, replace=False):
                symbols[place] = "?"
            yield "".join(symbols)

    return ask


def halving(rng: np.random.Generator, plates: list[str]) -> Iterator[str]:
    """From a few symbols down, one more at a time, in no order that follows from the last."""
    for plate in full(rng, plates):
        order = rng.permutation(len(plate))
        for known in (2, 3, 4, 5):
            shown = set(order[:known].tolist())
            yield "".join(one if place in shown else "?" for place, one in enumerate(plate))


def sweep(rng: np.random.Generator, _: list[str]) -> Iterator[str]:
    """Whole series, number by number."""
    while True:
        letters = "".join(LETTERS[int(one)] for one in rng.integers(len(LETTERS), size=3))
        for number in range(1_000):
            yield f"{letters[:1]}{number:03}{letters[1:]}"


FISHERS: dict[str, Fisher] = {
    "whole plates": full,
    "one symbol missing": gaps(1),
    "two symbols missing": gaps(2),
    "three symbols missing": gaps(3),
    "narrowing down": halving,
    "sweeping series": sweep,
}


@dataclass(frozen=True, slots=True)
class Catch:
    """What was learned: entries shown, and shown with a confidence of a half or more."""

    reads: float
    shown: float
    sure: float
    exact: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """So many keys of one firm for so many days, with the default limits or without."""

    keys: int
    days: float
    limited: bool


async def fish(name: str, cars: Cars, attempt: Attempt, *, most: int) -> Catch:
    """Let an attacker ask, of which so many reads are played at the most."""
    listed, keys, days, limited = cars.listed, attempt.keys, attempt.days, attempt.limited
    rng = np.random.default_rng(11)
    pace = 60 / Settings().requests_a_minute
    async with world(listed, keys, limited=limited) as made:
        begin = made.now
        end = begin + round(days * clock.DAY)
        walks = limited and FISHERS[name] is sweep  # slowed, so it ends by itself
        asks = FISHERS[name](rng, cars.others)
        ended = await _play(made, asks, pace, end=end, most=MOST if walks else most)
        told = made.told
        if ended:
            return Catch(told.reads, len(told.shown), len(told.sure), exact=True)
        more = _more(told, keys, days, pace=pace, limited=limited)
        least = len(listed) / VEHICLES if FISHERS[name] in (full, sweep) else 0.0
        return _caught(told, more, len(listed), least=least)


async def _play(made: World, asks: Iterator[str], pace: float, *, end: int, most: int) -> bool:
    """Ask until the time is up, or so many are answered; return whether the time was up."""
    turns = [(made.now, number, "") for number in range(len(made.callers))]
    looked = made.now
    while turns and turns[0][0] < end and made.told.reads < most:
        made.now, number, text = heapq.heappop(turns)
        text = text or next(asks)
        if made.now - looked >= clock.SECOND:
            made.watched()
            looked = made.now
        try:
            await made.ask(made.callers[number], text, Source.EYESIGHT)
        except OverBudget as refused:
            heapq.heappush(turns, (made.now + refused.seconds * clock.SECOND, number, text))
        except InvalidRequest:
            heapq.heappush(turns, (made.now + round(pace * clock.SECOND), number, ""))
        else:
            heapq.heappush(turns, (made.now + round(pace * clock.SECOND), number, ""))
    return bool(turns) and turns[0][0] >= end


def _more(told: Told, keys: int, days: float, *, pace: float, limited: bool) -> float:
    """Return how many times as many reads are answered by the end, from what those did cost."""
    reads = keys * days * clock.DAY / clock.SECOND / pace
    if limited:
        bits = told.asked + told.hits * 10.68
        reads = min(reads, allowed(keys, days) * told.reads / bits)
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


def _caught(told: Told, times: float, listed: int, *, least: float) -> Catch:
    """Return what so many times as many reads show: of those left, as many each time.

    `least` is the chance that a read is of a listed plate, where too few were asked to tell.
    """
    reads = told.reads * times

    def learned(found: set[str]) -> float:
        rate = max(len(found) / told.reads, least)
        return listed * (1 - exp(-rate * reads / listed))

    return Catch(reads, learned(told.shown), learned(told.sure), exact=False)
