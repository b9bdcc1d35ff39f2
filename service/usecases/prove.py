"""A key -> the one person who holds it, of the role that a command asks for; two keys -> two."""

from dataclasses import dataclass

from plate_match.names import alike
from service.errors import Fault, NotAllowed, NotInForce, UnknownCaller
from service.ports import AuditTrail, Credentials
from service.records import AuditEvent, Caller, Role
from service.usecases.acts import Act


@dataclass(frozen=True, slots=True)
class Prove:
    """Lets holders of one role in; whoever is refused is on record."""

    credentials: Credentials
    trail: AuditTrail
    role: Role

    def __call__(self, key: str, what: str, *, now: int) -> Caller:
        """Return who holds a key; `what` names the command it was shown to.

        Raises:
            UnknownCaller: nobody who is known holds it.
            NotAllowed: whoever holds it is of another role; NotInForce if they may not take part
                now.
            StorageUnavailable: it cannot be told, or the refusal not be put on record.
        """
        caller = self.credentials.identify(key)
        if caller is None:
            self.trail.add(AuditEvent(now, "refused", {"command": what, "role": None}, {}))
            raise UnknownCaller
        if caller.role is not self.role:
            header = {"command": what, "role": caller.role.value}
            self.trail.add(Act(caller, "refused", header).event(now))
            raise NotAllowed
        reasons = caller.standing.reasons(caller.role, now, registered_only=False)
        if reasons:
            faults = [Fault("", one.code, one.message) for one in reasons]
            raise self._refused(caller, what, faults, now=now)
        return caller

    def second(self, key: str, first: Caller, what: str, *, now: int) -> Caller:
        """Return who holds the key of the second of two people.

        Raises:
            NotInForce: one of the keys names no person, or both the same; on record.
            UnknownCaller, NotAllowed, StorageUnavailable: as of one.
        """
        second = self(key, what, now=now)
        names = [alike(caller.person or "") for caller in (first, second)]
        if not all(names):
            fault = Fault("", "no-person", "both keys must name the person who holds them")
            raise self._refused(second, what, [fault], now=now)
        if names[0] == names[1]:
            fault = Fault("", "same-person", "the second key must be of another person")
            raise self._refused(second, what, [fault], now=now)
        return second

    def _refused(self, caller: Caller, what: str, faults: list[Fault], *, now: int) -> NotInForce:
        """Put on record that a caller was refused, and return the error that says why."""
        codes = [one.code for one in faults]
        told: dict[str, object] = {"command": what, "role": caller.role.value, "reasons": codes}
        self.trail.add(Act(caller, "refused", told).event(now))
        return NotInForce(faults)
