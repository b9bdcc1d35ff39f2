"""What a sighting leaves on record, read back from the tables by somebody who knows no code."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from plate_match.report import Look, Report, read_of
from service import clock
from service.api.sighting_checks import report_of_request
from service.lifespan import running
from service.records import Caller
from service.settings import Settings
from service.usecases.write_down import Sighting
from tests.service.api.conftest import keys


def seen(text: str, at: int) -> Sighting:
    """A sighting of this read at this moment."""
    return Sighting(
        report=Report((Look(read_of(text)),)),
        typed=(text,),
        seen_at=at,
        purpose="offences",
        request=json.dumps(
            {
                "read": text,
                "source": "eyesight",
                "seenAt": clock.to_text(at),
                "purpose": "offences",
            }
        ).encode(),
    )


async def _told(data: Path, key: str, sighting: Sighting, received_at: int) -> dict[str, Any]:
    async with running(Settings(data=data), report_of_request) as state:
        caller = state.credentials.identify(key)
        assert isinstance(caller, Caller)
        report = replace(state.report_sighting, now=lambda: received_at)
        answer: dict[str, Any] = json.loads((await report(caller, sighting)).answer)
        return answer


def told(
    data: Path, text: str, *, role: str = "guard", received_at: int, late: int = 0
) -> dict[str, Any]:
    """The answer to a sighting that was received at a moment, and seen so much before."""
    sighting = seen(text, received_at - late)
    return asyncio.run(_told(data, keys(data)[role], sighting, received_at))


def rows(data: Path, query: str) -> Sequence[sqlite3.Row]:
    """What lies in the tables."""
    with closing(sqlite3.connect(data / "plate-match.sqlite")) as database:
        database.row_factory = sqlite3.Row
        return database.execute(query).fetchall()
