"""POST /v1/sightings/batch: each sighting is taken or refused on its own."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import Field, JsonValue
from starlette.requests import Request
from starlette.responses import Response

from service.api.body import model_of, read_json, repeated_faults, repeated_names
from service.api.errors import response_of
from service.api.evenly import even_steps
from service.api.exchange import caller_of, idempotency_key, json_response, take_further
from service.api.sighting_checks import Sent
from service.api.sighting_models import MOST_SIGHTINGS
from service.api.sightings import REPLAYED, report
from service.api.wire import Wire
from service.errors import Fault, InvalidRequest, KeyReused, TooManyRequests
from service.limit_ports import Rate
from service.state import State
from service.usecases.refuse import RefuseTogether
from service.usecases.report_sighting import Key, Reported

_LATER = "Retry-After"


class _Envelope(Wire):
    """A batch before anybody looks at its sightings; `SightingBatch` describes it whole."""

    sightings: Annotated[list[JsonValue], Field(min_length=1, max_length=MOST_SIGHTINGS)]


async def post_batch(state: State, request: Request) -> Response:
    """Report up to 100 sightings, each on its own; 200 with what came of each, in order.

    Each counts as a request; those that there is no room for get 429, and none of them is
    searched. An Idempotency-Key stands for the batch as a whole: with another batch it is refused
    with 422, and nothing of that batch is recorded. With the same batch, sightings that were
    taken before are answered as they were, and the others are tried again, before these, so that
    a batch of which no answer came can be sent again. `Idempotency-Replayed: true` says that
    every sighting taken was taken before.
    """
    key, faults = idempotency_key(request)
    body = await request.body()
    sightings = _opened(body, faults)
    caller, whole = caller_of(request), _canonical(sightings)
    needed = state.report_sighting.hides_from(caller)
    step_ends = even_steps(len(sightings), needed=needed)
    if key is not None:
        await state.report_sighting.refuse_reused(caller, Key(key, whole))
    sent = [
        Sent(caller, one, json.dumps(one).encode(), key=key, batch=(whole, place))
        for place, one in enumerate(sightings)
    ]
    outcomes = await _outcomes(state, sent, take_further(request, len(sent) - 1))
    await step_ends()
    return _answer(outcomes)


async def _outcomes(
    state: State, batch: Sequence[Sent], rate: Rate | None
) -> Sequence[Reported | Exception]:
    """Return what comes of each sighting; what is refused of them is on record together."""
    together = RefuseTogether(state.refuse)
    state = replace(state, report_sighting=replace(state.report_sighting, refuse=together))
    places = await _first(state, batch, len(batch) if rate is None else 1 + rate.taken)
    try:
        found = await asyncio.gather(*(_outcome(state, batch[place]) for place in places))
    finally:
        await together.record()
    outcomes = dict(zip(places, found, strict=True))
    later = TooManyRequests(1 if rate is None else rate.seconds)
    return [outcomes.get(place, later) for place in range(len(batch))]


async def _first(state: State, batch: Sequence[Sent], room: int) -> Sequence[int]:
    """Return the places of those that there is room for: first those that were not taken before.

    Else whoever sends a batch again would be answered what they know, and never the rest.
    """
    if room >= len(batch):
        return range(len(batch))
    before = await asyncio.gather(*(_is_taken(state, sent) for sent in batch))
    return sorted(range(len(batch)), key=before.__getitem__)[:room]


async def _is_taken(state: State, sent: Sent) -> bool:
    if sent.key is None or sent.batch is None:
        return False
    return await state.report_sighting.is_taken(sent.caller, Key(sent.key, *sent.batch))


def _canonical(sightings: list[object]) -> bytes:
    """Return a batch in the one form it is compared in, names that came twice included."""
    return json.dumps([sightings, [*repeated_names(sightings)]], sort_keys=True).encode()


def _answer(outcomes: Sequence[Reported | Exception]) -> Response:
    """Return the answer to a batch.

    Raises:
        KeyReused: another batch took the key meanwhile, so nothing of this one was recorded.
    """
    for one in outcomes:
        if isinstance(one, KeyReused):
            raise one
    taken = [one for one in outcomes if isinstance(one, Reported)]
    headers = dict(REPLAYED) if taken and all(one.replayed for one in taken) else {}
    told = [one if isinstance(one, Reported) else response_of(one) for one in outcomes]
    later = [one.headers.get(_LATER, "") for one in told if isinstance(one, Response)]
    if len(later) == len(told) and all(later):
        headers[_LATER] = max(later, key=int)
    return json_response(b'{"results":[' + b",".join(map(_element, told)) + b"]}", 200, headers)


def _opened(body: bytes, faults: list[Fault]) -> list[object]:
    """Return the sightings of a batch, unread; their own faults are theirs alone."""
    document = read_json(body)
    own = (place for place in repeated_names(document) if len(place) == 1)
    names = repeated_faults(own, _Envelope)
    try:
        model_of(None, body, _Envelope)
    except InvalidRequest as refused:
        raise InvalidRequest([*faults, *names, *refused.faults]) from None
    if faults or names or not isinstance(document, dict):
        raise InvalidRequest([*faults, *names])
    sightings: list[object] = document["sightings"]
    return sightings


async def _outcome(state: State, sent: Sent) -> Reported | Exception:
    try:
        return await report(state, sent)
    except Exception as refused:  # noqa: BLE001 - the table of errors knows them all
        return refused


def _element(told: Reported | Response) -> bytes:
    if isinstance(told, Reported):
        return b'{"status":201,"sighting":' + told.answer + b"}"
    return b'{"status":%d,"problem":%b}' % (told.status_code, bytes(told.body))
