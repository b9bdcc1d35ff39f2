"""Made-up plates and the entries that list them: the same on every machine.

The plates are drawn at random from the layouts and letters that were issued, and a few of
neighbouring countries. That one of them is also on a real vehicle is chance and means nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count, islice
from typing import TypeVar

from plate_match.hotlist import Category, Dissemination, Entry, Purpose, Wanted
from plate_match.layouts import SIDECODES
from plate_match.plate import Plate
from plate_match.sidecode import forbidden_combination, kind_of_vehicle

LABEL = "SYNTHETIC"

_SHARES = {3: 1, 4: 4, 5: 6, 6: 15, 7: 17, 8: 12, 9: 10, 10: 20, 11: 13, 12: 2}
"""Percent of the Dutch plates that follow each layout, about as on the road."""

_LAYOUTS = [SIDECODES[number - 1] for number, share in _SHARES.items() for _ in range(share)]

_FOREIGN_EVERY = 200

_CATEGORIES: Sequence[tuple[Category, int, str]] = (
    (Category.STOLEN_VEHICLE, 50, "Note where it goes and call the control room. Do not stop it."),
    (
        Category.STOLEN_PLATE,
        50,
        "Describe the vehicle that carries it to the control room.",
    ),
    (Category.BURGLARY, 30, "Keep your distance and call the control room at once."),
    (Category.DRUGS, 40, "Do not approach. Report direction and number of persons."),
    (Category.ROBBERY, 10, "Danger: do not approach, take cover, call the control room at once."),
    (Category.WANTED_PERSON, 20, "Do not approach. The police will take over."),
    (Category.MISSING_PERSON, 15, "Talk to the driver if you can and call the control room."),
    (Category.FINES, 80, "Report the place. Nothing else is needed."),
)
_DISSEMINATION = (*[Dissemination.ON_HIT] * 8, Dissemination.BRIEFING, Dissemination.DISPATCH_ONLY)
_MAKES = ("Volkswagen", "Opel", "Renault", "Toyota", "Kia", "Peugeot", "Ford", "Volvo")
_COLOURS = ("grey", "black", "white", "blue", "red", "green")
_DISTRICTS = ("BOR", "ST", "NOH", "EL", "MS", "OS")


Drawn = TypeVar("Drawn")


class _Draw:
    """A stream of draws that depends on its name only."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._number = count()

    def below(self, bound: int) -> int:
        """Draw 0 to bound - 1, evenly for all that a demo can tell."""
        text = f"{self._name} {next(self._number)}"
        return int.from_bytes(sha256(text.encode()).digest()[:8]) % bound

    def one(self, of: Sequence[Drawn]) -> Drawn:
        """Draw one of some."""
        return of[self.below(len(of))]

    def symbols(self, alphabet: str, number: int) -> str:
        """Draw several symbols."""
        return "".join(self.one(alphabet) for _ in range(number))


def synthetic_plates(name: str) -> Iterator[Plate]:
    """Yield plates without end, no plate twice; the same for the same name."""
    draw = _Draw(name)
    seen: set[Plate] = set()
    for number in count(1):
        plate = _foreign(draw) if number % _FOREIGN_EVERY == 0 else _dutch(draw)
        if plate not in seen and not forbidden_combination(plate):
            seen.add(plate)
            yield plate


def synthetic_entries(number: int, now: datetime) -> list[Entry]:
    """Return one entry for each of so many plates, in force for two years."""
    draw = _Draw("entries")
    until = (now + timedelta(days=730)).replace(hour=0, minute=0, second=0, microsecond=0)
    numbered = enumerate(islice(synthetic_plates("listed"), number), start=1)
    return [
        _entry(draw, plate, reference=f"{LABEL}-{place:05}", until=until)
        for place, plate in numbered
    ]


def _entry(draw: _Draw, plate: Plate, *, reference: str, until: datetime) -> Entry:
    category, priority, instruction = draw.one(_CATEGORIES)
    stolen_plate = category is Category.STOLEN_PLATE
    kind = None if stolen_plate else kind_of_vehicle(plate)
    described = kind in {"car", "van"}
    return Entry(
        plate=plate,
        reference=reference,
        wanted=Wanted.PLATE if stolen_plate else Wanted.VEHICLE,
        category=category,
        priority=priority,
        instruction=instruction,
        warnings=("may be armed",) if category is Category.ROBBERY else (),
        make=draw.one(_MAKES) if described else None,
        colour=draw.one(_COLOURS) if described else None,
        kind=kind,
        valid_until=until,
        legal_ground=f"{LABEL}: no legal ground, a demonstration",
        purpose=Purpose.OFFENCES,
        dissemination=draw.one(_DISSEMINATION),
        owner=f"{LABEL} feed owner",
    )


def _dutch(draw: _Draw) -> Plate:
    layout = draw.one(_LAYOUTS)
    key = draw.one(layout.key_letters or layout.letters)
    letters = iter([key, *draw.symbols(layout.letters, 3)])
    numbers = iter(layout.digits)
    groups = []
    for group in layout.layout.split("-"):
        if group[0] == "X":
            groups.append("".join(next(letters) for _ in group))
        else:
            low, high = next(numbers)
            groups.append(f"{low + draw.below(high - low + 1):0{len(group)}}")
    return Plate("".join(groups))


def _foreign(draw: _Draw) -> Plate:
    letters, digits = "ABDEFGHJKLMNPRSTUVWXZ", "123456789"
    return Plate(
        draw.one(
            (
                draw.one(_DISTRICTS) + draw.symbols(letters, 2) + draw.symbols(digits, 3),
                "1" + draw.symbols(letters, 3) + draw.symbols(digits, 3),
                "PO" + draw.symbols(digits, 5),
            )
        )
    )
