"""A frozen run of labelled cases, so that any change of a score shows as a diff.

    python -m benchmarks.accuracy.reference

answers `cases.csv` against a list of its truths among 2,000 synthetic plates, and writes
`expected.csv` anew: look at its diff before it is committed. All plates are synthetic.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from benchmarks.speed.wanted import draw
from plate_match.channel import Source
from plate_match.description import Description
from plate_match.hotlist import Entry, Hotlist
from plate_match.matcher import Matcher
from plate_match.plate import Plate
from plate_match.report import Look, Report, read_of

HERE = Path(__file__).parent
LISTED, SEED = 2000, 20261125
COLUMNS = ("case", "rank", "plate", "confidence", "not_listed")


def cases() -> list[dict[str, str]]:
    """Return the cases; several reads of one vehicle are parted by `|`."""
    with (HERE / "cases.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def matcher() -> Matcher:
    """Return a matcher whose list holds the truth of every case, with its make and colour."""
    entries = {
        Plate(case["truth"]): Entry(
            plate=Plate(case["truth"]), make=case["make"] or None, colour=case["colour"] or None
        )
        for case in cases()
        if case["truth"]
    }
    for text in draw(LISTED, 0, seed=SEED).wanted.astype(str).tolist():
        entries.setdefault(Plate(text), Entry(plate=Plate(text)))
    return Matcher.build(Hotlist(tuple(entries.values())))


def scores(over: Matcher) -> Iterator[tuple[str, ...]]:
    """Yield the hits of every case: a line a hit, or one line for none."""
    for case in cases():
        source = Source(case["source"])
        looks = tuple(
            Look(read_of(text, source=source), source) for text in case["read"].split("|")
        )
        described = Description(make=case["said_make"] or None, colour=case["said_colour"] or None)
        answer = over.search(Report(looks, described)).answer(limit=3)
        left = f"{answer.not_listed:.3g}"
        if not answer.hits:
            yield case["case"], "", "", "", left
        for hit in answer.hits:
            yield case["case"], str(hit.rank), str(hit.plate), f"{hit.confidence:.3g}", left


def main() -> None:
    with (HERE / "expected.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        out.writerows(scores(matcher()))


if __name__ == "__main__":
    main()
