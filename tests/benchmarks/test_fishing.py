"""The attackers' benchmark, on few synthetic plates."""

import asyncio

import pytest

from benchmarks.fishing.attackers import Attempt, Catch, allowed, fish
from benchmarks.fishing.world import Cars
from benchmarks.speed.wanted import draw

DRAWN = draw(300, 3_000, seed=3)
CARS = Cars(DRAWN.wanted.astype(str).tolist(), DRAWN.others.astype(str).tolist())


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
