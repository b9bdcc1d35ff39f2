"""A sighting that was answered -> the answer again, from the list and the entries it was given by.

For whoever has to show later why somebody was told something, or was not.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isclose
from threading import Lock
from typing import Any

import orjson

from plate_match.found import Answer
from plate_match.hit import Hit
from plate_match.hotlist import Entry
from plate_match.matcher import Matcher
from plate_match.policy import Disposition
from plate_match.report import Report
from service import clock, ids
from service.disclosure import audience_of, disclosed
from service.errors import NotThere
from service.ports import Entries, History, HotlistDamaged, Recorder
from service.records import Caller, SightingRecord
from service.stand_down import FROZEN, age_of
from service.usecases.acts import Act

CLOSE = 1e-9
"""How far a confidence may be off, of the one that was answered, to be the same."""


@dataclass(frozen=True, slots=True)
class ReplayedHit:
    """A hit as it comes out now, with the references of its entries."""

    rank: int
    plate: str
    confidence: float
    disposition: Disposition
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What came of a replay; `why` it could not be done, if so, and then nothing else is told.

    `differences` are JSON pointers into the answer that was given.
    """

    sighting: int
    list_version: str
    model_version: str
    why: str | None = None
    same_model: bool | None = None
    differences: tuple[str, ...] | None = None
    not_listed: float | None = None
    hits: tuple[ReplayedHit, ...] | None = None


@dataclass(slots=True, kw_only=True)
class ReplaySighting:
    """Replays one sighting at a time, and keeps the list it built last."""

    history: History
    recorder: Recorder
    entries: Entries
    build: Callable[[str], Matcher]
    reading: Callable[[bytes], Report]
    now: Callable[[], int] = clock.now
    _lock: Lock = field(default_factory=Lock, init=False)
    _built: tuple[str, Matcher] = field(default_factory=lambda: ("", Matcher.build(())), init=False)

    async def __call__(self, caller: Caller, id_: str) -> Replay:
        """Return what the answer would be today, by the list and the entries of then.

        Raises:
            NotThere: there is no such sighting, or it was purged.
            StorageUnavailable: the look cannot be put on record.
        """
        found = await self.history.sighting(ids.number(id_))
        if found is None:
            await self._on_record(caller, {"subject": id_, "found": False}, ())
            raise NotThere
        role = await self.history.role_of(found.credential)
        then = Caller(
            found.credential,
            role,
            found.organisation,
            categories=found.categories,
            purposes=found.purposes,
        )
        replay = await asyncio.to_thread(self._replayed, found, then)
        versions = {"listVersion": replay.list_version, "modelVersion": replay.model_version}
        header = {"subject": id_, "found": True, **versions}
        await self._on_record(caller, header, replay.hits or ())
        return replay

    async def _on_record(
        self, caller: Caller, header: dict[str, object], hits: Sequence[ReplayedHit]
    ) -> None:
        shown = [{"plate": hit.plate, "references": hit.references} for hit in hits]
        act = Act(caller, "sighting-replayed", header, {"shown": shown})
        await self.recorder.audit(act.event(self.now()))

    def _replayed(self, found: SightingRecord, then: Caller) -> Replay:
        outcome = Replay(
            sighting=found.id, list_version=found.list_version, model_version=found.model_version
        )
        if found.list_version == FROZEN:
            return replace(outcome, why="the hotlist was frozen: nothing was answered")
        with self._lock:
            try:
                matcher = self._matcher(found.list_version)
            except HotlistDamaged as damage:
                return replace(outcome, why=str(damage))
        given = orjson.loads(found.answer)
        search = matcher.search(
            self.reading(found.request),
            at=clock.to_datetime(found.received_at),
            base_rate=given["model"]["baseRate"],
        )
        answer = disclosed(search, audience_of(then)).shown
        return replace(
            outcome,
            same_model=matcher.version == found.model_version,
            differences=tuple(_differences(given, answer)),
            not_listed=answer.not_listed,
            hits=tuple(map(_hit, answer.hits)),
        )

    def _matcher(self, version: str) -> Matcher:
        """Return what a version was searched with, entries put in by then included."""
        base, changes = age_of(version)
        if base != self._built[0]:
            self._built = base, self.build(base) if base else Matcher.build(())
        entries: Sequence[Entry] = self.entries.as_of(changes) if changes else ()
        return self._built[1].with_entries(entries)


def _hit(hit: Hit) -> ReplayedHit:
    references = tuple(entry.reference for entry in hit.entries)
    return ReplayedHit(hit.rank, hit.plate, hit.confidence, hit.disposition, references)


def _differences(given: Mapping[str, Any], answer: Answer) -> Iterator[str]:
    """Yield where the answer that was given says something else."""
    if not _same(given["notListed"], answer.not_listed):
        yield "/notListed"
    then = given["hits"]
    if len(then) != len(answer.hits):
        yield "/hits"
    for place, (told, hit) in enumerate(zip(then, answer.hits, strict=False)):
        references = [entry["reference"] for entry in told["entries"]]
        now = {
            "plate": told["plate"] == hit.plate,
            "confidence": _same(told["confidence"], hit.confidence),
            "disposition": told["disposition"] == hit.disposition,
            "entries": references == [entry.reference for entry in hit.entries],
        }
        yield from (f"/hits/{place}/{name}" for name, same in now.items() if not same)


def _same(then: float, now: float) -> bool:
    return isclose(then, now, rel_tol=CLOSE, abs_tol=CLOSE)
