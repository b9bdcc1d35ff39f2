"""What is asked of the history of hits, and of the entries that were put in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HitQuery:
    """Filters of a search in the hit history; None does not filter.

    `before` is the id of the last hit of the page before; `area` is (south, west, north, east)
    in degrees, across the date line if west > east; `judgement` is the identity of a judgement.
    `restricted` is False for whoever may not see hits that are.
    """

    plate: str | None = None
    seen_from: int | None = None
    seen_to: int | None = None
    category: str | None = None
    disposition: str | None = None
    min_confidence: float | None = None
    organisation: str | None = None
    area: tuple[float, float, float, float] | None = None
    judgement: str | None = None
    restricted: bool | None = None
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryQuery:
    """Filters of a search for entries that were put in; None does not filter.

    `now` is the moment that `in_force` asks for; `before` the id of the last one of the page
    before; `organisation` restricts to what it put in itself.
    """

    plate: str | None = None
    reference: str | None = None
    category: str | None = None
    in_force: bool | None = None
    put_from: int | None = None
    put_to: int | None = None
    organisation: str | None = None
    now: int = 0
    before: int | None = None
    limit: int = 50
