"""A handful of sightings that show what the service does, chosen by asking the matcher itself."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from plate_match.channel import Source
from plate_match.foreign import countries
from plate_match.hotlist import Dissemination, Entry, Hotlist
from plate_match.listing import Audience
from plate_match.matcher import Matcher
from plate_match.plate import UNKNOWN, Plate
from plate_match.report import Look, Report, read_of
from plate_match.sidecode import format_plate, sidecode
from service.cli.demo.plates import synthetic_plates
from service.clock import to_micros, to_text

TRIES = 8
"""Plates that are tried for each sample; the one that shows best is taken."""

_LOOK_ALIKES = {"B": "8", "8": "B", "0": "D", "D": "0", "S": "5", "Z": "2", "G": "6"}
_USUAL = range(6, 11)
"""Layouts of which all is issued: most cars on the road."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One sighting, and what it is to show."""

    title: str
    read: str
    source: Source


def sightings(entries: Sequence[Entry], now: datetime) -> list[dict[str, object]]:
    """Return the bodies of the sample sightings by their titles, as they are posted."""
    return [_sighting(sample, place, now) for place, sample in enumerate(_samples(entries), 1)]


def _sighting(sample: Sample, place: int, now: datetime) -> dict[str, object]:
    seen_at = now - timedelta(minutes=2 * place)
    return {
        "title": sample.title,
        "body": {
            "read": sample.read,
            "source": sample.source.value,
            "seenAt": to_text(to_micros(seen_at)),
            "purpose": "offences",
            "location": {"latitude": 52.2215, "longitude": 6.8937, "place": "Enschede"},
            "note": f"SYNTHETIC: {sample.title}",
        },
    }


def _samples(entries: Sequence[Entry]) -> Iterator[Sample]:
    told = [one.plate for one in entries if one.dissemination is not Dissemination.DISPATCH_ONLY]
    dutch = filter(_is_usual, told)
    german = (plate for plate in told if countries(plate)[:1] == ("DE",))
    best = _Chooser(Matcher.build(Hotlist(tuple(entries)))).best
    yield Sample("a clean read", best(dutch, format_plate, Source.EYESIGHT), Source.EYESIGHT)
    yield Sample("a misread by a camera", best(dutch, _misread, Source.CAMERA), Source.CAMERA)
    partial = best(dutch, _partial, Source.EYESIGHT)
    yield Sample("a partial: one symbol was not seen", partial, Source.EYESIGHT)
    yield Sample("a foreign plate", best(german, format_plate, Source.EYESIGHT), Source.EYESIGHT)
    listed = {one.plate for one in entries}
    innocent = (plate for plate in synthetic_plates("innocent") if plate not in listed)
    unlisted = next(filter(_is_usual, innocent))
    yield Sample("a plate that is not listed", format_plate(unlisted), Source.EYESIGHT)


class _Chooser:
    """Tries plates on the matcher."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher

    def best(
        self, plates: Iterable[Plate], spoil: Callable[[Plate], str | None], source: Source
    ) -> str:
        """Return the read of some plate that leads to it with the most confidence."""
        reads = ((plate, spoil(plate)) for plate in plates)
        tried = islice(((plate, read) for plate, read in reads if read), TRIES)
        return max((self._confidence(plate, read, source), read) for plate, read in tried)[1]

    def _confidence(self, plate: Plate, read: str, source: Source) -> float:
        found = self._matcher.search(Report((Look(read_of(read, source=source), source),)))
        hits = found.answer(Audience.GUARD).hits
        return next((hit.confidence for hit in hits if hit.plate == plate), 0.0)


def _is_usual(plate: Plate) -> bool:
    layout = sidecode(plate)
    return layout is not None and layout.number in _USUAL


def _misread(plate: Plate) -> str | None:
    """Return the plate with one look-alike for another, or None if it has none."""
    shown = format_plate(plate)
    place = next((place for place, symbol in enumerate(shown) if symbol in _LOOK_ALIKES), None)
    if place is None:
        return None
    return shown[:place] + _LOOK_ALIKES[shown[place]] + shown[place + 1 :]


def _partial(plate: Plate) -> str:
    """Return the plate with the letter unseen that ends its first group of letters."""
    shown = format_plate(plate)
    letters = [place for place, symbol in enumerate(shown) if symbol.isalpha()]
    return shown[: letters[1]] + UNKNOWN + shown[letters[1] + 1 :]
