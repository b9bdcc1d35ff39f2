"""POST /v1/sightings and GET /v1/sightings/{id}."""

from starlette.requests import Request
from starlette.responses import Response

from service.api.body import read_json
from service.api.evenly import even_steps
from service.api.exchange import caller_of, idempotency_key, json_response
from service.api.sighting_checks import Sent, key_of, report_of, sighting_of, typed_of
from service.state import State
from service.usecases.report_sighting import Reported

REPLAYED = {"Idempotency-Replayed": "true"}


async def post_sighting(state: State, request: Request) -> Response:
    """Report one sighting; it is on record before it is answered."""
    key, faults = idempotency_key(request)
    body = await request.body()
    caller = caller_of(request)
    step_ends = even_steps(needed=state.report_sighting.hides_from(caller))
    reported = await report(state, Sent(caller, read_json(body), body, key, faults))
    await step_ends()
    return json_response(reported.answer, 201, REPLAYED if reported.replayed else None)


async def get_sighting(state: State, request: Request) -> Response:
    """Read a sighting as it was sent, with the answer it was given; guards read their own."""
    return json_response(
        await state.read_history.sighting(caller_of(request), request.path_params["id"])
    )


async def report(state: State, sent: Sent) -> Reported:
    """Report what was sent, or give again what was answered under its key.

    Raises:
        InvalidRequest: names every fault; the key is left unused.
        PurposeRefused: the firm of the caller may not act for this purpose.
        KeyReused, SightingGone, NoSnapshot, StorageUnavailable: as the use case says.
    """
    model = await report_of(state, sent)
    await state.report_sighting.refuse_purpose(sent.caller, model.purpose, typed_of(model))
    key = key_of(sent, model)
    if key is not None:
        replayed = await state.report_sighting.replay(sent.caller, key)
        if replayed is not None:
            return replayed
    sighting = await sighting_of(state, sent.caller, model)
    return await state.report_sighting(sent.caller, sighting, key=key)
