"""POST /v1/entries and what becomes of an entry: one at a time, without a file."""

import re
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response

from plate_match.hotlist import (
    LOOKS,
    NOT_DESCRIBED,
    Category,
    Dissemination,
    Entry,
    Purpose,
    Wanted,
)
from plate_match.normalize import normalize
from service import clock
from service.api.body import read_model
from service.api.exchange import (
    DEFAULT_LIMIT,
    LONGEST_PAGE,
    caller_of,
    json_response,
    page_response,
)
from service.api.hits import listed_plate
from service.api.wire import Moment, Text, Wire, example
from service.errors import Fault, InvalidRequest
from service.queries import EntryQuery
from service.state import State

_SENT: JsonDict = {
    "plate": "8XKV41",
    "category": "burglary",
    "instruction": "Keep your distance and call the control room.",
    "make": "Volkswagen",
    "colour": "grey",
    "validUntil": "2026-11-25T02:14:00Z",
    "legalGround": "Wpg 8",
    "purpose": "offences",
    "owner": "Synthetic police",
    "contact": "+31 88 000 0000",
}
_ON_RECORD: JsonDict = {
    "id": "0d5yqz4f00002",
    "putInAt": "2026-11-24T02:14:00Z",
    "organisation": "Synthetic police",
    "inForce": True,
    "withdrawn": None,
    "reference": "0d5yqz4f00002",
    "feed": "entries",
    "wanted": "vehicle",
    "country": None,
    "priority": 50,
    "warnings": [],
    "model": None,
    "kind": None,
    "plateColour": None,
    "persons": [],
    "duplicateCode": None,
    "validFrom": None,
    "dissemination": "on-hit",
    "partners": [],
    "test": False,
    **_SENT,
}

ListedPlate = Annotated[str, Field(max_length=64), AfterValidator(listed_plate)]


def _shown_text(text: str) -> str:
    """Return a text as files may have it: without blanks around it, or what cannot be shown."""
    if _UNSHOWN.search(text):
        raise PydanticCustomError("control-character", "Leave out control characters")
    return text.strip()


_UNSHOWN = re.compile(r"[\x80-\x9f]")
"""What feeds refuse beside the control characters that no text may hold."""

Name = Annotated[Text, Field(max_length=100), AfterValidator(_shown_text)]
Partner = Annotated[Text, Field(max_length=100, pattern=r"^\S(.*\S)?$")]
Line = Annotated[Text, Field(max_length=500), AfterValidator(_shown_text)]
Paragraph = Annotated[Text, Field(max_length=2000), AfterValidator(_shown_text)]


class EntryPutIn(Wire):
    """An entry to put in: why one vehicle is wanted, on what ground, and until when.

    `plate` may be whole; or a pattern, with `?` for a symbol that is not known and `*` at one
    end for any number of them; or left out where the vehicle is described. `partners` are the
    organisations that may learn of it, each one known here; none stands for all. Without an
    `owner` it is the caller's organisation's.
    """

    model_config = example(_SENT)

    plate: ListedPlate | None = None
    valid_until: Moment
    legal_ground: Annotated[Line, Field(min_length=1)]
    purpose: Purpose
    reference: Name = ""
    wanted: Wanted = Wanted.VEHICLE
    country: Annotated[str | None, Field(pattern=r"^[A-Z]{2}$")] = None
    category: Category = Category.OTHER
    priority: Annotated[int, Field(ge=0, le=100)] = 50
    instruction: Paragraph = ""
    warnings: list[Line] = Field(default_factory=list, max_length=20)
    make: Name | None = None
    model: Name | None = None
    colour: Name | None = None
    kind: Name | None = None
    plate_colour: Name | None = None
    persons: list[Line] = Field(default_factory=list, max_length=20)
    duplicate_code: Annotated[int | None, Field(ge=0, le=99)] = None
    valid_from: Moment | None = None
    dissemination: Dissemination = Dissemination.ON_HIT
    partners: list[Partner] = Field(default_factory=list, max_length=20)
    owner: Name = ""
    contact: Line = ""
    test: bool = False

    def entry(self, now: datetime, longest: timedelta) -> Entry:
        """Return the entry.

        Raises:
            InvalidRequest: it would be over, end before it begins, or last longer than allowed;
                or no vehicle could be recognised by it.
        """
        begin = self.valid_from or now
        hours = longest // timedelta(hours=1)
        told = (
            (self.valid_until <= now, "over", "Give an end that is still to come"),
            (self.valid_until <= begin, "ends-before", "Give an end after validFrom"),
            (
                self.valid_until - begin > longest,
                "too-long",
                f"An entry put in by itself lasts at most {hours} hours; load a file instead",
            ),
        )
        faults = [Fault("/validUntil", code, message) for wrong, code, message in told if wrong]
        if self.plate is None and not self._is_described:
            faults.append(Fault("/plate", "missing", f"Give a plate: {NOT_DESCRIBED}"))
        if faults:
            raise InvalidRequest(faults)
        given = {name: getattr(self, name) for name in type(self).model_fields}
        lists = {name: tuple(given[name]) for name in ("warnings", "persons", "partners")}
        looks = {name: given[name] or None for name in LOOKS}
        plate = None if self.plate is None else normalize(self.plate)
        return Entry(**{**given, **lists, **looks, "plate": plate})

    @property
    def _is_described(self) -> bool:
        looks = (getattr(self, name) for name in LOOKS)
        return self.wanted is Wanted.VEHICLE and any(looks)


class Withdrawal(Wire):
    """Why an entry is taken off the list."""

    model_config = example({"reason": "the vehicle was found"})

    reason: Annotated[Text, Field(min_length=1, max_length=500)]


class Withdrawn(Wire):
    """When an entry was withdrawn, and why."""

    model_config = example({"at": "2026-11-24T02:40:00Z", "reason": "the vehicle was found"})

    at: Moment
    reason: str


class EntryOnRecord(Wire):
    """An entry that was put in, as it stands now. Who to call stands in `owner` and `contact`."""

    model_config = example(_ON_RECORD)

    id: str
    put_in_at: Moment
    organisation: str
    in_force: bool
    withdrawn: Withdrawn | None
    reference: str
    feed: str
    wanted: Wanted
    plate: str | None
    country: str | None
    category: Category
    priority: int
    instruction: str
    warnings: list[str]
    make: str | None
    model: str | None
    colour: str | None
    kind: str | None
    plate_colour: str | None
    persons: list[str]
    duplicate_code: int | None
    valid_from: Moment | None
    valid_until: Moment
    legal_ground: str
    purpose: Purpose
    dissemination: Dissemination
    partners: list[str]
    owner: str
    contact: str
    test: bool


class EntrySearch(Wire):
    """Filters of a search; each one left out does not filter. `from <= putInAt < to`."""

    model_config = example({"inForce": True, "limit": 50})

    plate: ListedPlate | None = None
    reference: Name | None = None
    category: Category | None = None
    in_force: bool | None = None
    from_: Annotated[Moment | None, Field(alias="from")] = None
    to: Moment | None = None
    cursor: Annotated[Text | None, Field(max_length=200)] = None
    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = DEFAULT_LIMIT

    def query(self) -> EntryQuery:
        """Return the filters as storage takes them."""
        return EntryQuery(
            plate=self.plate,
            reference=self.reference,
            category=self.category,
            in_force=self.in_force,
            put_from=None if self.from_ is None else clock.to_micros(self.from_),
            put_to=None if self.to is None else clock.to_micros(self.to),
            limit=self.limit,
        )


class EntryPage(Wire):
    """A page of entries, newest first; `next` is the cursor of the next page, null at the end."""

    model_config = example({"items": [_ON_RECORD], "next": None})

    items: list[EntryOnRecord]
    next: str | None


async def post_entry(state: State, request: Request) -> Response:
    """Put an entry in: in force in every worker within two seconds."""
    sent = read_model(await request.body(), EntryPutIn)
    entry = sent.entry(clock.to_datetime(state.now()), state.longest_entry)
    return json_response(await state.keep_entries.put_in(caller_of(request), entry), 201)


async def search_entries(state: State, request: Request) -> Response:
    """Search the entries that were put in one at a time. The look itself is put on record."""
    search = read_model(await request.body(), EntrySearch)
    page = await state.keep_entries.search(caller_of(request), search.query(), cursor=search.cursor)
    return page_response(page)


async def get_entry(state: State, request: Request) -> Response:
    """Read an entry: whether it still stands, and who to call. The look is put on record."""
    return json_response(
        await state.keep_entries.entry(caller_of(request), request.path_params["id"])
    )


async def post_withdrawal(state: State, request: Request) -> Response:
    """Take an entry off the list in every worker within two seconds; twice is as once."""
    sent = read_model(await request.body(), Withdrawal)
    caller, id_ = caller_of(request), request.path_params["id"]
    return json_response(await state.keep_entries.withdraw(caller, id_, sent.reason), 201)
