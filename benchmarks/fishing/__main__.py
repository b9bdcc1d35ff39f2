"""What of a hotlist can be fished out with guards' keys, and what honest guards notice of it.

    python -m benchmarks.fishing [--reads 400] [--plates 10000] [--firms 4]

An attacker who knows all of the service plays against the real use cases on a real database, by a
clock that is set, with and without limits (but that of requests a minute, which is always there).
Plates are synthetic. What was not played to the end is marked ~ and reckoned from what the reads
did cost and show that were.
"""

import argparse
import asyncio
import logging

import numpy as np

from benchmarks.fishing.attackers import FISHERS, Attempt, fish
from benchmarks.fishing.honest import Month, month
from benchmarks.fishing.world import Cars
from benchmarks.speed.wanted import draw
from plate_match.matcher import Matcher
from service.parts import limits_of
from service.settings import Settings
from service.usecases.budget import Budget

OTHERS = 400_000
"""Vehicles that drive and are not listed, of which attackers and guards see some."""


async def attacked(cars: Cars, most: int) -> None:
    for keys, days, whose in ((1, 1.0, "one key, 24 hours"), (50, 30.0, "50 keys, 30 days")):
        print(f"\n{whose}: entries shown (with confidence >= 0.5) of {len(cars.listed):,}")
        print(f"{'':24s}{'without limits':>26s}{'with limits':>30s}")
        for name in FISHERS:
            cells = []
            for limited in (False, True):
                caught = await fish(name, cars, Attempt(keys, days, limited), most=most)
                mark = "" if caught.exact else "~"
                cells.append(
                    f"{mark}{caught.shown:,.0f} ({caught.sure:,.0f}) in {caught.reads:,.0f} reads"
                )
            print(f"  {name:22s}{cells[0]:>26s}{cells[1]:>32s}", flush=True)


def told(made: Month, days: int = 30) -> None:
    """Print what became of honest guards."""
    guards = {caller for caller, _ in made.days}
    by_guard = dict.fromkeys(guards, 0.0)
    by_firm = dict.fromkeys((guard.organisation for guard in guards), 0.0)
    for (caller, _), bits in made.days.items():
        by_guard[caller] += bits
        by_firm[caller.organisation] += bits
    print(f"\nhonest guards: {len(guards)} in {len(by_firm)} firms, {made.sightings:,} sightings")
    for name, spent in (
        ("a guard's day", list(made.days.values())),
        (f"a guard's {days} days", list(by_guard.values())),
        (f"a firm's {days} days", list(by_firm.values())),
    ):
        low, high = np.percentile(spent, [50, 99])
        print(f"  bits of {name}: median {low:,.1f}, p99 {high:,.1f}, most {max(spent):,.1f}")
    print(f"  refused sightings: {dict(made.refused) or 'none'}; taken for walks: {made.walks}")
    print(f"  guards hindered at least once: {len(made.hindered)}")


def main() -> None:
    """Play both, and print what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--reads", type=int, default=400)
    parser.add_argument("--plates", type=int, default=10_000)
    parser.add_argument("--firms", type=int, default=4)
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    drawn = draw(chosen.plates, OTHERS, seed=3)
    cars = Cars(drawn.wanted.astype(str).tolist(), drawn.others.astype(str).tolist())
    budget = Budget(limits_of(Settings()), b"a secret of nobody")
    told(month(Matcher.build(cars.listed), cars, budget=budget, firms=chosen.firms))
    asyncio.run(attacked(cars, chosen.reads))


if __name__ == "__main__":
    main()
