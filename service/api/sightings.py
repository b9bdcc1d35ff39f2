"""POST /v1/sightings, POST /v1/sightings/batch, GET /v1/sightings/{id}."""

import asyncio
import json
from datetime import datetime
from typing import Annotated

import orjson
from pydantic import Field, JsonValue
from starlette.requests import Request
from starlette.responses import Response

from plate_match.channel import Read
from plate_match.errors import UnreadablePlate, UnsupportedReport
from service import clock
from service.api.body import model_of, read_json, read_model, repeated_names
from service.api.errors import document_of
from service.api.exchange import caller_of, json_response
from service.api.sighting_models import MOST_SIGHTINGS, SightingReport, Symbol
from service.api.wire import Wire, Moment
from service.camera_read import SymbolRead, weighed
from service.errors import Fault, InvalidRequest
from service.logs import log_failure
from service.ports import Caller
from service.state import State
from service.usecases.report_sighting import Reported, Sighting

MOST_LATE = 7 * clock.DAY
MOST_AHEAD = 5 * clock.MINUTE

_LONGEST_KEY = 200


class _Parts(Wire, extra="ignore"):
    """Those parts of a refused sighting that are sound in themselves."""

    read: str | None = None
    seen_at: Moment | None = None
    symbols: list[Symbol] | None = None
    follows: str | None = None


class _Envelope(Wire):
    """A batch before a look at its sightings; described by `SightingBatch`."""

    sightings: Annotated[list[JsonValue], Field(min_length=1, max_length=MOST_SIGHTINGS)]


async def post_sighting(state: State, request: Request) -> Response:
    """Report a sighting; 201 with the answer once it is on record."""
    key, faults = idempotency_key(request)
    body = await request.body()
    reported = await _report(state, caller_of(request), Sent(read_json(body), body, key, faults))
    headers = {"Idempotency-Replayed": "true"} if reported.replayed else None
    return json_response(reported.answer, 201, headers)
