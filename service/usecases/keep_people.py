"""People and devices of partners: proposed by their firm, approved by the police side, dropped.

Whoever is dropped is refused from the next request on; each step is on record.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn, TypeVar

import orjson

from service import clock, ids
from service.errors import AnotherWaits, NotThere
from service.partner_ports import Partners
from service.partners import Device, Listed, PeopleQuery, Person
from service.ports import Recorder
from service.records import Caller, Role
from service.standing import Pass, Standing
from service.usecases import cursors
from service.usecases.acts import Act
from service.usecases.cursors import Page
from service.usecases.keep_partners import ended, own_firm, reasons_told, told

Document = dict[str, object]
Mine = TypeVar("Mine", Person, Device)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPeople:
    """Keeps the people and devices of partners for a caller: a manager those of the own firm."""

    partners: Partners
    recorder: Recorder
    secret: bytes
    registered_only: bool = False
    now: Callable[[], int] = clock.now

    async def propose(self, caller: Caller, organisation: str, name: str, *, card: Pass) -> bytes:
        """Propose a person, or another pass of one that is there; return them as JSON.

        What was approved before counts until this is.

        Raises:
            NotThere: the organisation is unknown, or not this caller's.
            StorageUnavailable: nothing was changed.
        """
        await self._refuse_other_firms(caller, organisation, "person-proposed")
        now = self.now()
        payload = {"name": name, "pass": _pass(card)}
        event = Act(caller, "person-proposed", {"partner": organisation}, payload).event(now)
        kept = await asyncio.to_thread(
            self.partners.propose, organisation, name, card=card, event=event
        )
        return self._person(kept, now)

    async def approve(self, caller: Caller, id_: str, proposal: str) -> bytes:
        """Approve the pass of a person that was looked at; return them as JSON.

        Raises:
            NotThere: they are unknown.
            AnotherWaits: another pass was proposed meanwhile, or none waits.
            StorageUnavailable: nothing was changed.
        """
        found, now = await self._visible(caller, id_, wanted="person-approved"), self.now()
        if found.proposal is None or ids.to_text(found.proposal) != proposal:
            raise AnotherWaits
        payload = {"name": found.name, "pass": _waiting(found)}
        event = Act(caller, "person-approved", {"subject": id_}, payload).event(now)
        approve = self.partners.approve
        return self._person(await asyncio.to_thread(approve, found.id, found.proposal, event), now)

    async def drop(self, caller: Caller, id_: str, reason: str) -> bytes:
        """Drop a person at once; return them as JSON.

        Raises:
            NotThere: they are unknown, or of another firm.
            StorageUnavailable: nothing was changed.
        """
        found, now = await self._visible(caller, id_, wanted="person-dropped"), self.now()
        payload = {"name": found.name, "reason": reason}
        event = Act(caller, "person-dropped", {"subject": id_}, payload).event(now)
        kept = await asyncio.to_thread(self.partners.drop_person, found.id, reason, event)
        return self._person(kept, now)

    async def person(self, caller: Caller, id_: str) -> bytes:
        """Return a person as JSON. The look itself is put on record.

        Raises:
            NotThere: they are unknown, or of another firm.
            StorageUnavailable: the look cannot be put on record.
        """
        found, now = await self._visible(caller, id_), self.now()
        await self.recorder.audit(Act(caller, "person-read", {"subject": id_}).event(now))
        return self._person(found, now)

    async def people(self, caller: Caller, query: PeopleQuery, *, cursor: str | None) -> Page:
        """Return a page of people; raises as `devices` does."""
        own = own_firm(caller)
        if own is not None and query.organisation not in {None, own}:
            await self._looked(caller, "people-searched", [])
            return Page((), None)
        query = replace(query, organisation=own or query.organisation)
        if cursor is not None:
            query = replace(query, before=cursors.opened(self.secret, cursor, of=_of(query)))
        asked = replace(query, limit=query.limit + 1)
        found = await asyncio.to_thread(self.partners.people, asked)
        page, following = cursors.cut(self.secret, found, query.limit, of=_of(query))
        await self._looked(caller, "people-searched", [one.id for one in page])
        now = self.now()
        return Page(tuple(self._person(one, now) for one in page), following)

    async def add_device(self, caller: Caller, organisation: str, name: str) -> bytes:
        """Put a device on record; return it as JSON.

        Raises:
            NotThere: the organisation is unknown, or not this caller's.
            StorageUnavailable: nothing was changed.
        """
        await self._refuse_other_firms(caller, organisation, "device-added")
        event = Act(caller, "device-added", {"partner": organisation}, {"name": name})
        add = self.partners.add_device
        kept = await asyncio.to_thread(add, organisation, name, event.event(self.now()))
        return orjson.dumps(_device(kept))

    async def drop_device(self, caller: Caller, id_: str, reason: str) -> bytes:
        """Drop a device at once; return it as JSON.

        Raises:
            NotThere: it is unknown, or of another firm.
            StorageUnavailable: nothing was changed.
        """
        sought = await asyncio.to_thread(self.partners.device, ids.number(id_))
        found = await self._own(caller, id_, sought, wanted="device-dropped")
        event = Act(caller, "device-dropped", {"subject": id_}, {"reason": reason})
        drop = self.partners.drop_device
        kept = await asyncio.to_thread(drop, found.id, reason, event.event(self.now()))
        return orjson.dumps(_device(kept))

    async def devices(self, caller: Caller, *, limit: int, cursor: str | None) -> Page:
        """Return a page of devices. The look itself is put on record.

        Raises:
            InvalidRequest: the cursor is none of this query.
            StorageUnavailable: the look cannot be put on record.
        """
        which = Listed(organisation=own_firm(caller), limit=limit + 1)
        if cursor is not None:
            which = replace(which, before=cursors.opened(self.secret, cursor, of=_of(which)))
        found = await asyncio.to_thread(self.partners.devices, which)
        page, following = cursors.cut(self.secret, found, limit, of=_of(which))
        await self._looked(caller, "devices-read", [one.id for one in page])
        return Page(tuple(orjson.dumps(_device(one)) for one in page), following)

    async def _refuse_other_firms(self, caller: Caller, organisation: str, wanted: str) -> None:
        if own_firm(caller) not in {None, organisation}:
            await self._refuse(Act(caller, "not-shown", {"wanted": wanted}, {"of": organisation}))

    async def _visible(self, caller: Caller, id_: str, *, wanted: str = "person-read") -> Person:
        found = await asyncio.to_thread(self.partners.person, ids.number(id_))
        return await self._own(caller, id_, found, wanted=wanted)

    async def _own(self, caller: Caller, id_: str, found: Mine | None, *, wanted: str) -> Mine:
        """Return what this caller may see; that somebody asked for another's is on record."""
        if found is None or own_firm(caller) not in {None, found.organisation}:
            await self._refuse(Act(caller, "not-shown", {"subject": id_, "wanted": wanted}))
        return found

    async def _refuse(self, act: Act) -> NoReturn:
        await self.recorder.audit(act.event(self.now()))
        raise NotThere

    async def _looked(self, caller: Caller, action: str, shown: Sequence[int]) -> None:
        act = Act(caller, action, {"shown": [ids.to_text(one) for one in shown]})
        await self.recorder.audit(act.event(self.now()))

    def _person(self, person: Person, now: int) -> bytes:
        card = person.approved
        dropped = person.dropped_at is not None
        standing = Standing(
            terms=person.terms,
            suspended=person.suspended,
            screened=card is not None or person.proposed is not None,
            card=card,
            dropped=dropped,
        )
        role = Role.GUARD if card is None else card.role
        reasons = standing.reasons(role, now, registered_only=self.registered_only)
        document = {
            "id": ids.to_text(person.id),
            "organisation": person.organisation,
            "name": person.name,
            "approved": None if card is None else _pass(card),
            "approvedAt": told(person.approved_at),
            "waiting": _waiting(person),
            "dropped": ended(person.dropped_at, person.reason),
            "reasons": reasons_told(reasons),
        }
        return orjson.dumps(document)


def _of(query: PeopleQuery | Listed) -> str:
    return repr(("people", replace(query, before=None, limit=0)))


def _waiting(person: Person) -> Document | None:
    """Return the pass that waits, with the id that an approval names."""
    if person.proposed is None or person.proposal is None:
        return None
    return {"id": ids.to_text(person.proposal), **_pass(person.proposed)}


def _pass(card: Pass) -> Document:
    return {
        "passNumber": card.number,
        "passColour": card.colour,
        "passUntil": told(card.until),
        "secrecyAcknowledgedAt": told(card.secrecy_at),
        "role": card.role,
    }


def _device(device: Device) -> Document:
    return {
        "id": ids.to_text(device.id),
        "organisation": device.organisation,
        "name": device.name,
        "addedAt": told(device.added_at),
        "dropped": ended(device.dropped_at, device.reason),
    }
