"""A sighting of a `test` entry, every few minutes, through the whole path: is it found still.

It alerts no person: a hit that only test entries make is kept back. What is proven is that an
entry in force is matched, recorded and found in the history again.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from plate_match.hotlist import Entry
from plate_match.plate import Plate
from plate_match.report import Look, Report, read_of
from service import clock, ids
from service.current import CurrentSnapshot
from service.errors import ServiceError
from service.metrics import Metrics
from service.names import CANARY
from service.ports import CredentialRegister, History
from service.records import Caller, Role
from service.usecases.credentials import issue_canary
from service.usecases.report_sighting import ReportSighting
from service.usecases.write_down import Sighting


class CanaryDied(ServiceError):
    """A sighting of a test entry was not found; the message says where it was lost."""


def caller_of(register: CredentialRegister, *, now: int) -> Caller:
    """Return who sends these sightings; made known once, with a key that nobody has."""
    known = (one for one in register.all() if one.organisation == CANARY)
    one = next(known, None) or issue_canary(register, now=now)
    return Caller(one.id, Role.GUARD, CANARY)


@dataclass(slots=True, kw_only=True)
class Canary:
    """Sends a sighting of a test entry in force, and looks for its hit."""

    current: CurrentSnapshot
    register: CredentialRegister
    report: ReportSighting
    history: History
    metrics: Metrics
    now: Callable[[], int] = clock.now

    def entry(self) -> Entry | None:
        """Return a test entry on a whole plate that is in force; None if there is none, or frozen.

        Goes through the list: belongs in a thread.
        """
        snapshot = self.current.get()
        if snapshot is None or self.current.frozen:
            return None
        moment = clock.to_datetime(self.now())
        tests = snapshot.matcher.tests()
        return next((one for one in tests if _whole(one) and one.in_force(moment)), None)

    async def sing(self, caller: Caller, entry: Entry) -> None:
        """Send a sighting of an entry through the whole path.

        Raises:
            CanaryDied: its hit is not in the history.
            StorageUnavailable: the sighting could not be recorded.
        """
        reported = await self.report(caller, _sighting(str(entry.plate), self.now()))
        number = ids.from_text(orjson.loads(reported.answer)["id"])
        hits = await self.history.hits_of(number or 0)
        if not any(hit.plate == entry.plate for hit in hits):
            self.metrics.canary(proven_at=None)
            raise CanaryDied("a sighting of a test entry made no hit")
        self.metrics.canary(proven_at=self.now())


def _whole(entry: Entry) -> bool:
    return isinstance(entry.plate, Plate)


def _sighting(plate: str, now: int) -> Sighting:
    sent = {
        "read": plate,
        "source": "eyesight",
        "seenAt": clock.to_text(now),
        "purpose": "supervision",
    }
    return Sighting(
        report=Report((Look(read_of(plate)),)),
        typed=(plate,),
        seen_at=now,
        purpose="supervision",
        request=json.dumps(sent).encode(),
    )
