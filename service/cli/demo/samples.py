"""A handful of sightings that show what the service does, chosen by asking the matcher itself."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from plate_match.audience import Audience
from plate_match.channel import Source
from plate_match.description import NOTHING_SAID, Description
from plate_match.foreign import countries
from plate_match.hotlist import Entry, Hotlist
from plate_match.matcher import Matcher
from plate_match.plate import UNKNOWN, Plate, spelled
from plate_match.report import Look, Report, read_of
from plate_match.sidecode import format_plate, sidecode
from service.cli.demo.plates import synthetic_plates
from service.clock import to_micros, to_text

TRIES = 8
"""Entries that are tried for each sample; the one that shows best is taken."""

_LOOK_ALIKES = {"B": "8", "8": "B", "0": "D", "D": "0", "S": "5", "Z": "2", "G": "6"}
_USUAL = range(6, 11)
"""Layouts of which all is issued: most cars on the road."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One sighting, and what it is to show; all its reads are of one vehicle."""

    title: str
    reads: tuple[str, ...]
    source: Source = Source.EYESIGHT
    description: Description = NOTHING_SAID

    @property
    def report(self) -> Report:
        """What the matcher is asked."""
        reads = (read_of(read, source=self.source) for read in self.reads)
        return Report(tuple(Look(read, self.source) for read in reads), self.description)


Telling = Callable[[Entry], Sample | None]
"""How an entry's vehicle is reported; None if it does not suit."""


def sightings(entries: Sequence[Entry], now: datetime) -> list[dict[str, object]]:
    """Return the bodies of the sample sightings by their titles, as they are posted."""
    return [
        {"title": sample.title, "body": _body(sample, now - timedelta(minutes=2 * place))}
        for place, sample in enumerate(_samples(entries), start=1)
    ]


def _body(sample: Sample, seen_at: datetime) -> dict[str, object]:
    body: dict[str, object] = {
        "read": sample.reads[0],
        "source": sample.source.value,
        "seenAt": to_text(to_micros(seen_at)),
        "purpose": "offences",
        "location": {"latitude": 52.2215, "longitude": 6.8937, "place": "Enschede"},
        "note": f"SYNTHETIC: {sample.title}",
    }
    if sample.description != NOTHING_SAID:
        body["vehicle"] = {"colour": sample.description.colour, "make": sample.description.make}
    if len(sample.reads) > 1:
        body["alsoRead"] = [{"read": read} for read in sample.reads[1:]]
    return body


def _samples(entries: Sequence[Entry]) -> Iterator[Sample]:
    told = list(filter(Audience.GUARD.may_know, entries))
    dutch = (entry for entry in told if _is_usual(_plate(entry)))
    german = (entry for entry in told if countries(_plate(entry))[:1] == ("DE",))
    matcher = Matcher.build(Hotlist(tuple(entries)))
    for telling in (_clean, _misread, _partial, _described, _twice, _turned_round):
        yield _best(matcher, dutch, telling)
    yield _best(matcher, german, _foreign)
    listed = {_plate(one) for one in entries}
    innocent = (plate for plate in synthetic_plates("innocent") if plate not in listed)
    unlisted = next(filter(_is_usual, innocent))
    yield Sample("a plate that is not listed", (format_plate(unlisted),))


def _best(matcher: Matcher, entries: Iterable[Entry], telling: Telling) -> Sample:
    """Return the sample of some entry that leads to its plate with the most confidence."""

    def confidence(told: tuple[Plate, Sample]) -> tuple[float, tuple[str, ...]]:
        plate, sample = told
        hits = matcher.search(sample.report).answer(Audience.GUARD).hits
        found = next((hit.confidence for hit in hits if hit.plate == plate), 0.0)
        return found, sample.reads

    samples = ((_plate(entry), telling(entry)) for entry in entries)
    tried = islice(((plate, sample) for plate, sample in samples if sample), TRIES)
    return max(tried, key=confidence)[1]


def _plate(entry: Entry) -> Plate:
    """Return the plate of an entry of the demo: all are whole."""
    return Plate(spelled(entry.plate))


def _is_usual(plate: Plate) -> bool:
    layout = sidecode(plate)
    return layout is not None and layout.number in _USUAL


def _clean(entry: Entry) -> Sample:
    return Sample("a clean read", (format_plate(_plate(entry)),))


def _foreign(entry: Entry) -> Sample:
    return Sample("a foreign plate", (format_plate(_plate(entry)),))


def _misread(entry: Entry) -> Sample | None:
    """Take one look-alike for another."""
    shown = format_plate(_plate(entry))
    place = next((place for place, symbol in enumerate(shown) if symbol in _LOOK_ALIKES), None)
    if place is None:
        return None
    read = shown[:place] + _LOOK_ALIKES[shown[place]] + shown[place + 1 :]
    return Sample("a misread by a camera", (read,), Source.CAMERA)


def _partial(entry: Entry) -> Sample:
    """Leave the letter unseen that ends the first group of letters."""
    return Sample("a partial: one symbol was not seen", (_without(_plate(entry), 1),))


def _described(entry: Entry) -> Sample | None:
    """Leave two letters unseen, and say what the vehicle looked like."""
    if not entry.make or not entry.colour:
        return None
    seen = Description(make=entry.make, colour=entry.colour)
    title = "two symbols not seen, but the make and the colour"
    return Sample(title, (_without(_plate(entry), 1, 2),), description=seen)


def _twice(entry: Entry) -> Sample:
    """Look twice, and see another part of the plate each time."""
    reads = _without(_plate(entry), 0, 1), _without(_plate(entry), 1, 2)
    return Sample("two looks, each at a part of the plate", reads)


def _turned_round(entry: Entry) -> Sample | None:
    """Hear the number of two digits the other way round, as 41 for 14 in Dutch."""
    *groups, last = format_plate(_plate(entry)).split("-")
    if len(last) == 1 or not last.isdigit() or last == last[::-1]:
        return None
    read = "-".join((*groups, last[::-1]))
    return Sample("a number turned round on the radio", (read,), Source.RADIO)


def _without(plate: Plate, *letters: int) -> str:
    """Return the plate as it is shown, with these of its letters unseen."""
    shown = format_plate(plate)
    places = [place for place, symbol in enumerate(shown) if symbol.isalpha()]
    unseen = {places[letter] for letter in letters}
    return "".join(UNKNOWN if place in unseen else one for place, one in enumerate(shown))
