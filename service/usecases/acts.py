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
        who = {"credential": caller.credential, "organisation": caller.organisation}
        payload = {"person": caller.person, **self.payload}
        return AuditEvent(at, self.action, {**who, **self.header}, payload)
