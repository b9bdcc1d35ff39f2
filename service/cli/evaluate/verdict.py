"""Stream -> the document of an evaluation: every figure by name, and no plate in it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plate_match.foreign import countries
from plate_match.plate import Plate
from plate_match.sidecode import sidecode
from service.cli.evaluate import measures
from service.cli.evaluate.columns import Columns
from service.cli.evaluate.judging import RULES, UNREAD
from service.cli.evaluate.measures import LEAST, Curve, Flags, Floats
from service.cli.evaluate.stream import Stream

RATES = (1000, 10_000)
"""Innocent reads of which one may alert."""

RESOLVED = 10
"""False alarms that must be expected for a rate to be told from another."""

FEWEST = 300
"""Confidences that a segment must have for its calibration to be judged."""

FEWEST_PLATES = 10
"""Plates from which an interval can be drawn."""

_POINTS = 200
OURS = "plate-match"

Document = dict[str, Any]


def document_of(stream: Stream) -> Document:
    """Return every figure of an evaluation."""
    columns = Columns(stream)
    return {
        "vehicles": _vehicles(columns),
        "notes": list(stream.notes),
        "recall": _recall(columns, columns.wanted),
        "alerts": [_alerts(columns, name, place) for name, place in _rules()],
        "probability": _probability(columns),
        "segments": list(_segments(columns)),
    }


def _rules() -> Iterator[tuple[str, int | None]]:
    yield OURS, None
    for place, name in enumerate(RULES):
        yield name, place


def _vehicles(columns: Columns) -> Document:
    innocent = np.where(columns.listed, 0, columns.stream.weight)
    return {
        "listed": int(columns.listed.sum()),
        "innocent": int((~columns.listed).sum()),
        "playedInnocent": columns.stream.played,
        "effectiveInnocent": measures.effective(innocent),
        "unread": sum(one.kind == UNREAD for one in columns.judged),
    }


def _recall(columns: Columns, weight: Floats) -> Document:
    """Return recall at 1 and 5 of the vehicles that have weight."""
    return _figures(
        ("at1", "at5"),
        lambda given: [measures.recall(columns.rank, given, k) for k in (1, 5)],
        (weight, columns.group),
    )


def _figures(
    names: Sequence[str],
    statistics: Callable[[Floats], Sequence[float]],
    drawn: tuple[Floats, NDArray[np.intp]],
) -> dict[str, Document]:
    """Return figures with their intervals, which a few plates do not tell."""
    weight, group = drawn
    values = statistics(weight)
    if len(np.unique(group[weight > 0])) < FEWEST_PLATES:
        limits: Sequence[tuple[float | None, float | None]] = [(None, None)] * len(names)
    else:
        limits = measures.intervals(statistics, weight, group)
    return {
        name: {"value": value, "low": low, "high": high}
        for name, value, (low, high) in zip(names, values, limits, strict=True)
    }


def _alerts(columns: Columns, name: str, place: int | None) -> Document:
    """Return what a rule alerts at each rate of false alarms, and the curve of all rates."""
    score, right = columns.rule(place)

    def curve(weight: Floats) -> Curve:
        return measures.curve(score, right, columns.listed, weight=weight)

    def recalls(weight: Floats) -> list[float]:
        drawn = curve(weight)
        return [measures.alerted(drawn, 1 / rate).recall for rate in RATES]

    whole = curve(columns.stream.weight)
    figures = _figures(
        [str(rate) for rate in RATES], recalls, (columns.stream.weight, columns.group)
    )
    innocent = measures.effective(np.where(columns.listed, 0, columns.stream.weight))
    return {
        "rule": name,
        "atOnePer": [
            {
                "innocent": rate,
                "expected": innocent / rate,
                "resolved": innocent / rate >= RESOLVED,
                **figures[str(rate)],
                **_at(whole, rate),
            }
            for rate in RATES
        ],
        "curve": _thinned(whole),
    }


def _at(curve: Curve, rate: int) -> Document:
    reached = measures.alerted(curve, 1 / rate)
    return {"falseRate": reached.false_rate, "threshold": reached.threshold}


def _thinned(curve: Curve) -> list[list[float]]:
    """Return at most so many points of a curve, both ends included: false rate and recall."""
    places = np.unique(np.geomspace(1, max(len(curve.recall), 1), _POINTS).astype(int)) - 1
    places = places[places < len(curve.recall)]
    pairs = zip(curve.false_rate[places].tolist(), curve.recall[places].tolist(), strict=True)
    return [list(pair) for pair in pairs]


def _probability(columns: Columns) -> Document:
    """Return how far what is said comes true."""
    weight = columns.stream.weight
    given = np.array([one.given for one in columns.judged], dtype=float)
    squares = np.array([one.squares for one in columns.judged], dtype=float)
    parts = [one for one in _calibrated(columns) if one["reads"] >= FEWEST]
    return {
        "brier": measures.mean(squares, weight),
        "logLoss": measures.mean(-np.log(given), weight),
        **_calibration(columns, weight),
        "worst": max(parts, key=lambda one: one["calibrationError"]["value"], default=None),
        "segments": parts,
        "reliability": [
            asdict(one) for one in measures.reliability(columns.confidence, columns.right, weight)
        ],
    }


def _calibration(columns: Columns, weight: Floats) -> Document:
    return {
        "reads": int(((columns.confidence > LEAST) & (weight > 0)).sum()),
        **_figures(
            ("calibrationError",),
            lambda given: [measures.calibration_error(columns.confidence, columns.right, given)],
            (weight, columns.group),
        ),
        "byChance": measures.error_by_chance(
            columns.confidence, columns.right, weight, group=columns.group
        ),
    }


def _calibrated(columns: Columns) -> Iterator[Document]:
    """Yield calibration by what is known when an answer is given, and not by what is true.

    Among reads that turned out to be exact, nearly all come true whatever was said of them.
    """
    for by, names in (
        ("source", [str(one.source) for one in columns.judged]),
        ("sidecode of the first hit", [_sidecode(one.first) for one in columns.judged]),
        ("country of the first hit", [_country(one.first) for one in columns.judged]),
        ("category of the first hit", [one.category for one in columns.judged]),
        ("what was read", [one.seen for one in columns.judged]),
    ):
        for name, inside in _parts(names):
            part = np.where(inside & (columns.confidence > LEAST), columns.stream.weight, 0)
            if (count := int((part > 0).sum())) >= FEWEST:
                yield {"by": by, "name": name, **_calibration(columns, part), "reads": count}


def _segments(columns: Columns) -> Iterator[Document]:
    """Yield recall by what is true of the listed vehicles."""
    for by, names in (
        ("source", [str(one.source) for one in columns.judged]),
        ("sidecode", [_sidecode(one.truth) for one in columns.judged]),
        ("country", [_country(one.truth) for one in columns.judged]),
        ("read", [one.kind for one in columns.judged]),
    ):
        for name, inside in _parts(names):
            part = np.where(inside, columns.wanted, 0)
            if count := int((part > 0).sum()):
                yield {"by": by, "name": name, "vehicles": count, "recall": _recall(columns, part)}


def _parts(names: Sequence[str]) -> Iterator[tuple[str, Flags]]:
    column = np.array(names, dtype=str)
    return ((name, column == name) for name in np.unique(column).tolist() if name)


def _sidecode(plate: str) -> str:
    layout = sidecode(Plate(plate)) if plate else None
    return f"{layout.number:2}" if layout else "none" if plate else ""


def _country(plate: str) -> str:
    return next(iter(countries(Plate(plate))), "unknown") if plate else ""
