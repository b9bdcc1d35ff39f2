"""The attackers' benchmark, on few synthetic plates."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.fishing.asks import FISHERS, Asked
from benchmarks.fishing.attackers import Attempt, Catch, allowed, fish
from benchmarks.fishing.groups import Groups
from benchmarks.fishing.world import RISEN, Cars, Told, risen, world
from benchmarks.speed.wanted import draw
from service import clock
from service.api.sighting_models import SightingReport

DRAWN = draw(300, 3_000, seed=3)
CARS = Cars(DRAWN.wanted.astype(str).tolist(), DRAWN.others.astype(str).tolist())


FINES = replace(CARS, category="fines")


def caught(name: str, *, limited: bool, most: int = 40) -> Catch:
    return asyncio.run(fish(name, CARS, Attempt(1, 1.0, limited), most=most))


def test_who_sweeps_a_series_is_slowed_to_a_few_reads_a_day() -> None:
    swept = caught("sweeping series", limited=True)
    assert swept.exact
    assert 9 < swept.reads < 40
    assert caught("sweeping series", limited=False).reads == 24 * 60 * 600


def test_limits_leave_an_attacker_a_part_of_the_reads() -> None:
    free, limited = (caught("two symbols missing", limited=one) for one in (False, True))
    assert not limited.exact
    assert limited.reads < free.reads / 100


def test_a_day_holds_what_may_be_told_at_once_and_what_drains_meanwhile() -> None:
    assert allowed(1, 1.0) == pytest.approx(250 + 1_000 / 30)
    assert allowed(50, 30.0) == pytest.approx(25_000)


@pytest.mark.parametrize("name", FISHERS)
def test_what_an_attacker_asks_is_what_the_service_takes(name: str) -> None:
    asked = next(FISHERS[name](np.random.default_rng(1), CARS.others))
    sent = SightingReport.model_validate_json(asked.request(clock.now()))
    assert sent.country == asked.country
    assert sent.source == asked.report().looks[0].source
    assert asked.typed == (sent.read, *(look.read for look in sent.also_read or ()))
    assert len(sent.symbols or ()) == len(asked.symbols)


async def told(asked: Asked) -> Told:
    async with world(FINES, 1, limited=True) as made:
        await made.ask(made.callers[0], asked)
        return made.told


def test_a_plate_that_is_told_of_and_not_shown_is_a_signal_and_is_charged() -> None:
    plate = CARS.listed[0]
    signalled = asyncio.run(told(Asked(f"{plate[0]}?{plate[2:4]}??")))
    assert not signalled.shown
    assert list(signalled.signals) == [plate]
    assert signalled.revealed > 3
    shown = asyncio.run(told(Asked(plate)))
    assert shown.shown == {plate}
    assert not shown.signals


@pytest.mark.parametrize(("not_listed", "times"), [(0.99, 1.0), (0.925, 8.03), (0.0, 9801.0)])
def test_odds_rise_by_what_is_taken_from_none_of_these(not_listed: float, times: float) -> None:
    answer = {"notListed": not_listed, "hits": [], "model": {"baseRate": 0.01}}
    assert risen(answer) == pytest.approx(times, rel=1e-3)
    assert risen({**answer, "hits": [{"confidence": 0.99 - not_listed}]}) < RISEN


def test_a_wider_read_means_more_vehicles() -> None:
    groups = Groups(CARS, 3_000_000)
    plate = CARS.listed[0]
    asks = {text: Asked(text) for text in (plate, plate[0] + "?????")}
    narrow, wide = (groups.size(plate, asked) for asked in asks.values())
    assert narrow == 1
    assert wide > 10 * groups.each
    assert groups.usual({plate: asks[plate]}) == 1
    assert groups.usual({}) is None
