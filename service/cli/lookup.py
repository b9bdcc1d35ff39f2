"""`plate-match lookup`: one read, or one a line from stdin, against a hotlist file."""

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from plate_match.channel import Source
from plate_match.errors import PlateMatchError
from plate_match.matcher import Answer, Matcher
from plate_match.rank import Hit
from plate_match.report import Report, read_of
from service import clock
from service.cli.answer_page import show_answer
from service.cli.hotlist_file import load
from service.cli.terminal import WrongUse, page, progress, say, say_json
from service.disclosure import hit_document

STDIN = "-"


def lookup(hotlist: Path, read: str, *, source: str, limit: int, as_json: bool) -> None:
    """Print what the hotlist says of a read, or of every line of stdin.

    Raises:
        WrongUse: the hotlist or a read is unreadable; of stdin the other lines are answered.
    """
    with progress() as shown:
        matcher = load(hotlist, shown)
    clerk = _Clerk(matcher, Source(source), limit)
    if read != STDIN:
        _print(clerk.answer(read), as_json=as_json)
        return
    faulty = 0
    for number, text in _lines(sys.stdin):
        try:
            _print(clerk.answer(text), as_json=as_json)
        except PlateMatchError as fault:
            faulty += 1
            say(f"line {number}: {fault}")
    if faulty:
        lines = "1 line" if faulty == 1 else f"{faulty:,} lines"
        raise WrongUse(f"{lines} could not be read")


class _Clerk:
    """Answers reads the way the options ask."""

    def __init__(self, matcher: Matcher, source: Source, limit: int) -> None:
        self._matcher = matcher
        self._source = source
        self._limit = limit

    def answer(self, text: str) -> dict[str, Any]:
        """Return the answer of this moment, over all entries in force."""
        report = Report((read_of(text, source=self._source),), self._source)
        found = self._matcher.search(report, at=_now())
        return document(found.answer(limit=self._limit))


def document(answer: Answer) -> dict[str, Any]:
    """Return an answer as HTTP would give it, without what only the service knows."""
    return {
        "model": {
            "version": answer.model.version,
            "baseRate": answer.model.base_rate,
            "basis": answer.model.basis,
        },
        "pattern": answer.pattern,
        "notListed": answer.not_listed,
        "hits": [_hit(hit) for hit in answer.hits],
    }


def _hit(hit: Hit) -> dict[str, object]:
    """Return a hit without an id: nothing is on record."""
    return {name: value for name, value in hit_document(hit, 0).items() if name != "id"}


def _print(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json(answer)
    else:
        show_answer(page(), answer)


def _lines(texts: Iterable[str]) -> Iterator[tuple[int, str]]:
    stripped = ((number, text.strip()) for number, text in enumerate(texts, start=1))
    return (line for line in stripped if line[1])


def _now() -> datetime:
    return clock.to_datetime(clock.now())
