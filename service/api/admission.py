"""Who is calling, may they, do they take part now, and what for: before anything is read."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from starlette.datastructures import Headers

from plate_match.hotlist import Purpose
from service.api.route import Route
from service.errors import (
    Fault,
    Frozen,
    KeyMissing,
    KeyRevoked,
    NotAllowed,
    NotInForce,
    PurposeRefused,
    other_purpose,
)
from service.records import Caller, Role
from service.state import State
from service.token_ports import Lapsed

PURPOSE = "purpose"
INCIDENT = "incident-reference"

LONGEST_INCIDENT = 100


async def admitted(state: State, route: Route, caller: Caller, *, headers: Headers) -> Caller:
    """Return a caller who may call a route, with the purpose of a consultation.

    Raises:
        NotAllowed: their role may not do this. Each refusal is on record.
        NotInForce: they, their firm or their device may not take part now.
        PurposeRefused: a consultation without a purpose, or for one that is not theirs.
        Frozen: nothing of the hotlist is disclosed now.
    """
    what = f"{route.method} {route.template}"
    if caller.role not in (route.roles or ()):
        await state.refuse(caller, what)
        raise NotAllowed
    reasons = caller.standing.reasons(
        caller.role, state.now(), registered_only=state.registered_only
    )
    if reasons:
        await state.refuse(caller, what, [one.code for one in reasons])
        raise NotInForce([Fault("", one.code, one.message) for one in reasons])
    if not route.consults:
        return replace(caller, purpose=None, incident=None)
    asking = await _for_a_purpose(state, caller, what, headers=headers)
    if route.discloses and state.hotlist_status.current.frozen:
        await state.refuse(asking, what, ["frozen"])
        raise Frozen
    return asking


async def identified(state: State, route: Route, headers: Headers) -> Caller:
    """Return who is calling. That a key or token is tried which counts no longer is on record.

    Raises:
        UnknownCaller: nobody whose key is in force; its kind says why.
        IssuerOutOfReach: whether a token counts cannot be told now.
    """
    key = _key_of(headers)
    if "." in key and state.take_token is not None:  # no issued key has a dot
        taken = await state.take_token(key)
        if isinstance(taken, Lapsed):
            await _on_record(state, route, taken)
            raise taken.refusal
        return taken
    caller = state.credentials.identify(key)
    if caller is None:
        refusal = state.credentials.refusal(key)
        holder = state.credentials.lapsed(key)
        if holder is not None:
            await _on_record(state, route, Lapsed(holder, refusal))
        raise refusal
    return caller


async def _on_record(state: State, route: Route, lapsed: Lapsed) -> None:
    """Record that a lapsed key or token is tried: as often as its holder may call, and no more.

    Whoever tries an old token takes none of the requests that its holder has with a new one.
    """
    rate = state.rates.take(f"lapsed {lapsed.caller.credential}")
    if rate is None or rate.taken:
        code = "key-revoked" if isinstance(lapsed.refusal, KeyRevoked) else "key-expired"
        await state.refuse(lapsed.caller, f"{route.method} {route.template}", [code])


def _key_of(headers: Headers) -> str:
    """Return the key that was sent, or the token.

    Raises:
        KeyMissing: none, or more than one; of two nobody can say whose request it is.
    """
    sent = headers.getlist("authorization")
    scheme, _, key = (sent[0] if len(sent) == 1 else "").partition(" ")
    key = key.strip(" \t")
    if scheme.lower() != "bearer" or not key:
        raise KeyMissing
    return key


async def _for_a_purpose(state: State, caller: Caller, what: str, *, headers: Headers) -> Caller:
    """Return the caller with what this is for: told by headers, else what the key is for."""
    purposes, incidents = headers.getlist(PURPOSE), headers.getlist(INCIDENT)
    purpose = purposes[0] if purposes else caller.purpose
    incident = (incidents[0] if incidents else None) or caller.incident
    asking = replace(caller, purpose=purpose, incident=incident)
    faults = [*_purpose_faults(asking, purposes), *_incident_faults(asking, incidents)]
    if faults:
        await state.refuse(_sayable(asking), what, [one.code for one in faults])
        raise PurposeRefused(faults)
    return asking


def _purpose_faults(asking: Caller, sent: Sequence[str]) -> Iterator[Fault]:
    if asking.purpose not in _PURPOSES or len(sent) > 1:
        yield Fault("", "no-purpose", _NAME_ONE)
    elif asking.standing.purpose_refused(asking.purpose):
        yield other_purpose("")


def _incident_faults(asking: Caller, sent: Sequence[str]) -> Iterator[Fault]:
    if len(sent) > 1 or not _is_a_reference(asking.incident or ""):
        yield Fault("", "bad-incident", _REFERENCE)
    elif asking.role is Role.INFODESK and not asking.incident:
        yield Fault("", "no-incident", f"Name the incident: {_REFERENCE}")


def _sayable(asking: Caller) -> Caller:
    """Return a caller without a purpose that is none: what a header of the audit has stays."""
    known = asking.purpose in _PURPOSES
    incident = asking.incident if _is_a_reference(asking.incident or "") else None
    return replace(asking, purpose=asking.purpose if known else None, incident=incident)


def _is_a_reference(text: str) -> bool:
    return text.isprintable() and len(text) <= LONGEST_INCIDENT


_PURPOSES = frozenset(Purpose)
_NAME_ONE = f"Name what this is for, once, in the header Purpose: {', '.join(Purpose)}"
_REFERENCE = f"Incident-Reference comes once, with at most {LONGEST_INCIDENT} printable characters"
