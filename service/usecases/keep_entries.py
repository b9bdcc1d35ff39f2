"""One entry at a time: put in, withdrawn, looked at; each time on record.

What is put in lies over the hotlist of the feeds in every worker within a second: `HotlistWatch`
sees that something changed, and needs no file and no new version for it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import orjson

from plate_match.feed.write import whole_document
from plate_match.hotlist import Entry
from plate_match.plate import spelled
from service import clock, ids
from service.errors import Fault, InvalidRequest, NotThere, PurposeRefused, other_purpose
from service.partner_ports import Partners
from service.ports import Entries, Recorder
from service.queries import EntryQuery
from service.records import Caller, EntryRecord, Role
from service.usecases import cursors
from service.usecases.acts import Act, filters_of
from service.usecases.cursors import Page
from service.usecases.refuse import Refuse

FEED = "entries"
"""What stands for the feed of an entry that came in no file."""

PUT_IN, WITHDRAWN = "entry-put-in", "entry-withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepEntries:
    """Puts entries in and withdraws them for a caller, and looks at them."""

    entries: Entries
    partners: Partners
    recorder: Recorder
    refuse: Refuse
    secret: bytes
    now: Callable[[], int] = clock.now

    async def put_in(self, caller: Caller, entry: Entry) -> bytes:
        """Put an entry in, and return it as JSON once it is on record.

        One that names no owner is the caller's organisation's: there is always whom to call.

        Raises:
            InvalidRequest: it names partners that nobody knows, each by its place.
            PurposeRefused: the caller's organisation may not act for this purpose.
            StorageUnavailable: nothing was put in.
        """
        if caller.standing.purpose_refused(str(entry.purpose)):
            asking = replace(caller, purpose=entry.purpose)
            await self.refuse(asking, "POST /v1/entries", ["other-purpose"])
            raise PurposeRefused([other_purpose("/purpose")])
        await asyncio.to_thread(self._require_known, entry.partners)
        now, owner = self.now(), entry.owner or caller.organisation
        record = _record(caller, replace(entry, feed=FEED, owner=owner), now)
        header = {"subject": ids.to_text(record.id)}
        act = Act(caller, PUT_IN, header, {"entry": orjson.loads(record.document)})
        kept = await asyncio.to_thread(self.entries.add, record, act.event(now))
        return orjson.dumps(_shown(kept, now))

    def _require_known(self, partners: Sequence[str]) -> None:
        """Refuse names of nobody: whoever was meant would never be told."""
        known = self.partners.are_known(partners) if partners else ()
        faults = [
            Fault(f"/partners/{place}", "unknown-organisation", "Name one that is known here")
            for place, is_known in enumerate(known)
            if not is_known
        ]
        if faults:
            raise InvalidRequest(faults)

    async def withdraw(self, caller: Caller, id_: str, reason: str) -> bytes:
        """Withdraw an entry and return it as JSON; one that is withdrawn stays as it is.

        Raises:
            NotThere: it is unknown, or not this caller's.
            StorageUnavailable: nothing was withdrawn.
        """
        found, now = await self._visible(caller, id_), self.now()
        if found is None:
            act = Act(caller, "not-shown", {"subject": id_, "wanted": WITHDRAWN})
            await self.recorder.audit(act.event(now))
            raise NotThere
        payload = {"plate": found.plate, "reference": found.reference, "reason": reason}
        event = Act(caller, WITHDRAWN, {"subject": id_}, payload).event(now)
        kept = await asyncio.to_thread(self.entries.withdraw, found.id, reason, event)
        return orjson.dumps(_shown(kept, now))

    async def entry(self, caller: Caller, id_: str) -> bytes:
        """Return an entry as JSON. The look itself is put on record.

        Raises:
            NotThere: it is unknown, or not this caller's.
            StorageUnavailable: the look cannot be put on record.
        """
        found = await self._visible(caller, id_)
        header = {"subject": id_, "found": found is not None}
        payload = {} if found is None else {"plate": found.plate, "reference": found.reference}
        now = self.now()
        await self.recorder.audit(Act(caller, "entry-read", header, payload).event(now))
        if found is None:
            raise NotThere
        return orjson.dumps(_shown(found, now))

    async def search(self, caller: Caller, query: EntryQuery, *, cursor: str | None) -> Page:
        """Return a page of entries; what is put in meanwhile does not disturb the pages.

        Raises:
            InvalidRequest: the cursor is none of this query.
            StorageUnavailable: the look cannot be put on record.
        """
        now = self.now()
        query = replace(query, organisation=_own(caller), now=now)
        if cursor is not None:
            query = replace(query, before=cursors.opened(self.secret, cursor, of=_of(query)))
        asked = replace(query, limit=query.limit + 1)
        found = await asyncio.to_thread(self.entries.entries, asked)
        page, following = cursors.cut(self.secret, found, query.limit, of=_of(query))
        await self._looked(caller, query, page)
        return Page(tuple(orjson.dumps(_shown(one, now)) for one in page), following)

    async def _looked(self, caller: Caller, query: EntryQuery, page: Sequence[EntryRecord]) -> None:
        payload = {
            "shown": [{"entry": ids.to_text(one.id), "plate": one.plate} for one in page],
            "filters": filters_of(query),
        }
        act = Act(caller, "entries-searched", {"entries": len(page)}, payload)
        await self.recorder.audit(act.event(query.now))

    async def _visible(self, caller: Caller, id_: str) -> EntryRecord | None:
        """Return an entry that this caller may see: a feed only what its own firm put in."""
        found = await asyncio.to_thread(self.entries.entry, ids.number(id_))
        own = _own(caller)
        return None if found is None or own not in {None, found.organisation} else found


def _own(caller: Caller) -> str | None:
    """Return the organisation whose entries alone this caller may see; None for all."""
    return caller.organisation if caller.role is Role.FEED else None


def _of(query: EntryQuery) -> str:
    """Return what a cursor is bound to: the query; time goes on, the limit may change."""
    return repr(replace(query, before=None, limit=0, now=0))


def _record(caller: Caller, entry: Entry, now: int) -> EntryRecord:
    id_, begin, end = ids.new_id(now), entry.valid_from, entry.valid_until
    if end is None:
        raise ValueError("an entry that is put in by itself has an end")
    if not entry.reference:
        entry = replace(entry, reference=ids.to_text(id_))
    return EntryRecord(
        id=id_,
        organisation=caller.organisation,
        credential=caller.credential,
        put_in_at=now,
        change=0,
        plate=spelled(entry.plate),
        reference=entry.reference,
        category=entry.category,
        valid_from=None if begin is None else clock.to_micros(begin),
        valid_until=clock.to_micros(end),
        document=orjson.dumps(whole_document(entry)),
    )


def _shown(record: EntryRecord, now: int) -> dict[str, object]:
    """Return an entry as it is shown: all its fields, who put it in, and whether it is in force."""
    withdrawn = None
    if record.withdrawn_at is not None:
        withdrawn = {"at": clock.to_text(record.withdrawn_at), "reason": record.reason}
    return {
        "id": ids.to_text(record.id),
        "putInAt": clock.to_text(record.put_in_at),
        "organisation": record.organisation,
        "inForce": record.in_force(now),
        "withdrawn": withdrawn,
        **orjson.loads(record.document),
    }
