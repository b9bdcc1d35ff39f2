"""`plate-match lookup`: one read, or one a line from stdin, against a hotlist file."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from plate_match import Answer
from plate_match.channel import Source
from plate_match.description import Description
from plate_match.errors import PlateMatchError
from plate_match.hit import Hit
from plate_match.matcher import Matcher
from plate_match.report import Look, Report, read_of, require_symbols
from service import clock
from service.cli.answer_page import show_answer
from service.cli.hotlist_file import load
from service.cli.said import country_of, word_of
from service.cli.terminal import WrongUse, page, progress, say, say_json
from service.disclosure import hit_document, weighed_document

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options say of every read, and how much of the answer is wanted."""

    source: Source
    limit: int
    description: Description
    country: str | None
    least_symbols: int = 0

    @classmethod
    def of(cls, source: str, limit: int, seen: Mapping[str, str | None]) -> Self:
        """Read the options; `seen` is what is said of the vehicle: make, colour, country.

        Raises:
            WrongUse: something of it cannot be; the message names every fault.
        """
        said: dict[str, Any] = {}
        faults = []
        for name, text in seen.items():
            if text is None:
                continue
            try:
                said[name] = country_of(text) if name == "country" else word_of(text)
            except ValueError as fault:
                faults.append(f"--{name}: {fault}")
        if faults:
            raise WrongUse("; ".join(faults))
        country = said.pop("country", None)
        return cls(Source(source), limit, Description(**said), country)


def lookup(hotlist: Path, read: str, asked: Asked, *, as_json: bool) -> None:
    """Print what the hotlist says of a read, or of every line of stdin.

    Raises:
        WrongUse: the hotlist or a read is unreadable; of stdin the other lines are answered.
    """
    with progress() as shown:
        matcher = load(hotlist, shown)
    clerk = _Clerk(matcher, asked)
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

    def __init__(self, matcher: Matcher, asked: Asked) -> None:
        self._matcher = matcher
        self._asked = asked

    def answer(self, text: str) -> dict[str, Any]:
        """Return the answer of this moment, over all entries in force."""
        asked = self._asked
        look = Look(read_of(text, source=asked.source), asked.source)
        require_symbols((look,), asked.least_symbols)
        report = Report((look,), asked.description, asked.country)
        found = self._matcher.search(report, at=_now())
        return document(found.answer(limit=asked.limit))


def document(answer: Answer) -> dict[str, Any]:
    """Return an answer as HTTP would give it, without what only the service knows."""
    return {
        **weighed_document(answer),
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
