"""Our search beside what one would take instead, at several sizes of list.

    python -m benchmarks.speed [--sizes 10k,100k,1M,10M] [--reads N] [--budget S] [--source S]
                               [--json FILE]

Prints tables in Markdown; progress goes to stderr. All plates are synthetic.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from functools import partial
from itertools import islice
from math import ceil
from multiprocessing import get_context
from pathlib import Path
from subprocess import CalledProcessError
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import psycopg

from benchmarks.speed import figures
from benchmarks.speed.figures import Figures, LeftOut
from benchmarks.speed.machine import machine
from benchmarks.speed.measure import Plan, of_exactness, of_ours, of_peer, of_whole
from benchmarks.speed.peers import PEERS, left_out
from benchmarks.speed.reads import CLASSES, MISS, Case, reads
from benchmarks.speed.registered import Census, of_registry
from benchmarks.speed.table import rendered
from benchmarks.speed.wanted import Drawn, draw
from plate_match.channel import Source

SEED = 20261124

MOST_EXACT = 100_000
"""Plates up to which every one of them is scored to compare; above, minutes a handful."""

MOST_WHOLE = 1_000_000
"""Plates up to which answers are measured: more entries than that no list has in memory twice."""

LEAST_READS = 200
"""Of a slow peer, over all classes."""

FAILURES = (OSError, MemoryError, BrokenProcessPool, CalledProcessError, psycopg.Error)
"""What a peer may end by, here or on a smaller machine, without ending the run."""

Measure = Callable[[Plan], Figures]


def main(arguments: list[str] | None = None) -> None:
    """Read the arguments, measure, and print."""
    chosen = _parser().parse_args(arguments)
    found = Figures()
    cases: dict[str, list[Case]] = {}
    for size in chosen.sizes:
        with TemporaryDirectory(prefix="speed-") as folder:
            drawn = draw(size, 2 * chosen.reads, seed=SEED)
            cases = cases_of(drawn, chosen.reads)
            plan = Plan(
                size=size,
                plates=Path(folder) / "plates.npy",
                cases=cases,
                seconds=chosen.budget,
                least=min(chosen.reads, ceil(LEAST_READS / len(CLASSES))),
                source=chosen.source,
            )
            np.save(plan.plates, drawn.wanted)
            found.add(measured(plan))
    if chosen.vehicles:
        census = Census(chosen.vehicles, cases, chosen.budget, chosen.source)
        found.add(apart(census.size, figures.REGISTERED, partial(of_registry, census)))
    about = machine() | {"reads": f"as {chosen.source}"}
    print(rendered(found, about))
    if chosen.json:
        document = {"machine": about, **asdict(found)}
        chosen.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def cases_of(drawn: Drawn, count: int) -> dict[str, list[Case]]:
    """Return so many reads of each class, or as many as the plates allow."""
    wanted = [plate.decode() for plate in drawn.wanted[: 2 * count].tolist()]
    others = [plate.decode() for plate in drawn.others.tolist()]
    return {
        kind: list(islice(reads(kind, others if kind == MISS else wanted, seed=SEED), count))
        for kind in CLASSES
    }


def measured(plan: Plan) -> Figures:
    """Measure everything at one size, each part in a process of its own."""
    found = Figures()
    for name, part in _parts(plan, found):
        found.add(apart(plan.size, name, partial(part, plan)))
    return found


def apart(size: int, name: str, part: Callable[[], Figures]) -> Figures:
    """Measure a part in a fresh process; say why it is left out if it ends before its time."""
    begin = perf_counter()
    print(f"{size:,}: {name} ...", end=" ", file=sys.stderr, flush=True)
    try:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
            found = fresh.submit(part).result()
    except FAILURES as error:
        why = f"it ended by {type(error).__name__}"
        found = Figures(left_out=[LeftOut(size, name, why)])
    print(f"{perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
    return found


def _parts(plan: Plan, found: Figures) -> Iterator[tuple[str, Measure]]:
    """Yield what to call for each part; note what is left out."""
    yield "our search", of_ours
    for name in PEERS:
        why = left_out(name, plan.size)
        if why:
            found.left_out.append(LeftOut(plan.size, name, why))
        else:
            yield name, partial(of_peer, name=name)
    for name, part, most in (
        ("our match", of_whole, MOST_WHOLE),
        ("exhaustive scoring", of_exactness, MOST_EXACT),
    ):
        if plan.size > most:
            found.left_out.append(LeftOut(plan.size, name, f"measured up to {most:,} plates"))
        else:
            yield name, part


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--sizes", type=sizes, default=sizes("10k,100k,1M,10M"))
    parser.add_argument("--reads", type=int, default=1000, help="of each class; default 1000")
    parser.add_argument(
        "--budget", type=float, default=0.5, help="seconds a cell; slow peers take what they need"
    )
    parser.add_argument(
        "--vehicles", type=int, default=15_000_000, help="in a synthetic registry; 0 for none"
    )
    parser.add_argument(
        "--source", type=Source, default=Source.CAMERA, help="of the reads; default camera"
    )
    parser.add_argument("--json", type=Path, default=None, help="also write the figures here")
    return parser


def sizes(text: str) -> list[int]:
    """Return the sizes that a text like 10k,1M names.

    Raises:
        argparse.ArgumentTypeError: one of them is no number of plates up to ten million.
    """
    found = []
    for one in text.split(","):
        number, unit = one.rstrip("kM"), one[len(one.rstrip("kM")) :]
        if not number.isdecimal() or unit not in _UNITS:
            raise argparse.ArgumentTypeError("sizes are numbers like 10k,100k,1M")
        found.append(int(number) * _UNITS[unit])
    if not all(0 < size <= MOST_PLATES for size in found):
        raise argparse.ArgumentTypeError("a list holds 1 to 10M plates")
    return found


_UNITS = {"": 1, "k": 1_000, "M": 1_000_000}

MOST_PLATES = 10_000_000

if __name__ == "__main__":
    main()
