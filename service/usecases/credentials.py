"""Who may call: keys are issued, shown once, replaced and revoked; each time on record."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256

from plate_match.hotlist import Purpose
from service import clock, ids
from service.errors import NotThere, ServiceError
from service.names import CANARY, faults_of, is_own, tidy
from service.ports import CredentialRegister
from service.records import AuditEvent, IssuedCredential, Role

KEY_PREFIX = "pm_"
"""What every issued key begins with, so that a leaked one is recognised."""

_KEY_BYTES = 32


class CredentialRefused(ServiceError):
    """No credential can be issued for these names; the message says everything that is wrong."""


class UnknownCredential(ServiceError):
    """There is no credential with this id."""


class CannotRotate(ServiceError):
    """This credential cannot be replaced by another one; the message says why."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a key is issued to, and what for.

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


def issue(
    register: CredentialRegister, role: Role, organisation: str, *, person: str | None, now: int
) -> tuple[IssuedCredential, str]:
    """Issue a credential without an end; see `issue_to`."""
    return issue_to(register, Holder(role, organisation, person), now=now)


def issue_to(
    register: CredentialRegister, holder: Holder, *, now: int, lasts: timedelta | None = None
) -> tuple[IssuedCredential, str]:
    """Issue a credential and return it with its key, which is kept nowhere.

    Args:
        register: where credentials are kept.
        holder: whose it is.
        now: microseconds since 1970 UTC.
        lasts: from now on; None has no end.

    Raises:
        CredentialRefused: a name is empty, too long or holds control characters.
        NotThere: the organisation has no such device.
        StorageUnavailable: nothing was recorded.
    """
    kept = replace(
        holder,
        organisation=tidy(holder.organisation),
        person=None if holder.person is None else tidy(holder.person),
        incident=None if holder.incident is None else tidy(holder.incident),
    )
    names = ("organisation", "person", "incident")
    refuse_bad_names({name: getattr(kept, name) for name in names})
    kept = replace(kept, organisation=register.spelling(kept.organisation))
    return _issued(register, kept, now=now, lasts=lasts)


def issue_canary(register: CredentialRegister, *, now: int) -> IssuedCredential:
    """Issue the credential that the service's own sightings go by; nobody has its key."""
    return _issued(register, Holder(Role.GUARD, CANARY), now=now, lasts=None)[0]


def _issued(
    register: CredentialRegister, holder: Holder, *, now: int, lasts: timedelta | None
) -> tuple[IssuedCredential, str]:
    key = _new_key()
    issued = IssuedCredential(
        ids.to_text(ids.new_id(now)),
        holder.role,
        holder.organisation,
        holder.person,
        now,
        device=holder.device,
        purpose=holder.purpose or usual_purpose(holder.role),
        incident=holder.incident,
        expires_at=None if lasts is None else now + clock.micros(lasts),
    )
    event = AuditEvent(now, "credential-issued", _header(issued), {"person": holder.person})
    register.add(issued, _digest(key), event)
    return issued, key


def rotate(
    register: CredentialRegister,
    id_: str,
    *,
    overlap: timedelta,
    now: int,
    lasts: timedelta | None = None,
) -> tuple[IssuedCredential, IssuedCredential, str]:
    """Issue a key to the holder of another one, which ends after the overlap.

    Args:
        register: where credentials are kept.
        id_: of the credential that is replaced.
        overlap: how long its key counts beside the new one; one that ends before stays as it is.
        now: microseconds since 1970 UTC.
        lasts: the new one, from now on; None ends it when the old one would have ended.

    Returns:
        The old credential with its end, the new one, and its key, which is kept nowhere.

    Raises:
        UnknownCredential: there is none with this id.
        CannotRotate: it is revoked or past its end, or stands for the tokens of an issuer.
        StorageUnavailable: nothing was changed.
    """
    old = register.find(id_)
    if old is None:
        raise _unknown()
    _refuse_rotation(old, now)
    ends = now + clock.micros(overlap)
    ending = replace(old, expires_at=min(ends, ends if old.expires_at is None else old.expires_at))
    new = replace(
        old,
        id=ids.to_text(ids.new_id(now)),
        issued_at=now,
        expires_at=old.expires_at if lasts is None else now + clock.micros(lasts),
    )
    key = _new_key()
    told = {"replaces": old.id, "replacedUntil": clock.to_text(ending.expires_at or now)}
    event = AuditEvent(now, "credential-rotated", _header(new) | told, {"person": new.person})
    try:
        register.replace(ending, new, digest=_digest(key), event=event)
    except NotThere as gone:
        device = "its device was dropped: issue a key for another one" if gone.args else ""
        meanwhile = "it was revoked or rotated just now: see `credential list`"
        raise CannotRotate(device or meanwhile) from None
    return ending, new, key


def revoke(register: CredentialRegister, id_: str, *, now: int) -> IssuedCredential:
    """Revoke a credential; one that was revoked before stays as it is.

    Raises:
        UnknownCredential: there is none with this id.
        StorageUnavailable: nothing was changed.
    """
    revoked = register.revoke(id_, AuditEvent(now, "credential-revoked", {"credential": id_}, {}))
    if revoked is None:
        raise _unknown()
    return revoked


def refuse_bad_names(names: Mapping[str, str | None]) -> None:
    """Refuse names that cannot be those of a holder, whoever gives them.

    Raises:
        CredentialRefused: the message says everything that is wrong.
    """
    told = {field: name for field, name in names.items() if name is not None}
    faults = [f"{field} {fault}" for field, name in told.items() for fault in faults_of(name)]
    if is_own(told.get("organisation")):
        faults.append(f"organisation is the service's own where it is called {CANARY}")
    if faults:
        raise CredentialRefused("; ".join(faults))


def usual_purpose(role: Role) -> str:
    """Return what a consultation is for that names no purpose: an auditor supervises."""
    return Purpose.SUPERVISION if role is Role.AUDITOR else Purpose.OFFENCES


def _refuse_rotation(old: IssuedCredential, now: int) -> None:
    if old.issuer is not None:
        raise CannotRotate(
            "it stands for tokens, which the issuer gives out anew; revoke it to refuse them"
        )
    if old.revoked_at is not None:
        raise CannotRotate("it has been revoked: issue a new one")
    if old.expires_at is not None and old.expires_at <= now:
        raise CannotRotate("it is past its end: issue a new one")


def _unknown() -> UnknownCredential:
    return UnknownCredential("there is no credential with this id; `credential list` shows all")


def _new_key() -> str:
    return KEY_PREFIX + secrets.token_urlsafe(_KEY_BYTES)


def _digest(key: str) -> bytes:
    return sha256(key.encode()).digest()


def _header(issued: IssuedCredential) -> dict[str, object]:
    """Return what is kept for ever of a credential that is issued."""
    header = {
        "credential": issued.id,
        "role": issued.role.value,
        "organisation": issued.organisation,
    }
    ends = {} if issued.expires_at is None else {"expiresAt": clock.to_text(issued.expires_at)}
    return {**header, **ends}
