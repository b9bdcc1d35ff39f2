"""Can a guard tell from an answer, or from how long it took, that a plate is on the hidden list?

    python -m benchmarks.blind [--tries 2000] [--hidden 1000] [--plates 10000]

Serves a synthetic hotlist on loopback in a folder of its own; of some of its plates the guards of
this firm may not know. An attacker with a guard's key reports such plates and others that nobody
wants, in random order, learns from the first half of the answers which number of bytes or
microseconds parts them best, and judges the other half by it; and does the same by how long
another request took that was sent beside each. A coin is right in half of the cases.
"""

import argparse
import http.client
import json
import shutil
import tempfile
import time
from pathlib import Path
from threading import Thread

import numpy as np
from numpy.typing import NDArray

from benchmarks.crash import ask, issued, loaded, report, serve
from benchmarks.speed.wanted import Drawn, draw

Numbers = NDArray[np.float64]

_HIDING: tuple[dict[str, object], ...] = (
    {"dissemination": "dispatch-only"},
    {"partners": ["Another synthetic firm"]},
)

WARM = 200
"""Answers before the first that counts."""


def prepared(data: Path, drawn: Drawn, hidden: int) -> None:
    """Load a hotlist of which the first plates are for the control room, or for another firm."""
    lines = []
    for number, plate in enumerate(drawn.wanted.astype(str).tolist()):
        told: dict[str, object] = {"plate": plate, "reference": f"SYN-{number}"}
        told["category"] = "robbery"
        if number < hidden:
            told |= _HIDING[number % len(_HIDING)]
        lines.append(json.dumps(told))
    file = data / "synthetic.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    loaded(data, file)


def attacked(port: int, key: str, plates: list[str]) -> tuple[Numbers, Numbers, Numbers]:
    """Return the bytes of each answer, the microseconds it took, and those of another request.

    Every other sighting has one beside it, sent at once on a connection of its own: one loop
    serves both. Of the rest that time is not a number.
    """
    call, other = (http.client.HTTPConnection("127.0.0.1", port, timeout=30) for _ in "ab")
    told = []
    for number, plate in enumerate(plates):
        body, begin, beside = report(plate, "camera"), time.perf_counter(), float("nan")
        if number % 2:
            ahead = Thread(
                target=ask, args=(call, "/v1/sightings"), kwargs={"key": key, "body": body}
            )
            ahead.start()
            ask(other, "/v1/hotlist", key=key)
            beside = 1e6 * (time.perf_counter() - begin)
            ahead.join()
            told.append((float("nan"), float("nan"), beside))
            continue
        status, answer = ask(call, "/v1/sightings", key=key, body=body)
        took = 1e6 * (time.perf_counter() - begin)
        if status != http.client.CREATED:
            raise RuntimeError(f"the service answered {status}")
        told.append((len(answer), took, beside))
    sizes, times, others = np.array(told[WARM:], dtype=float).T
    return sizes, times, others


def right(numbers: Numbers, hidden: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the share that is judged right by the best bound of the first half, and by halves.

    The second number is half of the 95 % interval of that share for somebody who guesses.
    """
    there = np.isfinite(numbers)
    numbers, hidden = numbers[there], hidden[there]
    half = len(numbers) // 2
    bounds = np.unique(numbers[:half])
    above = numbers[:half, None] > bounds
    told = (above == hidden[:half, None]).mean(axis=0)
    best = int(np.argmax(np.abs(told - 0.5)))
    judged = numbers[half:] > bounds[best]
    share = float((judged == hidden[half:]).mean())
    return (share if told[best] >= 0.5 else 1 - share), 1.96 * (0.25 / (len(numbers) - half)) ** 0.5


def measured(chosen: argparse.Namespace) -> tuple[list[Numbers], NDArray[np.bool_]]:
    """Serve and attack; return bytes and microseconds, and which were of hidden plates."""
    rng = np.random.default_rng(7)
    tries = 2 * chosen.tries + WARM
    drawn = draw(chosen.plates, tries, seed=3)
    hidden = rng.random(tries) < 0.5
    wanted = drawn.wanted[: chosen.hidden].astype(str)
    plates = np.where(hidden, rng.choice(wanted, tries), drawn.others.astype(str)).tolist()
    data = Path(tempfile.mkdtemp(prefix="blind-"))
    try:
        prepared(data, drawn, chosen.hidden)
        server, port = serve(data)
        try:
            numbers = attacked(port, issued(data, "guard"), plates)
        finally:
            server.terminate()
            server.wait()
    finally:
        shutil.rmtree(data, ignore_errors=True)
    return list(numbers), hidden[WARM:]


def main() -> None:
    """Serve, attack, and print how often the attacker was right."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--tries", type=int, default=2000)
    parser.add_argument("--hidden", type=int, default=1000)
    parser.add_argument("--plates", type=int, default=10_000)
    measures, hidden = measured(parser.parse_args())
    for name, numbers in zip(("bytes", "time", "another request"), measures, strict=True):
        share, chance = right(numbers, hidden)
        some, others = (np.nanmedian(numbers[hidden == one]) for one in (True, False))
        print(
            f"by {name}: {share:.1%} right, by chance 50% ± {chance:.1%}; "
            f"median of hidden plates {some:,.0f}, of others {others:,.0f}"
        )


if __name__ == "__main__":
    main()
