"""One entry in, and out, under load: how long until every worker answers so?

    python -m benchmarks.entries [--plates 100000] [--workers 2] [--rounds 60]

Serves a synthetic hotlist on loopback in a folder of its own and posts sightings from several
clients. Meanwhile entries are put in and withdrawn, one at a time; the time runs from the request
until every one of several connections, spread over the workers, names a version that has it.
"""

import argparse
import http.client
import json
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.crash import CLIENTS, Load, ask, issued, prepared, serve
from benchmarks.speed.wanted import draw

WATCHERS = 8
"""Connections that are asked which version they answer from."""

PATIENCE = 20.0


class Desk:
    """Who puts entries in, and sees what every worker answers from."""

    def __init__(self, port: int, key: str) -> None:
        self._key = key
        self._calls = [
            http.client.HTTPConnection("127.0.0.1", port, timeout=30) for _ in range(WATCHERS)
        ]

    def changed(self, path: str, body: dict[str, str], changes: int) -> tuple[str, float]:
        """Post a change; return the id of the entry, and the seconds until it is everywhere."""
        begin = time.perf_counter()
        status, told = ask(self._calls[0], path, key=self._key, body=body)
        if status != http.client.CREATED:
            raise RuntimeError(f"the service answered {status}")
        while not all(self._version(call) >= changes for call in self._calls):
            if time.perf_counter() - begin > PATIENCE:
                raise RuntimeError(f"not in force within {PATIENCE} seconds")
            time.sleep(0.005)
        return str(json.loads(told)["id"]), time.perf_counter() - begin

    def _version(self, call: http.client.HTTPConnection) -> int:
        _, told = ask(call, "/v1/hotlist", key=self._key)
        return int(json.loads(told)["version"].partition("+")[2] or 0)


def entry(plate: str) -> dict[str, str]:
    """Return an entry of a synthetic plate."""
    end = datetime.fromtimestamp(time.time_ns() / 1e9, UTC) + timedelta(hours=1)
    ground = {"legalGround": "synthetic", "purpose": "offences"}
    return {"plate": plate, "validUntil": end.isoformat(), **ground}


def in_and_out(desk: Desk, plates: Iterable[str]) -> Iterator[tuple[float, float]]:
    """Yield the seconds until an entry of each plate is in, and until it is out again."""
    for number, plate in enumerate(plates):
        id_, into = desk.changed("/v1/entries", entry(plate), 2 * number + 1)
        gone = f"/v1/entries/{id_}/withdrawals"
        yield into, desk.changed(gone, {"reason": "synthetic"}, 2 * number + 2)[1]


def main() -> None:
    """Serve, load, put in and withdraw; print how long it took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--plates", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=60)
    chosen = parser.parse_args()
    drawn = draw(chosen.plates, chosen.rounds, seed=1)
    data = Path(tempfile.mkdtemp(prefix="entries-"))
    try:
        guard = prepared(data, (plate.decode() for plate in drawn.wanted.tolist()))
        desk_key = issued(data, "dispatch")
        server, port = serve(data, "--workers", str(chosen.workers))
        load, until = Load(port, guard), time.monotonic() + PATIENCE * chosen.rounds
        clients = [
            threading.Thread(target=load.run, args=(until,), daemon=True) for _ in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        plates = [plate.decode() for plate in drawn.others.tolist()]
        into, out = zip(*in_and_out(Desk(port, desk_key), plates), strict=True)
        server.terminate()
        server.wait()
    finally:
        shutil.rmtree(data)
    print(
        f"{chosen.plates:,} plates, {chosen.workers} workers, {len(load.answers):,} sightings "
        f"answered by {CLIENTS} clients meanwhile"
    )
    for name, times in (("in", into), ("out", out)):
        p50, p99 = np.quantile(times, [0.5, 0.99])
        print(
            f"an entry is {name} everywhere after {p50:.2f} s, p99 {p99:.2f} s, {len(times)} times"
        )


if __name__ == "__main__":
    main()
