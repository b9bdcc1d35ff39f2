"""A long feed file from the drop folder until every worker answers from it, under load.

    python -m benchmarks.feeds [--rows 1000000] [--workers 2] [--rate 50]

Serves a synthetic hotlist on loopback in a folder of its own and posts sightings at a fixed rate,
first in quiet, then while the file is taken, loaded, built and swapped in. The time runs from the
moment the file lies in the drop folder.
"""

import argparse
import http.client
import json
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.crash import ask, prepared, serve, sighting
from benchmarks.speed.wanted import draw

WATCHERS = 8
"""Connections that are asked which version they answer from."""

QUIET = 20.0
"""Seconds of load before the file is there."""

AFTER = 10.0
"""Seconds of load once the new list is served."""

PATIENCE = 900.0

SMALL = 10_000
"""Plates in force beforehand."""

DECLARED = """
name = "long"
owner = "synthetic unit"
contact = "synthetic desk"
origin = "drop"
longest_validity_days = 30
[defaults]
legalGround = "synthetic ground"
purpose = "offences"
"""


@dataclass
class Steady:
    """Sightings at a fixed rate; a late answer delays none of those after it."""

    port: int
    key: str
    rate: float
    ended: bool = False
    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    def run(self, clients: int = 8) -> list[threading.Thread]:
        """Start the clients, each of which sends its share."""
        each = [
            threading.Thread(target=self._client, args=(one, clients), daemon=True)
            for one in range(clients)
        ]
        for client in each:
            client.start()
        return each

    def _client(self, number: int, clients: int) -> None:
        call = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        begin, sent = time.perf_counter() + number / self.rate, 0
        while not self.ended:
            due = begin + sent * clients / self.rate
            time.sleep(max(0.0, due - time.perf_counter()))
            status, _ = ask(call, "/v1/sightings", key=self.key, body=sighting(sent))
            self.failed += status != http.client.CREATED
            self.seconds.append(time.perf_counter() - due)
            sent += 1


def switch(port: int, key: str, entries: int) -> tuple[float, float]:
    """Ask the workers until all answer from so many entries.

    Returns:
        When the first answer from these was asked for, and when the last from others came: where
        it is later, for so long workers answered differently.
    """
    calls = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in range(WATCHERS)]
    first, last, end = float("inf"), 0.0, time.perf_counter() + PATIENCE
    fresh: set[http.client.HTTPConnection] = set()
    while len(fresh) < len(calls) and time.perf_counter() < end:
        for call in calls:
            asked = time.perf_counter()
            if int(json.loads(ask(call, "/v1/hotlist", key=key)[1])["entries"]) == entries:
                first = min(first, asked)
                fresh.add(call)
            else:
                last = time.perf_counter()
    for call in calls:
        call.close()
    return first, last


def in_force(data: Path) -> bytes:
    """Return which version is in force."""
    return (data / "hotlist" / "CURRENT").read_bytes()


def peaks(root: int) -> Iterator[tuple[str, int]]:
    """Yield each process below one, and the most bytes that it has had in memory."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines())
            command = (status.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            pid = int(status.parent.name)
            if _descends(pid, root) and "VmHWM" in lines:
                yield f"{pid} {command}", int(lines["VmHWM"].split()[0]) * 1024
        except (OSError, ValueError):
            continue


def _descends(pid: int, root: int) -> bool:
    while pid > 1 and pid != root:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        pid = int(stat.rpartition(")")[2].split()[1])
    return pid == root


def dropped(data: Path, plates: list[bytes]) -> None:
    """Declare the feed, and put its file where it is looked for."""
    (data / "feeds").mkdir(exist_ok=True)
    (data / "feeds" / "long.toml").write_text(DECLARED, encoding="utf-8")
    folder = data / "drop" / "long"
    folder.mkdir(parents=True)
    rows = (f"{plate.decode()},SYN-{number}\n" for number, plate in enumerate(plates))
    draft = folder / ".list.csv"
    draft.write_text("plate,reference\n" + "".join(rows), encoding="utf-8")
    draft.rename(folder / "list.csv")


def measure(data: Path, chosen: argparse.Namespace) -> None:
    """Serve, load, drop the file and print what was seen."""
    drawn = draw(chosen.rows, SMALL, seed=1)
    guard = prepared(data, (plate.decode() for plate in drawn.others.tolist()))
    server, port = serve(data, "--workers", str(chosen.workers))
    load = Steady(port, guard, chosen.rate)
    clients = load.run()
    time.sleep(QUIET)
    quiet = len(load.seconds)
    dropped(data, drawn.wanted.tolist())
    begin, most, old = time.perf_counter(), dict[str, int](), in_force(data)
    while in_force(data) == old and time.perf_counter() - begin < PATIENCE:
        for process, size in peaks(server.pid):
            most[process] = max(most.get(process, 0), size)
        time.sleep(0.1)
    first, last = switch(port, guard, SMALL + chosen.rows)
    time.sleep(AFTER)
    most |= {process: max(most.get(process, 0), size) for process, size in peaks(server.pid)}
    load.ended = True
    for client in clients:
        client.join()
    server.terminate()
    server.wait()
    print(f"{chosen.rows:,} rows served by {chosen.workers} workers after {first - begin:.1f} s")
    print(f"the last answer from the old list came {1000 * (last - first):+.0f} ms after that")
    tell(load, quiet)
    for command, size in sorted(most.items(), key=lambda one: -one[1]):
        print(f"{size / 2**20:,.0f} MiB at most: {' '.join(command.split()[2:8])}")


def tell(load: Steady, quiet: int) -> None:
    """Print how long sightings took, so many in quiet and the others meanwhile."""
    for name, seconds in (("quiet", load.seconds[:quiet]), ("meanwhile", load.seconds[quiet:])):
        p50, p99, worst = 1000 * np.quantile(seconds, [0.5, 0.99, 1.0])
        print(f"sightings {name}: {len(seconds):,}, p50 {p50:.1f}, p99 {p99:.1f}, {worst:.0f} ms")
    print(f"failed: {load.failed}")


def main() -> None:
    """Serve, load, drop the file, and print how long it took and what that did to sightings."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rate", type=float, default=50.0)
    chosen = parser.parse_args()
    data = Path(tempfile.mkdtemp(prefix="feeds-"))
    try:
        measure(data, chosen)
    finally:
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
