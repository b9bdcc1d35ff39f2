"""POST /v1/sightings/batch: each sighting is taken or refused on its own."""

import asyncio
import json
from typing import Annotated

from pydantic import Field, JsonValue
from starlette.requests import Request
from starlette.responses import Response

from service.api.body import model_of, read_json, repeated_names
from service.api.errors import response_of
from service.api.exchange import caller_of, idempotency_key, json_response
from service.api.sighting_checks import Sent
from service.api.sighting_models import MOST_SIGHTINGS
from service.api.sightings import REPLAYED, report
from service.api.wire import Wire
from service.errors import Fault, InvalidRequest
from service.state import State
from service.usecases.report_sighting import Reported


class _Envelope(Wire):
    """A batch before anybody looks at its sightings; `SightingBatch` describes it whole."""

    sightings: Annotated[list[JsonValue], Field(min_length=1, max_length=MOST_SIGHTINGS)]


async def post_batch(state: State, request: Request) -> Response:
    """Report up to 100 sightings, each on its own; 200 with what came of each, in order."""
    key, faults = idempotency_key(request)
    body = await request.body()
    sightings = _opened(body, faults)
    caller = caller_of(request)
    outcomes = await asyncio.gather(
        *(
            _outcome(state, Sent(caller, one, json.dumps(one).encode(), _key(key, place)))
            for place, one in enumerate(sightings)
        )
    )
    replayed = all(isinstance(one, Reported) and one.replayed for one in outcomes)
    answer = b'{"results":[' + b",".join(map(_told, outcomes)) + b"]}"
    return json_response(answer, 200, REPLAYED if replayed else None)


def _opened(body: bytes, faults: list[Fault]) -> list[object]:
    """Return the sightings of a batch, unread; their own faults are theirs alone."""
    document = read_json(body)
    names = [fault for fault in repeated_names(document) if fault.pointer.count("/") == 1]
    try:
        model_of(None, body, _Envelope)
    except InvalidRequest as refused:
        raise InvalidRequest([*faults, *names, *refused.faults]) from None
    if faults or names or not isinstance(document, dict):
        raise InvalidRequest([*faults, *names])
    sightings: list[object] = document["sightings"]
    return sightings


def _key(key: str | None, place: int) -> str | None:
    """Return the key of one sighting: a space keeps it apart from every key that is sent."""
    return None if key is None else f"{key} {place}"


async def _outcome(state: State, sent: Sent) -> Reported | Exception:
    try:
        return await report(state, sent)
    except Exception as refused:  # noqa: BLE001 - the table of errors knows them all
        return refused


def _told(outcome: Reported | Exception) -> bytes:
    if isinstance(outcome, Reported):
        return b'{"status":201,"sighting":' + outcome.answer + b"}"
    refusal = response_of(outcome)
    return b'{"status":%d,"problem":%b}' % (refusal.status_code, bytes(refusal.body))
