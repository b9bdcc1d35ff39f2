"""/v1/organisations: on which terms partners take part, and their suspension."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response

from plate_match.hotlist import Category, Purpose
from service import clock
from service.api.body import read_model
from service.api.exchange import caller_of, json_response, page_response, paging
from service.api.wire import Moment, Text, Wire, example
from service.names import faults_of, is_own, tidy
from service.records import Role
from service.standing import USUAL_COLOURS, PassColour, Terms
from service.state import State


def kept_name(name: str) -> str:
    """Return a name in the form it is kept in, as a model checks it."""
    kept = tidy(name)
    faults = [*faults_of(kept), *(["is the service's own"] if is_own(kept) else [])]
    if faults:
        raise PydanticCustomError("bad-name", "The name {faults}", {"faults": "; ".join(faults)})
    return kept


_TERMS: JsonDict = {
    "licence": "ND 0000",
    "licenceUntil": "2030-01-01T00:00:00Z",
    "mark": "synthetic mark",
    "markUntil": "2027-06-01T00:00:00Z",
    "decision": "synthetic decision 1",
    "from": "2026-01-01T00:00:00Z",
    "until": "2028-01-01T00:00:00Z",
    "categories": ["burglary", "robbery"],
    "purposes": ["offences"],
    "passColours": ["grey"],
    "roles": ["guard", "manager"],
    "deviceRequired": False,
}
REASON_EXAMPLE: JsonDict = {"code": "mark-ended", "message": "The quality mark has ended"}
_PARTNER: JsonDict = {
    "id": "0000000000001",
    "name": "Synthetic Security",
    "terms": _TERMS,
    "suspended": None,
    "reasons": [REASON_EXAMPLE],
}

FirmName = Annotated[str, AfterValidator(kept_name)]
Number = Annotated[Text, Field(min_length=1, max_length=40, pattern=r"\S")]
Why = Annotated[Text, Field(min_length=1, max_length=500)]


def _usual() -> list[PassColour]:
    return [*map(PassColour, USUAL_COLOURS)]


class TermsOfPartner(Wire):
    """The terms of an organisation: its licence, its quality mark, the decision that names it.

    Without `categories` its guards may know of entries of all, without `purposes` it may act
    for all that the law has, without `roles` its people may have any. `until` is excluded.
    With `deviceRequired` its guards need a key that was issued for a device of the firm.
    """

    model_config = example(_TERMS)

    licence: Number
    licence_until: Moment | None = None
    mark: Annotated[Text, Field(max_length=100)] = ""
    mark_until: Moment | None = None
    decision: Annotated[Text, Field(min_length=1, max_length=200)]
    from_: Annotated[Moment, Field(alias="from")]
    until: Moment | None = None
    categories: list[Category] | None = None
    purposes: list[Purpose] | None = None
    pass_colours: Annotated[list[PassColour], Field(min_length=1)] = Field(default_factory=_usual)
    roles: list[Role] | None = None
    device_required: bool = False

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.until is not None and self.until <= self.from_:
            raise PydanticCustomError("ends-before", "Give an until after from")
        return self

    def terms(self) -> Terms:
        """Return the terms as they are kept."""
        return Terms(
            licence=self.licence,
            licence_until=micros(self.licence_until),
            mark=self.mark,
            mark_until=micros(self.mark_until),
            decision=self.decision,
            since=clock.to_micros(self.from_),
            until=micros(self.until),
            categories=None if self.categories is None else tuple(self.categories),
            purposes=None if self.purposes is None else tuple(self.purposes),
            colours=tuple(self.pass_colours),
            roles=None if self.roles is None else tuple(self.roles),
            device_required=self.device_required,
        )


class TermsOnRecord(TermsOfPartner):
    """Terms as they are on record."""

    model_config = example(_TERMS)


class PartnerToBe(Wire):
    """An organisation and its terms, in place of those before."""

    model_config = example({"name": "Synthetic Security", "terms": _TERMS})

    name: FirmName
    terms: TermsOfPartner


class ReasonTold(Wire):
    """Why somebody may not take part: a code that stays, and what to do."""

    model_config = example(REASON_EXAMPLE)

    code: str
    message: str


class EndTold(Wire):
    """When something was ended, and why."""

    model_config = example({"at": "2026-11-24T02:14:00Z", "reason": "left the firm"})

    at: Moment
    reason: str


class Grounds(Wire):
    """Why something is ended, or goes on again."""

    model_config = example({"reason": "left the firm"})

    reason: Why


class PartnerOnRecord(Wire):
    """An organisation as it is on record. It takes part if there are no `reasons`."""

    model_config = example(_PARTNER)

    id: str
    name: str
    terms: TermsOnRecord | None
    suspended: EndTold | None
    reasons: list[ReasonTold]


class PartnerPage(Wire):
    """A page of organisations, newest first."""

    model_config = example({"items": [_PARTNER], "next": None})

    items: list[PartnerOnRecord]
    next: str | None


async def post_organisation(state: State, request: Request) -> Response:
    """Put the terms of an organisation on record: in force at the next request."""
    sent = read_model(await request.body(), PartnerToBe)
    keep = state.keep_partners
    return json_response(
        await keep.set_terms(caller_of(request), sent.name, sent.terms.terms()), 201
    )


async def get_organisations(state: State, request: Request) -> Response:
    """Read what is on record of organisations: a manager of the own one. The look is recorded."""
    limit, cursor = paging(request)
    return page_response(
        await state.keep_partners.all(caller_of(request), limit=limit, cursor=cursor)
    )


async def post_suspension(state: State, request: Request) -> Response:
    """Suspend an organisation: whoever is of it is refused from the next request on."""
    caller, id_ = caller_of(request), request.path_params["id"]
    reason = read_model(await request.body(), Grounds).reason
    return json_response(await state.keep_partners.suspend(caller, id_, reason), 201)


async def post_reinstatement(state: State, request: Request) -> Response:
    """End the suspension of an organisation."""
    caller, id_ = caller_of(request), request.path_params["id"]
    reason = read_model(await request.body(), Grounds).reason
    return json_response(await state.keep_partners.reinstate(caller, id_, reason), 201)


def micros(at: datetime | None) -> int | None:
    """Return a moment as it is kept."""
    return None if at is None else clock.to_micros(at)
