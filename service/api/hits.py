"""POST /v1/hits/search and GET /v1/hits/{id}: the history; plates stay out of URLs."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response

from plate_match.errors import UnreadablePlate
from plate_match.hotlist import Category, fault_of
from plate_match.normalize import normalize
from plate_match.plate import Pattern, spelled
from plate_match.policy import Disposition
from service import clock
from service.api.answers import HIT_ON_RECORD_EXAMPLE, HitOnRecord, Share
from service.api.body import read_model
from service.api.exchange import (
    DEFAULT_LIMIT,
    LONGEST_PAGE,
    caller_of,
    json_response,
    page_response,
)
from service.api.wire import Moment, Text, Wire, example
from service.queries import HitQuery
from service.state import State


class Identity(StrEnum):
    """What somebody who looked found the vehicle of a hit to be."""

    THIS_VEHICLE = "this-vehicle"
    MISREAD = "misread"
    FALSE_PLATE = "false-plate"
    OTHER_VEHICLE = "other-vehicle"
    UNKNOWN = "unknown"


class Area(Wire):
    """A rectangle in degrees; across the date line if west is more than east."""

    model_config = example({"south": 52.1, "west": 6.6, "north": 52.5, "east": 7.1})

    south: Annotated[float, Field(ge=-90, le=90)]
    west: Annotated[float, Field(ge=-180, le=180)]
    north: Annotated[float, Field(ge=-90, le=90)]
    east: Annotated[float, Field(ge=-180, le=180)]

    @model_validator(mode="after")
    def _has_height(self) -> Self:
        if self.south > self.north:
            raise PydanticCustomError("upside-down", "Give a south that is not north of north")
        return self


def listed_plate(text: str) -> str:
    """Return the plate, or the pattern of one, that a text spells, as a model checks it."""
    try:
        plate = normalize(text)
    except UnreadablePlate as error:
        raise PydanticCustomError("unreadable", "{reason}", {"reason": str(error)}) from None
    if isinstance(plate, Pattern) and (fault := fault_of(plate)):
        raise PydanticCustomError("not-a-plate", "This {fault}", {"fault": fault})
    return spelled(plate)


class HitSearch(Wire):
    """Filters of a search; each one left out does not filter. `from <= seenAt < to`."""

    model_config = example({"category": "burglary", "from": "2026-11-24T00:00:00Z", "limit": 50})

    plate: Annotated[str, Field(max_length=64), AfterValidator(listed_plate)] | None = None
    from_: Annotated[Moment | None, Field(alias="from")] = None
    to: Moment | None = None
    category: Category | None = None
    disposition: Disposition | None = None
    min_confidence: Share | None = None
    organisation: Annotated[Text | None, Field(min_length=1, max_length=200)] = None
    area: Area | None = None
    judgement: Identity | None = None
    cursor: Annotated[Text | None, Field(max_length=200)] = None
    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = DEFAULT_LIMIT

    def query(self) -> HitQuery:
        """Return the filters as the history takes them."""
        return HitQuery(
            plate=self.plate,
            seen_from=_micros(self.from_),
            seen_to=_micros(self.to),
            category=self.category,
            disposition=self.disposition,
            min_confidence=self.min_confidence,
            organisation=self.organisation,
            area=None if self.area is None else _corners(self.area),
            judgement=self.judgement,
            limit=self.limit,
        )


class HitPage(Wire):
    """A page of hits, newest first; `next` is the cursor of the next page, null at the end."""

    model_config = example({"items": [HIT_ON_RECORD_EXAMPLE], "next": None})

    items: list[HitOnRecord]
    next: str | None


async def search_hits(state: State, request: Request) -> Response:
    """Search the hit history. The look itself is put on record."""
    search = read_model(await request.body(), HitSearch)
    page = await state.read_history.hits(caller_of(request), search.query(), cursor=search.cursor)
    return page_response(page)


async def get_hit(state: State, request: Request) -> Response:
    """Read one hit, weighed over all entries. The look itself is put on record."""
    return json_response(
        await state.read_history.hit(caller_of(request), request.path_params["id"])
    )


def _micros(at: datetime | None) -> int | None:
    return None if at is None else clock.to_micros(at)


def _corners(area: Area) -> tuple[float, float, float, float]:
    return area.south, area.west, area.north, area.east
