"""A hit and what is in force now -> whether what it was for has ended, and how.

A hit is open while one of its entries is in force as it was when the hit was made, in all that
it was made by. Texts, priority and end may change: the vehicle is wanted all the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from plate_match.hotlist import Entry

FROZEN = "frozen"
"""Stands for the version of the list where a sighting was taken, but nothing disclosed."""


class Ended(StrEnum):
    """How an entry came to an end."""

    WITHDRAWN = "withdrawn"
    CORRECTED = "corrected"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class OpenHit:
    """A hit that is not stood down, with its entries as it names them, and who was told.

    `told` are those that a guard was told of, where they are not all; None where they are, or
    have ended already.
    """

    id: int
    sighting: int
    organisation: str
    credential: str
    plate: str
    list_version: str
    entries: tuple[Mapping[str, Any], ...]
    told: tuple[Mapping[str, Any], ...] | None = None


def age_of(version: str) -> tuple[str, int]:
    """Return what puts versions of the hotlist in the order in which they came into force.

    Their names begin with their time; what follows a plus counts the entries put in since.
    """
    name, _, changes = version.partition("+")
    return ("", -1) if name == FROZEN else ("" if name == "none" else name, int(changes or 0))


@dataclass(frozen=True, slots=True)
class StandDown:
    """The end of a hit, in microseconds since 1970."""

    hit: int
    at: int
    reason: Ended


@dataclass(frozen=True, slots=True)
class Fate:
    """What is to be said of a hit: how it ended, or when the last of its entries will.

    Both are None while it stays open without an end.
    """

    ended: Ended | None = None
    until: datetime | None = None


def fate_of(hit: OpenHit, listed: Iterable[Entry], now: datetime) -> Fate:
    """Return what became of a hit; `listed` are the entries that have its plate now."""
    there = list(listed)
    standing = [
        entry
        for entry in there
        if entry.in_force(now) and any(_same(entry, told) for told in hit.entries)
    ]
    if standing:
        ends = [entry.valid_until for entry in standing if entry.valid_until is not None]
        return Fate(until=max(ends) if len(ends) == len(standing) else None)
    return Fate(_how(hit, there, now))


def _how(hit: OpenHit, there: Iterable[Entry], now: datetime) -> Ended:
    """Return how the last of a hit's entries ended."""
    named = [
        entry
        for entry in there
        if any(_key(entry) == (told["feed"], told["reference"]) for told in hit.entries)
    ]
    if any(entry.in_force(now) for entry in named):
        return Ended.CORRECTED
    ends = [told["validUntil"] for told in hit.entries]
    if named or any(end is not None and datetime.fromisoformat(end) <= now for end in ends):
        return Ended.EXPIRED
    return Ended.WITHDRAWN


def _same(entry: Entry, told: Mapping[str, Any]) -> bool:
    """Whether a hit would be made by this entry as it was by the one it names."""
    vehicle = told["vehicle"]
    looks = (entry.make, entry.model, entry.colour, entry.kind, entry.plate_colour)
    return (
        _key(entry) == (told["feed"], told["reference"])
        and entry.wanted == told["wanted"]
        and entry.category == told["category"]
        and looks == tuple(vehicle[name] for name in _LOOKS)
    )


_LOOKS = ("make", "model", "colour", "kind", "plateColour")


def _key(entry: Entry) -> tuple[str, str]:
    return entry.feed, entry.reference
