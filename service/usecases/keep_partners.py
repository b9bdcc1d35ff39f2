"""Organisations that take part: their terms, on record; suspended and reinstated at once."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import orjson

from service import clock, ids
from service.errors import Fault, InvalidRequest
from service.partner_ports import Partners
from service.partners import Listed, Partner
from service.ports import Recorder
from service.records import Caller, Role
from service.standing import Reason, Standing, Terms
from service.usecases import cursors
from service.usecases.acts import Act
from service.usecases.cursors import Page

_OWN = Fault("", "own-organisation", "Nobody of a suspended organisation could end it; ask another")

_SHUT_OUT = Fault(
    "/terms", "own-organisation", "By these terms you could not take part yourself; ask another"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPartners:
    """Puts the terms of organisations on record for a caller, and shows them."""

    partners: Partners
    recorder: Recorder
    secret: bytes
    registered_only: bool = False
    now: Callable[[], int] = clock.now

    async def set_terms(self, caller: Caller, name: str, terms: Terms) -> bytes:
        """Put the terms of an organisation on record, in place of those before; return it as JSON.

        Raises:
            InvalidRequest: it is the caller's own, who could not take part by them.
            StorageUnavailable: nothing was changed.
        """
        now, name = self.now(), await asyncio.to_thread(self.partners.spelling, name)
        if name == caller.organisation:
            standing = replace(caller.standing, terms=terms)
            if standing.reasons(caller.role, now, registered_only=self.registered_only):
                raise InvalidRequest([_SHUT_OUT])  # nobody could put others on record
        header = {"partner": name, "terms": _terms(terms)}
        event = Act(caller, "terms-set", header).event(now)
        kept = await asyncio.to_thread(self.partners.set_terms, name, terms, event)
        return self._told(kept, now)

    async def suspend(self, caller: Caller, id_: str, reason: str) -> bytes:
        """Suspend an organisation: whoever is of it is refused from the next request on.

        Raises:
            NotThere: it is unknown.
            InvalidRequest: it is the caller's own.
            StorageUnavailable: nothing was changed.
        """
        now = self.now()
        found = await asyncio.to_thread(self.partners.partner, ids.number(id_))
        if found is not None and found.name == caller.organisation:
            raise InvalidRequest([_OWN])  # nobody could reinstate it
        event = Act(caller, "partner-suspended", {"subject": id_}, {"reason": reason}).event(now)
        kept = await asyncio.to_thread(self.partners.suspend, ids.number(id_), reason, event)
        return self._told(kept, now)

    async def reinstate(self, caller: Caller, id_: str, reason: str) -> bytes:
        """End the suspension of an organisation; raises as `suspend` does."""
        now = self.now()
        event = Act(caller, "partner-reinstated", {"subject": id_}, {"reason": reason}).event(now)
        kept = await asyncio.to_thread(self.partners.reinstate, ids.number(id_), event)
        return self._told(kept, now)

    async def all(self, caller: Caller, *, limit: int, cursor: str | None) -> Page:
        """Return a page of organisations: a manager sees the own one alone.

        Raises:
            InvalidRequest: the cursor is none of this query.
            StorageUnavailable: the look cannot be put on record.
        """
        which = Listed(organisation=own_firm(caller), limit=limit + 1)
        if cursor is not None:
            which = replace(which, before=cursors.opened(self.secret, cursor, of=_of(which)))
        found = await asyncio.to_thread(self.partners.partners, which)
        page, following = cursors.cut(self.secret, found, limit, of=_of(which))
        now = self.now()
        act = Act(caller, "partners-read", {"shown": [ids.to_text(one.id) for one in page]})
        await self.recorder.audit(act.event(now))
        return Page(tuple(self._told(one, now) for one in page), following)

    def _told(self, partner: Partner, now: int) -> bytes:
        return orjson.dumps(_shown(partner, now, registered_only=self.registered_only))


def own_firm(caller: Caller) -> str | None:
    """Return the organisation that alone this caller may see; None for all."""
    return caller.organisation if caller.role is Role.MANAGER else None


def _of(which: Listed) -> str:
    return repr(("partners", replace(which, before=None, limit=0)))


def _shown(partner: Partner, now: int, *, registered_only: bool) -> dict[str, object]:
    terms = partner.terms
    standing = Standing(terms=terms, suspended=partner.suspended_at is not None)
    some_role = ((terms and terms.roles) or (Role.GUARD,))[0]  # what refuses one is not the firm's
    reasons = standing.of_firm(some_role, now, registered_only=registered_only)
    return {
        "id": ids.to_text(partner.id),
        "name": partner.name,
        "terms": None if terms is None else _terms(terms),
        "suspended": ended(partner.suspended_at, partner.suspension),
        "reasons": reasons_told(reasons),
    }


def _terms(terms: Terms) -> dict[str, object]:
    return {
        "licence": terms.licence,
        "licenceUntil": told(terms.licence_until),
        "mark": terms.mark,
        "markUntil": told(terms.mark_until),
        "decision": terms.decision,
        "from": told(terms.since),
        "until": told(terms.until),
        "categories": terms.categories,
        "purposes": terms.purposes,
        "passColours": terms.colours,
        "roles": terms.roles,
        "deviceRequired": terms.device_required,
    }


def told(at: int | None) -> str | None:
    """Return a moment as it travels."""
    return None if at is None else clock.to_text(at)


def reasons_told(reasons: Iterable[Reason]) -> list[dict[str, str]]:
    """Return why somebody may not take part, as it travels."""
    return [{"code": one.code, "message": one.message} for one in reasons]


def ended(at: int | None, reason: str) -> dict[str, object] | None:
    """Return when something was ended, and why."""
    return None if at is None else {"at": clock.to_text(at), "reason": reason}
