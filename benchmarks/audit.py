"""How long is a long audit to verify, beside hashing the same bytes without looking at them?

    python -m benchmarks.audit [--records 1000000]

Writes a synthetic audit in a folder of its own, as sightings leave it, and verifies it: in one
process twice, the second time the file is in memory, and by the command, on all cores and with its
start. What one process cannot do in less is read out and hashed in one go.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from service.adapters.db import Database, open_database
from service.adapters.db import audit as chain
from service.adapters.db.engine import create, writing
from service.chain import seal
from service.records import AuditEvent
from service.usecases.audit import verify

AT_ONCE = 5_000
NOW = 1_795_000_000_000_000


def events(count: int) -> Iterator[AuditEvent]:
    """Records as sightings leave them, but for the name, so that no sighting has to be there."""
    header = {
        "credential": "0d5yqz4f00001",
        "organisation": "Synthetic Security",
        "purpose": "offences",
        "subject": "0d5yqz4f00002",
        "listVersion": "20261124T210000000000Z-1f0c27aa81b4d6e3",
        "modelVersion": "1+series",
    }
    payload = {"person": "A. Sample", "reads": ["8X-?V-41"], "shown": [{"plate": "8XKV41"}]}
    return (AuditEvent(NOW + number, "sighting-tried", header, payload) for number in range(count))


def write(folder: Path, count: int) -> None:
    """Put so many records on the chain."""
    some, engine = events(count), create(None, folder)
    for begin in range(0, count, AT_ONCE):
        with writing(engine) as connection:
            size = min(AT_ONCE, count - begin)
            chain.append(connection, [seal(next(some)) for _ in range(size)])


def hashed(database: Database) -> None:
    """Read every record and hash it, nothing else."""
    digest = sha256()
    with database.audit.rows() as rows:
        for row in rows:
            digest.update(row.header + row.payload_digest + (row.payload or b""))


def checked(database: Database, count: int, what: str) -> float:
    """Verify the chain, and return how long it took."""
    begun = time.perf_counter()
    verdict = verify(database.audit)
    if verdict.fault is not None or verdict.records != count:
        raise RuntimeError(f"the chain is not whole: {verdict}")
    return seconds(what, count, begun)


def commanded(folder: Path, count: int) -> None:
    """Verify the chain as somebody does who calls the command."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "service", "audit", "verify", "--data", str(folder)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if not told.startswith(f"{count:,} records are as they were written"):
        raise RuntimeError(f"the chain is not whole: {told}")
    seconds("by the command", count, begun)


def seconds(what: str, count: int, begun: float) -> float:
    """Print how long something took."""
    took = time.perf_counter() - begun
    print(f"{what:<25}{took:6.2f} s{1e6 * took / count:8.2f} µs a record")
    return took


def main() -> None:
    """Write, verify and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    count = parser.parse_args().records
    folder = Path(tempfile.mkdtemp(prefix="plate-match-audit-"))
    try:
        with open_database(data=folder) as database:
            begun = time.perf_counter()
            write(folder, count)
            seconds("written", count, begun)
            checked(database, count, "verified by one process")
            took = checked(database, count, "verified again")
            begun = time.perf_counter()
            hashed(database)
            print(f"{took / seconds('read and hashed', count, begun):.1f} times as long as that")
        commanded(folder, count)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
