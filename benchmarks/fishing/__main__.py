"""What of a hotlist can be fished out with guards' keys, and what honest guards notice of it.

    python -m benchmarks.fishing [--reads 400] [--plates 10000] [--firms 4] [--categories burglary]

An attacker who knows all of the service plays against the real use cases on a real database, by a
clock that is set, with and without limits (but that of requests a minute, which is always there).
Plates are synthetic. What was not played to the end is marked ~ and reckoned from what the reads
did cost and show that were. A signal is an entry that an answer told of without showing it, and
with it goes of how many plates that drive it may be one. Of `--reads 0` no attacker is played, of
`--firms 0` no guard.
"""

import argparse
import asyncio
import logging
from dataclasses import replace

import numpy as np

from benchmarks.fishing.asks import FISHERS, TOGETHER
from benchmarks.fishing.attackers import VEHICLES, Attempt, fish
from benchmarks.fishing.groups import Groups
from benchmarks.fishing.honest import Month, month
from benchmarks.fishing.world import Cars
from benchmarks.speed.wanted import draw
from plate_match.matcher import Matcher
from service.parts import limits_of
from service.settings import Settings
from service.usecases.budget import Budget

OTHERS = 400_000
"""Vehicles that drive and are not listed, of which attackers and guards see some."""


ATTEMPTS = (
    ("one key, 24 hours, without limits", Attempt(1, 1.0, limited=False), 1),
    ("one key, 24 hours", Attempt(1, 1.0, limited=True), 5),
    ("50 keys, 30 days", Attempt(50, 30.0, limited=True), 1),
)
"""What is tried, and how many times `--reads` are played of it: most of the second end before."""


async def attacked(cars: Cars, most: int) -> None:
    """Print what each attacker learns."""
    groups = Groups(cars, VEHICLES)
    for whose, attempt, times in ATTEMPTS:
        print(f"\n{whose}: of {len(cars.listed):,} entries, all of {cars.category}")
        print(f"  {'':24s}{'shown':>8s}{'>= 0.5':>8s}{'signals':>9s}{'one of':>8s}{'reads':>16s}")
        for name in FISHERS:
            played = most // 5 if name in TOGETHER else most * times
            caught = await fish(name, cars, attempt, most=played)
            size = groups.usual(caught.asked)
            counts = f"{caught.shown:8,.0f}{caught.sure:8,.0f}{caught.signals:9,.0f}"
            group = "-" if size is None else f"{size:,.0f}"
            mark = "" if caught.exact else "~"
            print(f"  {name:24s}{counts}{group:>8s}{mark:>2s}{caught.reads:14,.0f}", flush=True)


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
    parser.add_argument("--categories", nargs="*", default=["burglary", "fines"])
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    drawn = draw(chosen.plates, OTHERS, seed=3)
    cars = Cars(drawn.wanted.astype(str).tolist(), drawn.others.astype(str).tolist())
    budget = Budget(limits_of(Settings()), b"a secret of nobody")
    if chosen.firms:
        told(month(Matcher.build(cars.listed), cars, budget=budget, firms=chosen.firms))
    for category in chosen.categories if chosen.reads else ():
        asyncio.run(attacked(replace(cars, category=category), chosen.reads))


if __name__ == "__main__":
    main()
