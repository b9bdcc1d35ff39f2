"""What the use cases of partners ask of storage; the records are in `service.partners`.

Called from a thread, so it may block. Whatever changes is in force at the next request.
"""

from collections.abc import Sequence
from typing import Protocol

from service.partners import Device, Listed, Partner, PeopleQuery, Person, ProposalEnd
from service.records import AuditEvent
from service.standing import Pass, Terms


class Partners(Protocol):
    """Organisations, their people and their devices.

    What changes one that is not there raises `NotThere`; each change goes with its audit record.
    """

    def spelling(self, organisation: str) -> str:
        """Return how an organisation is spelled on record; what is not there, as it is given."""
        ...

    def are_known(self, organisations: Sequence[str]) -> Sequence[bool]:
        """Return of each name, however it is spelled, whether it is that of an organisation."""
        ...

    def set_terms(self, name: str, terms: Terms, event: AuditEvent) -> Partner:
        """Put the terms of an organisation on record, which is made known if it is new."""
        ...

    def suspend(self, id_: int, reason: str, event: AuditEvent) -> Partner:
        """Suspend an organisation."""
        ...

    def reinstate(self, id_: int, event: AuditEvent) -> Partner:
        """End the suspension of an organisation."""
        ...

    def partner(self, id_: int) -> Partner | None:
        """Return an organisation, or None."""
        ...

    def partners(self, which: Listed) -> Sequence[Partner]:
        """Return organisations, newest first."""
        ...

    def propose(self, organisation: str, name: str, *, card: Pass, event: AuditEvent) -> Person:
        """Propose a person, or another pass of one."""
        ...

    def approve(self, id_: int, proposal: int, event: AuditEvent) -> Person:
        """Approve a pass of a person; they take part by it from now on.

        Raises:
            AnotherWaits: it is not the one that was proposed last, or nothing waits.
        """
        ...

    def end_proposal(
        self, id_: int, proposal: int, *, end: ProposalEnd, event: AuditEvent
    ) -> Person:
        """End a pass of a person that waits.

        Raises:
            AnotherWaits: it is not the one that was proposed last, or nothing waits.
        """
        ...

    def drop_person(self, id_: int, reason: str, event: AuditEvent) -> Person:
        """Drop a person; what was proposed of them is gone too."""
        ...

    def person(self, id_: int) -> Person | None:
        """Return a person, or None."""
        ...

    def people(self, query: PeopleQuery) -> Sequence[Person]:
        """Return people, newest first."""
        ...

    def add_device(self, organisation: str, name: str, event: AuditEvent) -> Device:
        """Put a device on record."""
        ...

    def drop_device(self, id_: int, reason: str, event: AuditEvent) -> Device:
        """Drop a device."""
        ...

    def device(self, id_: int) -> Device | None:
        """Return a device, or None."""
        ...

    def devices(self, which: Listed) -> Sequence[Device]:
        """Return devices, newest first."""
        ...


class PeopleErasure(Protocol):
    """What is personal of whoever takes part no longer.

    Each call erases one batch at most, with its audit record, and returns how many that were;
    moments are microseconds since 1970. Ids stay, and nobody gets one of them again.
    """

    def passes(self, before: int, event: AuditEvent) -> int:
        """Erase the numbers of passes that were over, turned down or withdrawn by a moment."""
        ...

    def credentials(self, before: int, event: AuditEvent) -> int:
        """Erase who held keys that were over or revoked by a moment, and for which incident."""
        ...

    def devices(self, before: int, event: AuditEvent) -> int:
        """Erase what devices were called that were dropped by a moment, and why they were."""
        ...

    def people(self, before: int, event: AuditEvent) -> int:
        """Erase the names of people who took part no longer by a moment, and all their passes."""
        ...
