"""Hotlist and Entry: what the police want to know about, and the words for it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from plate_match.plate import Plate


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
    """One reason why one plate is wanted.

    Only `plate` is needed. Texts are shown and never matched. `valid_from` is included,
    `valid_until` is not; both are aware datetimes, None means without bound.
    `priority` runs from 0 (highest) to 100.

    Raises:
        ValueError: the entry would end before it begins.
    """

    plate: Plate
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
    owner: str = ""
    contact: str = ""
    test: bool = False

    def __post_init__(self) -> None:
        """Refuse what could never be in force."""
        if self.valid_from and self.valid_until and self.valid_until <= self.valid_from:
            raise ValueError("valid_until must be after valid_from")

    def in_force(self, at: datetime | None) -> bool:
        """Whether the entry is in force at this moment; without one, always."""
        if at is None:
            return True
        return (self.valid_from is None or self.valid_from <= at) and (
            self.valid_until is None or at < self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Hotlist:
    """All wanted entries, in the order given; several may name one plate."""

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
