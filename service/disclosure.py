"""Hit -> what a caller is shown of it: the one place where an answer is put together.

Who may see which entry is decided before, by the library's `Audience`: an answer is computed
over the entries its caller may see, so that a hidden one changes nothing in it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

import orjson

from plate_match.audience import Audience
from plate_match.found import Answer, Found
from plate_match.hit import Explanation, Hit
from plate_match.hotlist import Category, Entry, Purpose
from plate_match.policy import Disposition
from plate_match.revealed import told as in_steps
from service import clock, ids
from service.current import Snapshot
from service.records import Caller, Correction, HitRecord, SightingRecord
from service.stand_down import StandDown
from service.standing import SCREENED

Word = TypeVar("Word", Category, Purpose)

MOST_HITS = 5
LEAST_CONFIDENCE = 0.01

_MOST_UNTOLD = 1 - 1e-9

Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class Views:
    """Two answers from one search: what the caller is shown, and what the control room sees.

    `untold` is the probability that is left for what the caller may know of and is not shown.
    """

    shown: Answer
    whole: Answer
    untold: float = 0.0


def audience_of(caller: Caller) -> Audience:
    """Return as whom a caller is answered: people of a firm by it, others as the control room."""
    if caller.role not in SCREENED:
        return Audience.CONTROL_ROOM
    categories = _allowed(Category, caller.categories)
    return Audience(caller.organisation, categories, _allowed(Purpose, caller.purposes))


def _allowed(words: type[Word], named: frozenset[str] | None) -> frozenset[Word] | None:
    """Return those of some words that are named; a name that is none of them grants nothing."""
    return None if named is None else frozenset(one for one in words if one in named)


def disclosed(found: Found, audience: Audience) -> Views:
    """Return what an audience is shown, and what the control room sees.

    A guard is answered over the entries the guard may know of, and is not shown what policy
    keeps back; "none of these" is told in steps, as its further digits would tell of that.
    """
    whole = found.answer(Audience.CONTROL_ROOM, limit=MOST_HITS, min_confidence=LEAST_CONFIDENCE)
    if audience == Audience.CONTROL_ROOM:
        return Views(whole, whole)
    known = found.answer(audience, limit=MOST_HITS, min_confidence=LEAST_CONFIDENCE)
    kept = (hit for hit in known.hits if hit.disposition is not Disposition.WITHHOLD)
    told = tuple(replace(hit, rank=rank) for rank, hit in enumerate(kept, start=1))
    untold = max(1 - known.not_listed - sum(hit.confidence for hit in told), 0.0)
    shown = replace(known, hits=told, not_listed=in_steps(known.not_listed))
    return Views(shown, whole, min(untold, _MOST_UNTOLD))


def answer_document(answer: Answer, snapshot: Snapshot, audience: Audience, *, at: int) -> Document:
    """Return what an answer of this moment says beside its hits, and where it comes from."""
    built_at = clock.to_text(clock.to_micros(snapshot.built_at))
    stale = snapshot.stale(clock.to_datetime(at), audience)
    return {
        "hotlist": {"version": snapshot.version, "builtAt": built_at, "stale": stale},
        **weighed_document(answer),
    }


def weighed_document(answer: Answer) -> Document:
    """Return what was weighed, and what is left for "none of these"."""
    return {
        "model": {
            "version": answer.model.version,
            "baseRate": answer.model.base_rate,
            "basis": answer.model.basis,
        },
        "pattern": answer.pattern,
        "notListed": answer.not_listed,
    }


def hit_document(hit: Hit, id_: int) -> Document:
    """Return a hit as it is shown, with its explanation."""
    return {
        "id": ids.to_text(id_),
        "rank": hit.rank,
        "plate": hit.plate,
        "country": hit.country,
        "confidence": hit.confidence,
        "similarity": hit.similarity,
        "disposition": hit.disposition,
        "sensitive": hit.sensitive,
        "entries": [_entry(entry) for entry in hit.entries],
        "explanation": _explanation(hit.explanation),
    }


def _entry(entry: Entry) -> Document:
    ends = entry.valid_until
    return {
        "reference": entry.reference,
        "feed": entry.feed,
        "wanted": entry.wanted,
        "category": entry.category,
        "priority": entry.priority,
        "instruction": entry.instruction,
        "warnings": entry.warnings,
        "vehicle": {
            "make": entry.make,
            "model": entry.model,
            "colour": entry.colour,
            "kind": entry.kind,
            "plateColour": entry.plate_colour,
        },
        "validUntil": None if ends is None else clock.to_text(clock.to_micros(ends)),
    }


def _explanation(explanation: Explanation) -> Document:
    return {
        "alignment": [
            {"read": step.read, "plate": step.plate, "kind": step.kind, "bits": step.bits}
            for step in explanation.alignment
        ],
        "evidence": [{"name": one.name, "bits": one.bits} for one in explanation.evidence],
        "vehiclesThatFit": explanation.vehicles_that_fit,
        "twins": explanation.twins,
    }


def lasts(sighting: SightingRecord, now: int, kept: timedelta) -> bool:
    """Whether a sighting is still there for whoever was answered without a hit.

    It can be kept longer for a hit that they may not know of, and is not to tell of it.
    """
    young = now - sighting.received_at < clock.micros(kept)
    return young or bool(orjson.loads(sighting.answer)["hits"])


def hit_shown(hit: HitRecord) -> bytes:
    """Return a hit as it stands in the history, and what became of it since."""
    since = {
        "standDown": _end(hit.stood_down),
        "correction": _correction(hit.correction),
        "restrictedAt": None if hit.restricted_at is None else clock.to_text(hit.restricted_at),
    }
    return hit.document[:-1] + b"," + orjson.dumps(since)[1:]


def answer_shown(
    found: SightingRecord, hits: Sequence[HitRecord], reader: Caller, *, restricted: bool = False
) -> bytes:
    """Return an answer as it was given, with the hits in it marked that were stood down since.

    Hits that were restricted since are left out, but for whoever may see them. So are entries of
    categories that their reader may no longer be told of, and where that is so of a purpose, all:
    an answer does not say what each is for.
    """
    audience = audience_of(reader)
    ended = {ids.to_text(hit.id): end for hit in hits if (end := _end(_told_end(hit)))}
    kept_back = {
        ids.to_text(hit.id) for hit in hits if hit.restricted_at is not None and not restricted
    }
    if not (ended or kept_back) and audience.categories is None and audience.purposes is None:
        return found.answer
    document = orjson.loads(found.answer)
    given = document["hits"]
    for hit in given:
        if hit["id"] in ended:
            hit["standDown"] = ended[hit["id"]]
    kept = [hit for hit in given if hit["id"] not in kept_back]
    if audience.categories is not None:
        kept = [*_narrowed(kept, audience.categories)]
    document["hits"] = kept if _told_for_no_less(audience, found) else []
    if len(document["hits"]) < len(given):
        document["notListed"] = None  # it would tell that something is kept back
    return orjson.dumps(document)


def _told_for_no_less(audience: Audience, found: SightingRecord) -> bool:
    """Whether an audience may be told of all purposes that a sighting was answered for."""
    told = frozenset(Purpose) if found.purposes is None else found.purposes
    return audience.purposes is None or told <= audience.purposes


def _narrowed(hits: Iterable[Document], categories: frozenset[Category]) -> Iterator[Document]:
    """Yield hits with the entries of some categories alone, those that have any."""
    for hit in hits:
        entries: Any = hit["entries"]
        kept = [entry for entry in entries if entry["category"] in categories]
        if kept:
            yield {**hit, "entries": kept}


def _told_end(hit: HitRecord) -> StandDown | None:
    """Return the end of what the answer named: for a guard it can come before that of the hit."""
    return hit.guards_stood_down or hit.stood_down


def _correction(correction: Correction | None) -> Document | None:
    if correction is None:
        return None
    return {"at": clock.to_text(correction.at), "statement": correction.statement}


def _end(end: StandDown | None) -> Document | None:
    return None if end is None else {"reason": end.reason, "at": clock.to_text(end.at)}
