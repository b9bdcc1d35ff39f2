"""A key -> whoever may open the personal part of the audit: an auditor, and nobody else."""

from dataclasses import dataclass

from service.errors import Fault, NotAllowed, NotInForce, UnknownCaller
from service.ports import AuditTrail, Credentials
from service.records import AuditEvent, Caller, Role
from service.usecases.acts import Act, whom


@dataclass(frozen=True, slots=True)
class OpenAudit:
    """Lets auditors in; whoever is refused is on record."""

    credentials: Credentials
    trail: AuditTrail

    def __call__(self, key: str, what: str, *, now: int) -> Caller:
        """Return who holds a key; `what` names the command it was shown to.

        Raises:
            UnknownCaller: nobody who is known holds it.
            NotAllowed: whoever holds it is no auditor; NotInForce if they may not take part now.
            StorageUnavailable: it cannot be told, or the refusal not be put on record.
        """
        caller = self.credentials.identify(key)
        if caller is None:
            self.trail.add(AuditEvent(now, "refused", {"command": what, "role": None}, {}))
            raise UnknownCaller
        if caller.role is not Role.AUDITOR:
            header = {"command": what, "role": caller.role.value}
            self.trail.add(Act(caller, "refused", header).event(now))
            raise NotAllowed
        reasons = caller.standing.reasons(caller.role, now, registered_only=False)
        if reasons:
            codes = [one.code for one in reasons]
            told: dict[str, object] = {"command": what, "role": caller.role.value, "reasons": codes}
            self.trail.add(Act(caller, "refused", told).event(now))
            raise NotInForce([Fault("", one.code, one.message) for one in reasons])
        return caller


def opened_by(caller: Caller | None) -> dict[str, object]:
    """Return what the header of a record says of whoever opened the personal part, if so."""
    if caller is None:
        return {"opened": False}
    header, _ = whom(caller)
    return {"opened": True, "role": caller.role.value, **header}


def opener_told(caller: Caller | None) -> dict[str, object]:
    """Return what the personal part of that record says of them: who, by which pass."""
    return {} if caller is None else whom(caller)[1]
