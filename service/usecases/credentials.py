"""Who may call: keys are issued, shown once, and revoked; each time on record."""

import secrets
from dataclasses import dataclass
from hashlib import sha256

from plate_match.hotlist import Purpose
from service import ids
from service.errors import ServiceError
from service.ports import CredentialRegister
from service.records import AuditEvent, IssuedCredential, Role

KEY_PREFIX = "pm_"
"""What every issued key begins with, so that a leaked one is recognised."""

LONGEST_NAME = 200

_KEY_BYTES = 32


class CredentialRefused(ServiceError):
    """No credential can be issued for these names; the message says everything that is wrong."""


class UnknownCredential(ServiceError):
    """There is no credential with this id."""


def issue(
    register: CredentialRegister, role: Role, organisation: str, *, person: str | None, now: int
) -> tuple[IssuedCredential, str]:
    """Issue a credential for the usual purpose of its role; as `issue_to` does."""
    return issue_to(register, Holder(role, organisation, person), now=now)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a credential is for, and what.

    Attributes:
        role: what the key may be used for.
        organisation: its name; made known if it is new.
        person: the holder, if the key belongs to one.
        device: the id of the device it is for, if it is for one of the organisation's.
        purpose: of every consultation that names none itself; None for the usual one of the role.
        incident: the same, where an analyst looks.
    """

    role: Role
    organisation: str
    person: str | None = None
    device: str | None = None
    purpose: str | None = None
    incident: str | None = None


def issue_to(
    register: CredentialRegister, holder: Holder, *, now: int
) -> tuple[IssuedCredential, str]:
    """Issue a credential and return it with its key, which is kept nowhere.

    Args:
        register: where credentials are kept.
        holder: who it is for.
        now: microseconds since 1970 UTC.

    Raises:
        CredentialRefused: a name is empty, too long or holds control characters.
        NotThere: the organisation has no such device.
        StorageUnavailable: nothing was recorded.
    """
    role, organisation, person = holder.role, holder.organisation, holder.person
    incident = holder.incident
    _refuse_bad_names({"organisation": organisation, "person": person, "incident": incident})
    key = KEY_PREFIX + secrets.token_urlsafe(_KEY_BYTES)
    issued = IssuedCredential(
        ids.to_text(ids.new_id(now)),
        role,
        organisation,
        person,
        now,
        device=holder.device,
        purpose=holder.purpose or usual_purpose(role),
        incident=incident,
    )
    header = {"credential": issued.id, "role": role.value, "organisation": organisation}
    event = AuditEvent(now, "credential-issued", header, {"person": person})
    register.add(issued, sha256(key.encode()).digest(), event)
    return issued, key


def usual_purpose(role: Role) -> str:
    """Return what a consultation is for that names no purpose: an auditor supervises."""
    return Purpose.SUPERVISION if role is Role.AUDITOR else Purpose.OFFENCES


def revoke(register: CredentialRegister, id_: str, *, now: int) -> IssuedCredential:
    """Revoke a credential; one that was revoked before stays as it is.

    Raises:
        UnknownCredential: there is none with this id.
        StorageUnavailable: nothing was changed.
    """
    revoked = register.revoke(id_, AuditEvent(now, "credential-revoked", {"credential": id_}, {}))
    if revoked is None:
        raise UnknownCredential("there is no credential with this id; `credential list` shows all")
    return revoked


def _refuse_bad_names(names: dict[str, str | None]) -> None:
    faults = [f"{field} {fault}" for field, name in names.items() for fault in _name_faults(name)]
    if faults:
        raise CredentialRefused("; ".join(faults))


def _name_faults(name: str | None) -> list[str]:
    if name is None:
        return []
    faults = []
    if not name.strip():
        faults.append("is empty")
    if len(name) > LONGEST_NAME:
        faults.append(f"is longer than {LONGEST_NAME} characters")
    if not name.isprintable():
        faults.append("holds characters that cannot be printed")
    return faults
