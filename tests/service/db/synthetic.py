"""Synthetic recordings, made of nothing but a number; all plates are invented."""

import itertools
from dataclasses import dataclass, replace
from typing import Any

from service import ids
from service.adapters.db import Database
from service.records import (
    SIGHTING_REPORTED,
    AlertRecord,
    AuditEvent,
    Claim,
    HitRecord,
    IssuedCredential,
    Recording,
    Role,
    SightingRecord,
)
from service.usecases import credentials

NOW = 1_795_000_000_000_000
"""A moment in 2026, in microseconds."""

FIRM = "Synthetic Security"

_NUMBERS = itertools.count(1)


def grown_id(at: int) -> int:
    """An id of its own, above all before it, however many are made of one moment."""
    return ids.new_id(at + 1_000 * next(_NUMBERS))


def issue(
    database: Database, role: Role = Role.GUARD, organisation: str = FIRM
) -> IssuedCredential:
    """Issue a credential nobody will use the key of."""
    issued, _ = credentials.issue(database.credentials, role, organisation, person=None, now=NOW)
    return issued


def records(database: Database) -> int:
    """How many records the audit has."""
    head = database.audit.head()
    return 0 if head is None else head.seq


def event(action: str = "tried", **payload: object) -> AuditEvent:
    """An audit event with this payload."""
    return AuditEvent(NOW, action, {"purpose": "offences"}, payload)


def reported(sighting: SightingRecord) -> AuditEvent:
    """The audit event of a sighting."""
    header = {"purpose": "offences", "subject": ids.to_text(sighting.id)}
    return AuditEvent(NOW, SIGHTING_REPORTED, header, {"read": f"sighting {sighting.id}"})


@dataclass(frozen=True)
class Maker:
    """Makes recordings of one credential, each with ids of its own."""

    credential: IssuedCredential

    def recording(
        self,
        *,
        hits: int = 1,
        at: int = NOW,
        key: str | None = None,
        list_version: str = "list-1",
        **claim: Any,
    ) -> Recording:
        """A sighting with this many hits, each of them an alert; `claim` goes with its key."""
        sighting = replace(self.sighting(at), list_version=list_version)
        found = tuple(self.hit(sighting, rank) for rank in range(1, hits + 1))
        return Recording(
            sighting,
            found,
            tuple(AlertRecord(hit.id, hit.organisation, at) for hit in found),
            reported(sighting),
            None if key is None else self.claim(key, **claim),
        )

    def claim(self, key: str, digest: bytes = b"body", place: int = 0) -> Claim:
        """A key with the digest of a body."""
        return Claim(self.credential.id, key, digest, place)

    def sighting(self, at: int = NOW) -> SightingRecord:
        """A sighting seen when it was received."""
        return SightingRecord(
            id=grown_id(at),
            organisation=self.credential.organisation,
            credential=self.credential.id,
            received_at=at,
            seen_at=at,
            source="eyesight",
            purpose="offences",
            list_version="list-1",
            model_version="model-1",
            request=b'{"read":"12*"}',
            answer=b'{"hits":[]}',
        )

    def hit(self, sighting: SightingRecord, rank: int = 1) -> HitRecord:
        """A hit of this sighting."""
        return HitRecord(
            id=grown_id(sighting.received_at),
            sighting=sighting.id,
            organisation=sighting.organisation,
            received_at=sighting.received_at,
            seen_at=sighting.seen_at,
            rank=rank,
            plate="8XKV41",
            categories=("robbery", "weapons"),
            disposition="alert",
            confidence=0.75,
            list_version=sighting.list_version,
            model_version=sighting.model_version,
            document=b'{"rank":1}',
        )


def unknown_organisation(recording: Recording) -> Recording:
    """The recording as nobody's: what storage must refuse."""
    return replace(recording, sighting=replace(recording.sighting, organisation="Nobody"))
