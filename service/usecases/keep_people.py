"""People and devices of partners: proposed by their firm, approved by the police side, dropped.

Whoever is dropped is refused from the next request on; each step is on record.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn, TypeVar

import orjson

from service import clock, ids
from service.errors import AnotherWaits, NotThere
from service.partner_ports import Partners
from service.partners import Device, EndedHow, Listed, PeopleQuery, Person, ProposalEnd
from service.ports import Recorder
from service.records import Caller
from service.standing import Pass
from service.usecases import cursors
from service.usecases.acts import Act, filters_of
from service.usecases.cursors import Page
from service.usecases.keep_partners import own_firm
from service.usecases.people_told import device_told, pass_told, person_told, waiting_told

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
        organisation = await self._firm(caller, organisation, wanted="person-proposed")
        now = self.now()
        payload = {"name": name, "pass": pass_told(card)}
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
        found, waiting = await self._waiting(caller, id_, proposal, wanted="person-approved")
        now = self.now()
        payload = {"name": found.name, "pass": waiting_told(found)}
        event = Act(caller, "person-approved", {"subject": id_}, payload).event(now)
        approve = self.partners.approve
        return self._person(await asyncio.to_thread(approve, found.id, waiting, event), now)

    async def turn_down(self, caller: Caller, id_: str, proposal: str, *, reason: str) -> bytes:
        """Turn down the pass of a person that was looked at; return them as JSON.

        The person, and a pass of theirs that was approved before, stay as they are; raises as
        `approve` does.
        """
        end = ProposalEnd(self.now(), EndedHow.TURNED_DOWN, reason)
        return await self._end_proposal(caller, id_, proposal, end=end)

    async def withdraw(self, caller: Caller, id_: str, proposal: str, *, reason: str) -> bytes:
        """Take back the pass of a person that waits; see `turn_down`."""
        end = ProposalEnd(self.now(), EndedHow.WITHDRAWN, reason)
        return await self._end_proposal(caller, id_, proposal, end=end)

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
        own, asked_for = own_firm(caller), query.organisation
        if asked_for is not None:
            asked_for = await asyncio.to_thread(self.partners.spelling, asked_for)
        query = replace(query, organisation=asked_for)
        if own is not None and asked_for not in {None, own}:
            await self._looked(caller, "people-searched", [], filters=filters_of(query))
            return Page((), None)
        query = replace(query, organisation=own or asked_for)
        if cursor is not None:
            query = replace(query, before=cursors.opened(self.secret, cursor, of=_of(query)))
        asked = replace(query, limit=query.limit + 1)
        found = await asyncio.to_thread(self.partners.people, asked)
        page, following = cursors.cut(self.secret, found, query.limit, of=_of(query))
        shown = [one.id for one in page]
        await self._looked(caller, "people-searched", shown, filters=filters_of(query))
        now = self.now()
        return Page(tuple(self._person(one, now) for one in page), following)

    async def add_device(self, caller: Caller, organisation: str, name: str) -> bytes:
        """Put a device on record; return it as JSON.

        Raises:
            NotThere: the organisation is unknown, or not this caller's.
            StorageUnavailable: nothing was changed.
        """
        organisation = await self._firm(caller, organisation, wanted="device-added")
        event = Act(caller, "device-added", {"partner": organisation}, {"name": name})
        add = self.partners.add_device
        kept = await asyncio.to_thread(add, organisation, name, event.event(self.now()))
        return orjson.dumps(device_told(kept))

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
        return orjson.dumps(device_told(kept))

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
        return Page(tuple(orjson.dumps(device_told(one)) for one in page), following)

    async def _end_proposal(
        self, caller: Caller, id_: str, proposal: str, *, end: ProposalEnd
    ) -> bytes:
        action = f"proposal-{end.how.value}"
        found, waiting = await self._waiting(caller, id_, proposal, wanted=action)
        payload = {"name": found.name, "pass": waiting_told(found), "reason": end.reason}
        event = Act(caller, action, {"subject": id_}, payload).event(end.at)
        kept = await asyncio.to_thread(
            self.partners.end_proposal, found.id, waiting, end=end, event=event
        )
        return self._person(kept, end.at)

    async def _waiting(
        self, caller: Caller, id_: str, proposal: str, *, wanted: str
    ) -> tuple[Person, int]:
        """Return a person with the number of the pass that was looked at."""
        found = await self._visible(caller, id_, wanted=wanted)
        if found.proposal is None or ids.to_text(found.proposal) != proposal:
            raise AnotherWaits
        return found, found.proposal

    async def _firm(self, caller: Caller, organisation: str, *, wanted: str) -> str:
        """Return an organisation as it is on record; that it is not this caller's is on record."""
        found = await asyncio.to_thread(self.partners.spelling, organisation)
        if own_firm(caller) not in {None, found}:
            await self._refuse(Act(caller, "not-shown", {"wanted": wanted}, {"of": found}))
        return found

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

    async def _looked(
        self,
        caller: Caller,
        action: str,
        shown: Sequence[int],
        *,
        filters: Mapping[str, object] | None = None,
    ) -> None:
        payload = {} if filters is None else {"filters": filters}
        act = Act(caller, action, {"shown": [ids.to_text(one) for one in shown]}, payload)
        await self.recorder.audit(act.event(self.now()))

    def _person(self, person: Person, now: int) -> bytes:
        return orjson.dumps(person_told(person, now, registered_only=self.registered_only))


def _of(query: PeopleQuery | Listed) -> str:
    return repr(("people", replace(query, before=None, limit=0)))
