"""/v1/people and /v1/devices: who of a partner may take part, and with what.

Names travel in bodies only, never in a URL.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field
from pydantic.config import JsonDict
from starlette.requests import Request
from starlette.responses import Response

from service import clock
from service.api.body import read_model
from service.api.exchange import (
    DEFAULT_LIMIT,
    LONGEST_PAGE,
    caller_of,
    json_response,
    page_response,
)
from service.api.organisations import (
    REASON_EXAMPLE,
    EndTold,
    FirmName,
    Grounds,
    Number,
    ReasonTold,
    Why,
    micros,
)
from service.api.wire import Moment, Text, Wire, example
from service.errors import Fault, InvalidRequest
from service.partners import PeopleQuery
from service.records import Caller, Role
from service.standing import Pass, PassColour
from service.state import State

_PASS: JsonDict = {
    "passNumber": "SYN-0001",
    "passColour": "grey",
    "passUntil": "2028-01-01T00:00:00Z",
    "secrecyAcknowledgedAt": "2026-01-05T09:00:00Z",
    "role": "guard",
}
_SENT: JsonDict = {"name": "A. Sample", **_PASS}
_PERSON: JsonDict = {
    "id": "0000000000001",
    "organisation": "Synthetic Security",
    "name": "A. Sample",
    "approved": None,
    "approvedAt": None,
    "waiting": {"id": "0000000000001", **_PASS},
    "turnedDown": None,
    "withdrawn": None,
    "dropped": None,
    "reasons": [REASON_EXAMPLE],
}


class ScreenedRole(StrEnum):
    """Roles that need a pass."""

    GUARD = "guard"
    MANAGER = "manager"


class PassKept(Wire):
    """A pass as it is kept; without its number once that was erased."""

    model_config = example(_PASS)

    pass_number: str | None
    pass_colour: PassColour
    pass_until: Moment
    secrecy_acknowledged_at: Moment | None
    role: ScreenedRole


class PassWaiting(PassKept):
    """A pass that waits to be approved, by its id."""

    model_config = example({"id": "0000000000001", **_PASS})

    id: str


class Approval(Wire):
    """Which pass is approved: the `id` of what waits, as it was looked at."""

    model_config = example({"proposal": "0000000000001"})

    proposal: Annotated[Text, Field(min_length=1, max_length=13)]


class ProposalEnded(Approval):
    """Which pass is turned down or withdrawn, as it was looked at, and why."""

    model_config = example({"proposal": "0000000000001", "reason": "the photo is of another"})

    reason: Why


class PersonProposed(Wire):
    """A person to take part, or another pass of one. A manager proposes for the own firm."""

    model_config = example(_SENT)

    name: FirmName
    organisation: FirmName | None = None
    pass_number: Number
    pass_colour: PassColour
    pass_until: Moment
    secrecy_acknowledged_at: Moment | None = None
    role: ScreenedRole = ScreenedRole.GUARD

    def card(self) -> Pass:
        """Return the pass as it is kept."""
        return Pass(
            number=self.pass_number,
            colour=self.pass_colour,
            until=clock.to_micros(self.pass_until),
            role=self.role,
            secrecy_at=micros(self.secrecy_acknowledged_at),
        )


class PersonOnRecord(Wire):
    """A person as they are on record. They may take part if there are no `reasons`.

    `turnedDown` and `withdrawn` say how the pass that was proposed last ended, until another one
    is proposed. The name is null once it was erased.
    """

    model_config = example(_PERSON)

    id: str
    organisation: str
    name: str | None
    approved: PassKept | None
    approved_at: Moment | None
    waiting: PassWaiting | None
    turned_down: EndTold | None
    withdrawn: EndTold | None
    dropped: EndTold | None
    reasons: list[ReasonTold]


class PeopleSearch(Wire):
    """Filters of a search; each one left out does not filter.

    `passEndsWithinDays` finds those whose pass is about to end, or has; `waiting` those whose
    pass waits to be approved.
    """

    model_config = example({"passEndsWithinDays": 30})

    organisation: FirmName | None = None
    name: FirmName | None = None
    pass_ends_within_days: Annotated[int | None, Field(ge=0, le=3660)] = None
    waiting: bool | None = None
    cursor: Annotated[Text | None, Field(max_length=200)] = None
    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = DEFAULT_LIMIT

    def query(self, now: int) -> PeopleQuery:
        """Return the filters as storage takes them."""
        days = self.pass_ends_within_days
        ends = None if days is None else now + clock.micros(timedelta(days=days))
        return PeopleQuery(
            organisation=self.organisation,
            name=self.name,
            pass_before=ends,
            waiting=self.waiting,
            limit=self.limit,
        )


class PeoplePage(Wire):
    """A page of people, newest first."""

    model_config = example({"items": [_PERSON], "next": None})

    items: list[PersonOnRecord]
    next: str | None


async def post_person(state: State, request: Request) -> Response:
    """Propose a person, or another pass of one: what was approved counts until this is."""
    sent = read_model(await request.body(), PersonProposed)
    caller = caller_of(request)
    firm = firm_of(caller, sent.organisation)
    return json_response(
        await state.keep_people.propose(caller, firm, sent.name, card=sent.card()), 201
    )


async def post_approval(state: State, request: Request) -> Response:
    """Approve the pass that was looked at: they take part from the next request on."""
    caller, id_ = caller_of(request), request.path_params["id"]
    proposal = read_model(await request.body(), Approval).proposal
    return json_response(await state.keep_people.approve(caller, id_, proposal), 201)


async def post_refusal(state: State, request: Request) -> Response:
    """Turn down the pass that was looked at: what was approved before counts as it did."""
    caller, id_ = caller_of(request), request.path_params["id"]
    sent = read_model(await request.body(), ProposalEnded)
    keep = state.keep_people
    return json_response(await keep.turn_down(caller, id_, sent.proposal, reason=sent.reason), 201)


async def post_withdrawal(state: State, request: Request) -> Response:
    """Take back the pass that waits to be approved."""
    caller, id_ = caller_of(request), request.path_params["id"]
    sent = read_model(await request.body(), ProposalEnded)
    return json_response(
        await state.keep_people.withdraw(caller, id_, sent.proposal, reason=sent.reason), 201
    )


async def post_person_drop(state: State, request: Request) -> Response:
    """Drop a person: refused from the next request on."""
    caller, id_ = caller_of(request), request.path_params["id"]
    reason = read_model(await request.body(), Grounds).reason
    return json_response(await state.keep_people.drop(caller, id_, reason), 201)


async def get_person(state: State, request: Request) -> Response:
    """Read what is on record of a person. The look itself is put on record."""
    return json_response(
        await state.keep_people.person(caller_of(request), request.path_params["id"])
    )


async def search_people(state: State, request: Request) -> Response:
    """Search people: a manager those of the own firm. The look itself is put on record."""
    search = read_model(await request.body(), PeopleSearch)
    query = search.query(state.now())
    return page_response(
        await state.keep_people.people(caller_of(request), query, cursor=search.cursor)
    )


def firm_of(caller: Caller, named: str | None) -> str:
    """Return the organisation that something is of.

    Raises:
        InvalidRequest: whoever may change all of them names none.
    """
    if named is None and caller.role is not Role.MANAGER:
        raise InvalidRequest([Fault("/organisation", "missing", "Name the organisation")])
    return named or caller.organisation
