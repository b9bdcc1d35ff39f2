"""kill -9 while it records: what was acknowledged is there, and the audit chain is whole."""

import signal
import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select

from service.adapters.db import Database, engine, open_database
from service.adapters.db.tables import ALERT, AUDIT, HIT, SIGHTING
from service.usecases.audit import verify
from tests.service.db.synthetic import NOW, issue

ROOT = Path(__file__).parents[2]
KILLS = 4
A_THOUSAND_SECONDS = 1_000_000_000

AT_LEAST = 150
"""Acknowledged before each kill."""

RECORDING = """
import asyncio, os, pathlib, sys
from service.adapters.db import open_database
from tests.service.db.synthetic import Maker

database = open_database(data=pathlib.Path(sys.argv[1]))
(credential,) = database.credentials.all()
maker = Maker(credential)
start = int(sys.argv[2])

async def record_for_ever():
    while True:
        recording = maker.recording(at=start, hits=2)
        await database.recorder.record(recording)
        os.write(1, b"%d\\n" % recording.sighting.id)

async def under_load():
    await asyncio.gather(*(record_for_ever() for _ in range(32)))

asyncio.run(under_load())
"""


def acknowledged_until_killed(data: Path, start: int) -> set[int]:
    """Record in a process of its own, kill it in the middle; what it had acknowledged."""
    command = [sys.executable, "-c", RECORDING, str(data), str(start)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as recording:
        assert recording.stdout is not None
        lines = [recording.stdout.readline() for _ in range(AT_LEAST)]
        recording.send_signal(signal.SIGKILL)
        lines += recording.stdout.readlines()
    assert recording.returncode == -signal.SIGKILL
    return {int(line) for line in lines if line.endswith(b"\n")}


def test_what_was_acknowledged_survives_kills(tmp_path: Path) -> None:
    with open_database(data=tmp_path) as database:
        issue(database)
    acknowledged: set[int] = set()
    for kill in range(KILLS):
        acknowledged |= acknowledged_until_killed(tmp_path, NOW + kill * A_THOUSAND_SECONDS)
        with open_database(data=tmp_path) as database:
            assert acknowledged <= whole_sightings(database)
            assert verify(database.audit).fault is None
    assert len(acknowledged) >= KILLS * AT_LEAST


def whole_sightings(database: Database) -> set[int]:
    """Every sighting there is, once it is sure that nothing is there in part."""
    with engine.reading(database._engine) as connection:
        sightings = set(connection.scalars(select(SIGHTING.c.id)))
        hits = connection.scalars(select(HIT.c.sighting)).all()
        alerts = connection.scalars(select(HIT.c.sighting).join(ALERT)).all()
        records = connection.scalar(select(func.count()).select_from(AUDIT))
    assert sorted(hits) == sorted(alerts) == sorted([*sightings, *sightings])
    assert records == len(sightings) + 1  # and the one of the credential
    return sightings
