"""A vehicle that was seen, and the plate it carried -> what was forecast of it, and what is true.

The forecast is the whole answer: so much for each plate that is answered, the rest of the
listed evenly, so much for "not listed". It is scored by the probability of what is true.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from rapidfuzz.distance import OSA

from plate_match import Answer
from plate_match.channel import Source
from plate_match.errors import PlateMatchError
from plate_match.matcher import Matcher
from plate_match.normalize import normalize
from plate_match.plate import Plate
from plate_match.report import Report
from plate_match.sidecode import sidecode
from service.cli.base_rates import BaseRates
from service.cli.chunks import Chunk
from service.cli.evaluate.rivals import NOTHING, Found, Rivals
from service.cli.reads import Reject
from service.cli.said import source_of
from service.cli.vehicles import Gathering, Vehicle

DEPTH = 20
"""Hits that are looked at; what is left for other listed plates is shared evenly by them."""

LEAST_GIVEN = 1e-15
"""The least probability that counts as given: the logarithm of nothing is no score."""

UNREAD = "unread"


class Judged(NamedTuple):
    """One vehicle: what is true, what was forecast, and what other rules put first.

    Attributes:
        truth: its plate.
        listed: whether that is on the list it was matched against.
        source: of its first look.
        kind: how the read departs from the truth.
        rank: of the truth among the hits; 0 if it is not among the first twenty.
        confidence: of the first hit; 0 without a hit, as are the three that follow.
        first: its plate.
        category: of its first entry.
        seen: what the read looks like before the truth is known.
        given: the probability that the answer gave to what is true.
        squares: half the squared distance from the answer to what is true.
        others: what the rules beside put first, in the order of `RULES`.
    """

    truth: Plate
    listed: bool
    source: Source
    kind: str
    rank: int
    confidence: float
    first: str
    category: str
    seen: str
    given: float
    squares: float
    others: tuple[Found, ...]


RULES = ("RapidFuzz, best threshold", "exact match", "one look-alike character")


class Verdicts(NamedTuple):
    """What came of the vehicles of a chunk, and of its rows."""

    judged: list[Judged]
    rejects: list[Reject]
    rows: int


class _Case(NamedTuple):
    """A vehicle with its truth; without a report if nothing of it could be read."""

    truth: Plate
    source: Source
    report: Report | None


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges chunks of vehicles against one list; of `only` these sources."""

    matcher: Matcher
    rivals: Rivals
    gathering: Gathering
    base_rates: BaseRates
    at: datetime
    only: frozenset[Source] = frozenset(Source)

    def judge(self, chunk: Chunk) -> Verdicts:
        """Judge the vehicles whose first row lies in this chunk.

        One of which nothing could be read is judged as an answer without a hit.
        """
        cases: list[_Case] = []
        rejects: list[Reject] = []
        rows = 0
        for one in self.gathering.vehicles(chunk):
            theirs = [one.unread] if isinstance(one, Reject) else one.rows
            rows += len(theirs)
            case = self._case(one)
            if isinstance(case, Reject):
                rejects += [case] * len(theirs)
            elif case.source in self.only:
                cases.append(case)
        return Verdicts(self._judged(cases), rejects, rows)

    def _case(self, one: Vehicle | Reject) -> _Case | Reject:
        if isinstance(one, Reject):
            if one.unread is None:
                return one
            line, rows, report = one.unread.number, [one.unread], None
        else:
            line, rows, report = one.line, list(one.rows), one.report
        texts = {text for row in rows if (text := row.cells["truth"].strip())}
        if len(texts) > 1:
            return Reject(one.id, f"line {line}: truth: rows of this id say several")
        truth = _plate(texts.pop()) if texts else None
        if truth is None:
            return Reject(one.id, f"line {line}: truth: must be a whole plate")
        default = self.gathering.source
        source = report.looks[0].source if report else source_of(rows[0].cells, default)
        return _Case(truth, source, report)

    def _judged(self, cases: Sequence[_Case]) -> list[Judged]:
        read = [(case.report, case.truth) for case in cases if case.report]
        similar = iter(self.rivals.similar([one for one, _ in read], [one for _, one in read]))
        return [
            self._answered(case, case.report, next(similar)) if case.report else self._unread(case)
            for case in cases
        ]

    def _answered(self, case: _Case, report: Report, similar: Found) -> Judged:
        try:
            found = self.matcher.search(report, at=self.at, base_rate=self.base_rates[case.source])
        except PlateMatchError:
            return self._unread(case)
        answer = found.answer(limit=DEPTH, min_confidence=0)
        listed = self.rivals.lists(case.truth)
        plates = [hit.plate for hit in answer.hits]
        first = answer.hits[0] if answer.hits else None
        forecast = _Forecast(answer, len(self.rivals.plates))
        given = forecast.of(case.truth) if listed else answer.not_listed
        return Judged(
            truth=case.truth,
            listed=listed,
            source=case.source,
            kind=kind_of(report, case.truth),
            rank=plates.index(case.truth) + 1 if case.truth in plates else 0,
            confidence=first.confidence if first else 0.0,
            first=first.plate if first else "",
            category=first.entries[0].category if first else "",
            seen=seen_as(report),
            given=max(given, LEAST_GIVEN),
            squares=forecast.squares(given),
            others=(
                similar,
                self.rivals.exact(report, case.truth),
                self.rivals.one_alike(report, case.truth),
            ),
        )

    def _unread(self, case: _Case) -> Judged:
        """Judge a vehicle that is not answered: all that is known of it is the base rate."""
        rate, listed = self.base_rates[case.source], self.rivals.lists(case.truth)
        given = rate / len(self.rivals.plates) if listed else 1 - rate
        squares = ((1 - given) ** 2 + ((1 - rate) ** 2 if listed else 0)) / 2
        return Judged(
            truth=case.truth,
            listed=listed,
            source=case.source,
            kind=UNREAD,
            rank=0,
            confidence=0.0,
            first="",
            category="",
            seen=UNREAD,
            given=given,
            squares=squares,
            others=(NOTHING, NOTHING, NOTHING),
        )


@dataclass(frozen=True, slots=True)
class _Forecast:
    """An answer over so many listed plates, as probabilities of all that can be true."""

    answer: Answer
    listed: int

    def of(self, plate: Plate) -> float:
        """Return the probability of a listed plate."""
        hits = self.answer.hits
        told = next((hit.confidence for hit in hits if hit.plate == plate), None)
        if told is not None:
            return told
        rest = 1 - self.answer.not_listed - sum(hit.confidence for hit in hits)
        return max(rest, 0.0) / (self.listed - len(hits))

    def squares(self, given: float) -> float:
        """Return half the squared distance to what is true and was given this probability.

        What is shared evenly by other plates is left out: its squares are next to nothing.
        """
        told = [hit.confidence for hit in self.answer.hits] + [self.answer.not_listed]
        own = given**2 if given in told else 0.0
        return (sum(one**2 for one in told) - own + (1 - given) ** 2) / 2


def kind_of(report: Report, truth: Plate) -> str:
    """Return how a read departs from the truth."""
    if len(report.looks) > 1:
        return "several looks"
    pattern = report.looks[0].read.pattern
    if not pattern.is_plain or (pattern.compact != truth and pattern.compact in truth):
        return "partial"
    errors = OSA.distance(pattern.compact, truth)
    return ("exact", "one error")[errors] if errors <= 1 else "more errors"


def seen_as(report: Report) -> str:
    """Return what a read looks like to who does not know the truth."""
    if len(report.looks) > 1:
        return "several looks"
    pattern = report.looks[0].read.pattern
    if not pattern.is_plain:
        return "partial"
    plate = _plate(pattern.compact)
    return "a whole Dutch plate" if plate and sidecode(plate) else "symbols of no Dutch plate"


def _plate(text: str) -> Plate | None:
    try:
        plate = normalize(text)
    except PlateMatchError:
        return None
    return plate if isinstance(plate, Plate) else None
