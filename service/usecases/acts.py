"""What a caller did -> the audit event of it: who in what stays for ever, whom in what may go."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from service.partners import PeopleQuery
from service.queries import EntryQuery, HitQuery
from service.records import AuditEvent, Caller


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a caller did, or looked at.

    `header` is kept for ever and holds no plate; `payload` can be erased.
    """

    caller: Caller
    action: str
    header: Mapping[str, object]
    payload: Mapping[str, object] = field(default_factory=dict)

    def event(self, at: int) -> AuditEvent:
        """Return what goes on record of it."""
        header, payload = whom(self.caller)
        return AuditEvent(at, self.action, {**header, **self.header}, {**payload, **self.payload})


def whom(caller: Caller) -> tuple[dict[str, object], dict[str, object]]:
    """Return what header and personal part of a record say of whoever did it."""
    header: dict[str, object] = {
        "credential": caller.credential,
        "organisation": caller.organisation,
        **_given(device=caller.device, purpose=caller.purpose),
    }
    card = caller.standing.card
    told = _given(incident=caller.incident, passNumber=None if card is None else card.number)
    return header, {"person": caller.person, **told}


def filters_of(query: HitQuery | EntryQuery | PeopleQuery) -> dict[str, object]:
    """Return what somebody searched by, as a record says it."""
    return _given(**orjson.loads(orjson.dumps(query)))


def _given(**told: object) -> dict[str, object]:
    return {name: value for name, value in told.items() if value is not None}
