"""What a caller did -> the audit event of it: who in what stays for ever, whom in what may go."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
        caller = self.caller
        who: dict[str, object] = {
            "credential": caller.credential,
            "organisation": caller.organisation,
        }
        who |= _given(device=caller.device, purpose=caller.purpose)
        card = caller.standing.card
        whom = _given(incident=caller.incident, passNumber=None if card is None else card.number)
        payload = {"person": caller.person, **whom, **self.payload}
        return AuditEvent(at, self.action, {**who, **self.header}, payload)


def _given(**told: str | None) -> dict[str, object]:
    return {name: value for name, value in told.items() if value is not None}
