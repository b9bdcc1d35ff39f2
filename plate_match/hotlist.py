"""Hotlist and Entry: what the police want to know about, and the words for it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from plate_match.plate import GAP, LONGEST_PLATE, SHORTEST_PLATE, SYMBOLS, Pattern, Plate


class Wanted(StrEnum):
    """What is looked for: this vehicle, or a plate that by its nature is on another one."""

    VEHICLE = "vehicle"
    PLATE = "plate"


class Category(StrEnum):
    """Why it is wanted; decides the costs of a missed hit and of a wrong alert."""

    ROBBERY = "robbery"
    BURGLARY = "burglary"
    VIOLENCE = "violence"
    WEAPONS = "weapons"
    DRUGS = "drugs"
    STOLEN_VEHICLE = "stolen-vehicle"
    STOLEN_PLATE = "stolen-plate"
    WANTED_PERSON = "wanted-person"
    MISSING_PERSON = "missing-person"
    PUBLIC_ORDER = "public-order"
    FINES = "fines"
    OTHER = "other"


class Dissemination(StrEnum):
    """Who may learn of an entry: told beforehand, told on a hit, or the control room only."""

    BRIEFING = "briefing"
    ON_HIT = "on-hit"
    DISPATCH_ONLY = "dispatch-only"


class Purpose(StrEnum):
    """The lawful purposes of the partnership (Wet politiegegevens, article 20)."""

    OFFENCES = "offences"
    PUBLIC_ORDER = "public-order"
    ASSISTANCE = "assistance"
    SUPERVISION = "supervision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One reason why one vehicle is wanted.

    Only `plate` is needed: a whole one, or a pattern of what is known of it, with `?` for a
    symbol that is not and `*` at one end for any number of them; or None, with something to
    recognise the vehicle by. Texts are shown and never matched. `valid_from` is included,
    `valid_until` is not; both are aware datetimes, None means without bound.
    `priority` runs from 0 (highest) to 100. `partners` names the organisations that may learn of
    it, as far as its dissemination lets any; none stands for all.

    Raises:
        ValueError: the entry would end before it begins, or nothing can be recognised by it.
    """

    plate: Plate | Pattern | None
    reference: str = ""
    feed: str = ""
    wanted: Wanted = Wanted.VEHICLE
    country: str | None = None
    category: Category = Category.OTHER
    priority: int = 50
    instruction: str = ""
    warnings: tuple[str, ...] = ()
    make: str | None = None
    model: str | None = None
    colour: str | None = None
    kind: str | None = None
    plate_colour: str | None = None
    persons: tuple[str, ...] = ()
    duplicate_code: int | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    legal_ground: str = ""
    purpose: Purpose | None = None
    dissemination: Dissemination = Dissemination.ON_HIT
    partners: tuple[str, ...] = ()
    owner: str = ""
    contact: str = ""
    test: bool = False

    def __post_init__(self) -> None:
        """Refuse what could never be in force."""
        if self.valid_from and self.valid_until and self.valid_until <= self.valid_from:
            raise ValueError("valid_until must be after valid_from")
        if isinstance(self.plate, Pattern):
            if fault := fault_of(self.plate):
                raise ValueError(fault)
            object.__setattr__(self, "plate", Pattern(self.plate.symbols))
        elif self.plate is None and not self.is_described:
            raise ValueError(NOT_DESCRIBED)

    @property
    def is_described(self) -> bool:
        """Whether the vehicle could be recognised without its plate."""
        looks = (getattr(self, name) for name in LOOKS)
        return self.wanted is Wanted.VEHICLE and any(looks)

    def in_force(self, at: datetime | None) -> bool:
        """Whether the entry is in force at this moment; without one, always."""
        if at is None:
            return True
        return (self.valid_from is None or self.valid_from <= at) and (
            self.valid_until is None or at < self.valid_until
        )


LOOKS = ("make", "model", "colour", "kind", "plate_colour")
"""What a vehicle can be recognised by without its plate."""

NOT_DESCRIBED = (
    "without a plate the vehicle must be wanted, not its plate, and make, model, colour, kind "
    "or plate colour must be known"
)


def fault_of(pattern: Pattern) -> str:
    """Return why a pattern cannot be listed; nothing if it can."""
    symbols, gaps = pattern.symbols, pattern.symbols.count(GAP)
    told = (
        (
            any(len(symbol) > 1 for symbol in symbols),
            "holds a doubt in brackets; list each plate that it may be",
        ),
        (
            gaps > 1 or GAP in symbols[1:-1],
            "has * inside, or twice; give the places instead, as in ?X?V??",
        ),
        (not set("".join(symbols)) & set(SYMBOLS), "holds no known symbol"),
        (len(symbols) > LONGEST_PLATE, f"has more than {LONGEST_PLATE} places"),
        (
            len(symbols) < SHORTEST_PLATE and not gaps,
            f"has fewer than {SHORTEST_PLATE} places; add * at the end that is not known",
        ),
    )
    return next((fault for wrong, fault in told if wrong), "")


@dataclass(frozen=True, slots=True)
class Hotlist:
    """All entries, in the order given; several may name one plate, or one pattern."""

    entries: tuple[Entry, ...]

    @classmethod
    def of_plates(cls, plates: Iterable[Plate]) -> Self:
        """Make a hotlist of plain plates, one entry each."""
        return cls(tuple(Entry(plate=plate) for plate in plates))

    def __iter__(self) -> Iterator[Entry]:
        """Iterate over the entries."""
        return iter(self.entries)

    def __len__(self) -> int:
        """Return how many entries there are."""
        return len(self.entries)
