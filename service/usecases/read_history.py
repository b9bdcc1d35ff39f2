"""What was recorded -> who may see it; every look is on record before it is answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import orjson

from service import clock, ids
from service.disclosure import answer_shown, hit_shown, lasts
from service.errors import NotThere
from service.ports import History, Recorder
from service.queries import HitQuery
from service.records import Caller, HitRecord, Role, SightingRecord
from service.usecases import cursors
from service.usecases.acts import Act, filters_of
from service.usecases.cursors import Page
from service.usecases.named_plates import reads_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadHistory:
    """Looks into the history for a caller; `kept` is how long sightings without a hit are."""

    history: History
    recorder: Recorder
    secret: bytes
    kept: timedelta
    now: Callable[[], int] = clock.now

    async def sighting(self, caller: Caller, id_: str) -> bytes:
        """Return what was sent and what was answered, as one JSON object.

        Raises:
            NotThere: it is unknown, was purged, or is not this caller's to see.
            StorageUnavailable: the look cannot be put on record.
        """
        found = await self._visible(caller, ids.number(id_))
        if found is None:
            await self._on_record(Act(caller, "sighting-read", {"subject": id_, "found": False}))
            raise NotThere
        hits = await self.history.hits_of(found.id)
        answer = answer_shown(found, hits, caller, restricted=_sees_restricted(caller))
        header = {"subject": id_, "found": True, **_versions(found)}
        told = orjson.loads(answer)["hits"]
        hits_told = [{"hit": hit["id"], "plate": hit["plate"]} for hit in told]
        shown = {"reads": reads_of(found.request), "shown": hits_told}
        await self._on_record(Act(caller, "sighting-read", header, shown))
        return found.request[:-1] + b"," + answer[1:]

    async def may_follow(self, caller: Caller, id_: str) -> bool:
        """Whether a sighting of this id is there for this caller to follow up."""
        number = ids.from_text(id_)
        return number is not None and await self._visible(caller, number) is not None

    async def hit(self, caller: Caller, id_: str) -> bytes:
        """Return a hit as JSON.

        Raises:
            NotThere: it is unknown.
            StorageUnavailable: the look cannot be put on record.
        """
        found = await self.history.hit(ids.number(id_))
        if found is not None and found.restricted_at is not None and not _sees_restricted(caller):
            found = None
        header = {"subject": id_, "found": found is not None, **_versions(found)}
        await self._on_record(Act(caller, "hit-read", header, _shown([found] if found else [])))
        if found is None:
            raise NotThere
        return hit_shown(found)

    async def hits(self, caller: Caller, query: HitQuery, *, cursor: str | None) -> Page:
        """Return a page of hits; hits that arrive meanwhile do not disturb the pages.

        Raises:
            InvalidRequest: the cursor is none of this query.
            StorageUnavailable: the look cannot be put on record.
        """
        if not _sees_restricted(caller):
            query = replace(query, restricted=False)
        if cursor is not None:
            query = replace(query, before=cursors.opened(self.secret, cursor, of=_of(query)))
        found = await self.history.hits(replace(query, limit=query.limit + 1))
        page, following = cursors.cut(self.secret, found, query.limit, of=_of(query))
        payload = {**_shown(page), "filters": filters_of(query)}
        await self._on_record(Act(caller, "hits-searched", {"hits": len(page)}, payload))
        return Page(tuple(map(hit_shown, page)), following)

    async def _visible(self, caller: Caller, number: int) -> SightingRecord | None:
        """Return a sighting that this caller may see: a guard only what the guard reported."""
        found = await self.history.sighting(number)
        if found is None or caller.role is not Role.GUARD:
            return found
        own = found.credential == caller.credential
        return found if own and lasts(found, self.now(), self.kept) else None

    async def _on_record(self, act: Act) -> None:
        await self.recorder.audit(act.event(self.now()))


def _sees_restricted(caller: Caller) -> bool:
    """Whether a caller may see hits that are kept as proof only."""
    return caller.role is Role.AUDITOR


def _of(query: HitQuery) -> str:
    """Return what a cursor is bound to: the query; its limit may change between pages."""
    return repr(replace(query, before=None, limit=0))


def _versions(found: SightingRecord | HitRecord | None) -> dict[str, object]:
    """Return by which list and model what is shown was answered, for the audit."""
    if found is None:
        return {}
    return {"listVersion": found.list_version, "modelVersion": found.model_version}


def _shown(hits: Sequence[HitRecord]) -> dict[str, object]:
    return {"shown": [{"hit": ids.to_text(hit.id), "plate": hit.plate} for hit in hits]}
