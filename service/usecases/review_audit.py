"""The audit of a month -> what somebody is to judge lawful or not: who stands out, and a sample.

What is drawn is drawn by the seed of the month together with the place of each record: nobody can
choose it, and anybody who has the audit can draw it again (`service.usecases.seeds`). Two walks
over the audit; in memory stays a line for each person, and what is drawn.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from plate_match.errors import UnreadablePlate
from plate_match.normalize import parse
from service import clock
from service.chain import UNSOUND, opened
from service.errors import DamagedRecord
from service.names import CANARY
from service.ports import AuditTrail
from service.records import SIGHTING_REPORTED, AuditEvent, AuditRow, Caller
from service.stand_down import FROZEN
from service.usecases.judge_act import JUDGED
from service.usecases.open_audit import opened_by, opener_told
from service.usecases.peers import (
    REFUSALS,
    SIGHTINGS,
    UNUSUAL_HOURS,
    Actor,
    Comparison,
    Doings,
    Outlier,
    compare,
)
from service.usecases.seeds import REVIEWED, Ending, Month, Seed

Document = dict[str, Any]

OF_OUTLIER = 3
"""Records drawn of each thing in which somebody stands out."""

MACHINE = "machine"
"""The role of whoever runs commands on the machine, by the name that they type."""

WIDE = 5
"""A pattern in which fewer symbols are known is wide."""

_CONSULTED = ("-read", "-searched", "-replayed", "-shown", "-answered-again")
_EXPORTS = ("audit-exported", REVIEWED)
_OF_ANOTHER = frozenset(
    {
        "credential-issued",
        "credential-made-known",
        "credential-rotated",
        "credential-revoked",
        "hit-stood-down",
        "guards-stood-down",
    }
)
"""Actions whose record names a credential that did nothing itself."""


@dataclass(frozen=True, slots=True)
class Item:
    """A record to be judged: who, as JSON has it, why it is drawn, and what was judged of it."""

    actor: Actor
    document: Document
    sample: bool
    outliers: Sequence[Outlier]
    judged: Document | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The list of a month. It is provisional while the month is not over: its end will be another.

    Attributes:
        seed: by what was drawn; None if the month has no record.
        records: how many of the month may be drawn.
        people: how many did something.
        peerless: roles in which too few did to compare them.
        items: what is to be judged, oldest first.
    """

    month: Month
    provisional: bool
    seed: Seed | None
    records: int
    people: int
    peerless: Sequence[str]
    items: Sequence[Item]


class Wish(NamedTuple):
    """How many records are drawn at random, and the auditor's word, if they give one."""

    sample: int
    word: str | None = None


class _Done(NamedTuple):
    """A record of what somebody did."""

    row: AuditRow
    header: Document
    payload: Document
    actor: Actor
    kinds: frozenset[str]
    hour: int


@dataclass(slots=True)
class ReviewAudit:
    """Makes the list of a month; `roles` tells what each credential may be used for."""

    trail: AuditTrail
    roles: Mapping[str, str]
    _judged: dict[int, Document] = field(default_factory=dict, init=False)

    def __call__(self, auditor: Caller, month: Month, wish: Wish, *, now: int) -> Review:
        """Return the list; that it was made is on record before.

        Raises:
            NoWord: the month is over and was drawn by no word yet.
            AnotherWord: it was drawn by another one.
            DamagedRecord: by what it is drawn is not what was written.
            StorageUnavailable: it cannot be put on record, or the database not be read.
        """
        doings: defaultdict[Actor, Doings] = defaultdict(Doings)
        records, ending = 0, Ending(month)
        for done in self._done(month, ending):
            records += 1
            _count(doings[done.actor], done)
        comparison = compare(doings)
        seed = ending.seed(wish.word, now)
        items = self._drawn(month, comparison, wish.sample, seed=seed) if seed else []
        header = {**opened_by(auditor), "month": month.name, "items": len(items)}
        header |= {"sample": wish.sample, **(seed.header() if seed else {"head": None})}
        told = {**opener_told(auditor), "word": seed and seed.word}
        self.trail.add(AuditEvent(now, REVIEWED, header, told))
        return Review(
            month=month,
            provisional=now < month.until,
            seed=seed,
            records=records,
            people=len(doings),
            peerless=comparison.peerless,
            items=items,
        )

    def _done(self, month: Month, ending: Ending | None = None) -> Iterator[_Done]:
        """Yield what people did; the first time see where the month ends, and what is judged."""
        with self.trail.rows() as rows:
            for row in rows:
                header, payload = opened(row)
                try:
                    if ending is not None:
                        ending.see(row, header, payload)
                        self._see(row, header, payload or {})
                    inside = month.since <= header["at"] < month.until
                    done = self._of_person(row, header, payload or {}) if inside else None
                except UNSOUND:
                    raise DamagedRecord(row.seq) from None
                if done is not None:
                    yield done

    def _see(self, row: AuditRow, header: Document, told: Document) -> None:
        if header["action"] == JUDGED:
            self._judged[header["judged"]] = {
                "seq": row.seq,
                "at": clock.to_text(header["at"]),
                "lawful": header["lawful"],
                "by": told.get("by"),
                "reason": told.get("reason"),
            }

    def _of_person(self, row: AuditRow, header: Document, payload: Document) -> _Done | None:
        credential, firm = header.get("credential"), header.get("organisation")
        if firm == CANARY or header["action"] in _OF_ANOTHER:
            return None
        hour = header["at"] % clock.DAY // clock.HOUR
        if credential is None:
            if not payload.get("by"):
                return None  # nobody's doing, or by whom was erased
            actor = Actor(MACHINE, "", str(payload["by"]))
            return _Done(row, header, payload, actor, _kinds(header, payload), hour)
        role = header.get("role") or self.roles.get(credential, "unknown")
        actor = Actor(role, str(firm), str(payload.get("person") or credential))
        return _Done(row, header, payload, actor, _kinds(header, payload), hour)

    def _drawn(
        self, month: Month, comparison: Comparison, sample: int, *, seed: Seed
    ) -> Sequence[Item]:
        at_random, of_outliers = (
            _Draw(sample),
            defaultdict[tuple[Actor, str], _Draw](lambda: _Draw(OF_OUTLIER)),
        )
        for done in self._done(month):
            lot = seed.lot(done.row.seq)
            at_random.take(lot, done)
            unusual = done.hour in comparison.unusual.get(done.actor, ())
            for outlier in comparison.outliers.get(done.actor, ()):
                measure = outlier.measure
                if measure in done.kinds or (measure == UNUSUAL_HOURS and unusual):
                    of_outliers[done.actor, measure].take(lot, done)
        return self._items(at_random, of_outliers, comparison)

    def _items(
        self,
        at_random: "_Draw",
        of_outliers: Mapping[tuple[Actor, str], "_Draw"],
        comparison: Comparison,
    ) -> Sequence[Item]:
        found: dict[int, _Done] = {one.row.seq: one for one in at_random.taken()}
        sampled, why = set(found), defaultdict[int, list[Outlier]](list)
        for (actor, measure), drawn in of_outliers.items():
            (outlier,) = (one for one in comparison.outliers[actor] if one.measure == measure)
            for one in drawn.taken():
                found[one.row.seq] = one
                why[one.row.seq].append(outlier)
        return [
            Item(one.actor, _document(one), seq in sampled, why[seq], self._judged.get(seq))
            for seq, one in sorted(found.items())
        ]


class _Draw:
    """The records with the lowest lots, so many at most."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: list[tuple[int, int, _Done]] = []

    def take(self, lot: bytes, done: _Done) -> None:
        """Keep a record, if its lot is low enough."""
        entry = (-int.from_bytes(lot, "big"), done.row.seq, done)
        if len(self._kept) < self._most:
            heapq.heappush(self._kept, entry)
        elif self._kept and entry > self._kept[0]:
            heapq.heapreplace(self._kept, entry)

    def taken(self) -> Iterator[_Done]:
        """Yield what was kept."""
        return (done for _, _, done in self._kept)


def _count(doings: Doings, done: _Done) -> None:
    doings.kinds.update(done.kinds)
    if REFUSALS in done.kinds:
        doings.kinds[REFUSALS] += done.header.get("times", 1) - 1
    if SIGHTINGS in done.kinds:
        doings.hours[done.hour] += 1


def _kinds(header: Document, payload: Document) -> frozenset[str]:
    """Return what a record counts as."""
    action = header["action"]
    if action == SIGHTING_REPORTED:
        answered = header.get("listVersion") != FROZEN and "shown" in payload
        without = {"without-hit"} if answered and not payload["shown"] else set()
        reads = payload.get("reads") or ()
        wide = {"wide-patterns"} if reads and max(map(_known, reads)) < WIDE else set()
        return frozenset({SIGHTINGS, *without, *wide})
    if action == "refused":
        return frozenset({REFUSALS})
    if action in _EXPORTS:
        return frozenset({"exports"})
    return frozenset({"consultations"} if action.endswith(_CONSULTED) else ())


@lru_cache(maxsize=1 << 14)
def _known(read: str) -> int:
    try:
        return parse(read).known
    except UnreadablePlate:
        return 0


def _document(done: _Done) -> Document:
    told = {**done.header, "at": clock.to_text(done.header["at"])}
    personal = None if done.row.payload is None else done.payload
    return {"seq": done.row.seq, **told, "personal": personal}
