"""Audience: who is answered, and which entries they may learn of."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

from plate_match.hotlist import Category, Dissemination, Entry, Purpose
from plate_match.names import alike


class Circle(NamedTuple):
    """What an entry says of who may know of it."""

    dissemination: Dissemination
    category: Category
    partners: tuple[str, ...]
    purpose: Purpose | None = None

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Return what an entry says."""
        return cls(entry.dissemination, entry.category, entry.partners, entry.purpose)


Told = bytes
"""Of each of some circles, 1 if an audience may know of its entries, else 0."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is answered: the control room, or the guards of a firm, who may not know of everything.

    Attributes:
        firm: whose guards they are, in any spelling that is alike; None is the control room,
            which may know of everything. `Audience.GUARD` are those of a firm that no entry names.
        categories: of entries that the firm may know of; None are all.
        purposes: of entries that it may be told of, and of those that name none; None are all.
    """

    CONTROL_ROOM: ClassVar["Audience"]
    GUARD: ClassVar["Audience"]

    firm: str | None
    categories: frozenset[Category] | None = None
    purposes: frozenset[Purpose] | None = None

    def may_know(self, entry: Entry | Circle) -> bool:
        """Whether this audience may learn of an entry."""
        if self.firm is None:
            return True
        return (
            entry.dissemination is not Dissemination.DISPATCH_ONLY
            and (not entry.partners or self._is_among(entry.partners))
            and (self.categories is None or entry.category in self.categories)
            and (self.purposes is None or entry.purpose in {None, *self.purposes})
        )

    def _is_among(self, partners: Iterable[str]) -> bool:
        firm = alike(self.firm or "")
        return bool(firm) and firm in map(alike, partners)

    def told(self, circles: Iterable[Circle]) -> Told:
        """Return which circles this audience is in: who is in the same may know the same."""
        return bytes(map(self.may_know, circles))


Audience.CONTROL_ROOM = Audience(None)
Audience.GUARD = Audience("")
