"""The table of routes -> the OpenAPI document: the models that serve are the models described."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from inspect import Parameter, Signature
from typing import Annotated, Any, cast

from fastapi import Header, Query
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from plate_match.hotlist import Purpose
from service.api.admission import LONGEST_INCIDENT
from service.api.exchange import LONGEST_KEY
from service.api.problem import MEDIA_TYPE, Problem
from service.api.route import Route
from service.api.wire import described_models

PURPOSE = Annotated[Purpose | None, Header(description="What this is for.")]
INCIDENT = Annotated[str | None, Header(max_length=LONGEST_INCIDENT)]
PAGE_LENGTH = Annotated[int, Query(ge=1, le=200)]
OF_EVERY_BODY = (400, 413, 415)
OF_EVERY_CALLER = (401, 403, 429)
OF_EVERY_ROUTE = (405, 500, 503)


def openapi(routes: Sequence[Route], *, version: str, contact: str) -> dict[str, Any]:
    """Return the OpenAPI document of these routes."""
    document = get_openapi(
        title="plate-match",
        version=version,
        description="Sightings of licence plates in, ranked hits with a probability out.",
        routes=[_described(route) for route in routes],
    )
    document["info"]["contact"] = {"name": "plate-match", "email": contact}
    document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
    _restore_examples(document["components"]["schemas"])
    for route in routes:
        _correct(document["paths"][route.template][route.method.lower()], route)
    return document


def refusals_of(route: Route) -> tuple[int, ...]:
    """Return every status with which a route may refuse."""
    of_body = OF_EVERY_BODY if route.takes else ()
    of_caller = OF_EVERY_CALLER if route.roles is not None else ()
    return tuple(sorted({*of_body, *of_caller, *OF_EVERY_ROUTE, *route.refusals}))


def _described(route: Route) -> APIRoute:
    """Return a route of the framework that is never served, only described."""

    async def endpoint() -> None: ...

    endpoint.__signature__ = _signature(route)  # type: ignore[attr-defined] # read by FastAPI
    endpoint.__doc__ = route.serve.__doc__
    return APIRoute(
        route.template,
        endpoint,
        methods=[route.method],
        name=getattr(route.serve, "__name__", route.template),
        response_model=route.answers,
        status_code=route.status,
        responses={
            status: {"model": Problem, "description": HTTPStatus(status).phrase}
            for status in refusals_of(route)
        },
    )


def _signature(route: Route) -> Signature:
    """Return the parameters of a route: the places in its template, its body, its key."""
    names = [part[1:-1] for part in route.template.split("/") if part.startswith("{")]
    kinds: dict[str, Any] = dict.fromkeys(names, str)
    if route.takes is not None:
        kinds["body"] = route.takes
    parameters = [
        Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind) for name, kind in kinds.items()
    ]
    if route.paged:
        parameters += [
            Parameter("limit", Parameter.KEYWORD_ONLY, annotation=PAGE_LENGTH, default=50),
            Parameter("cursor", Parameter.KEYWORD_ONLY, annotation=str | None, default=None),
        ]
    if route.consults:
        parameters += [
            Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind, default=None)
            for name, kind in (("purpose", PURPOSE), ("incident_reference", INCIDENT))
        ]
    if route.replayable:
        key = Annotated[str | None, Header(min_length=1, max_length=LONGEST_KEY)]
        parameters.append(
            Parameter("idempotency_key", Parameter.KEYWORD_ONLY, annotation=key, default=None)
        )
    return Signature(parameters)


def _restore_examples(schemas: dict[str, Any]) -> None:
    """Put the examples back whole: the framework drops every null, which may be required."""
    for model in described_models():
        extra = cast("dict[str, Any]", model.model_config["json_schema_extra"])
        schemas[model.__name__]["examples"] = extra["examples"]


def _correct(operation: dict[str, Any], route: Route) -> None:
    """Say what the framework does not know: media types, keys, and that 422 is ours."""
    if HTTPStatus.UNPROCESSABLE_ENTITY not in refusals_of(route):
        operation["responses"].pop("422", None)
    if route.roles is not None:
        operation["security"] = [{"key": []}]
    if route.parts:
        operation["requestBody"] = _multipart(route.parts)
    if route.answers is None:
        operation["responses"]["200"]["content"] = {"text/plain": {"schema": {"type": "string"}}}
    for status, response in operation["responses"].items():
        refused = int(status) >= HTTPStatus.BAD_REQUEST
        if refused:
            response["content"] = {MEDIA_TYPE: _schema(response)}
        told = _headers(route, int(status), refused=refused)
        if told:
            response["headers"] = {
                name: {"description": said, "schema": {"type": "string"}}
                for name, said in told.items()
            }


def _headers(route: Route, status: int, *, refused: bool) -> dict[str, str]:
    """Return the headers of an answer that say something of their own."""
    told: dict[str, str] = {}
    if route.roles is not None and status != HTTPStatus.UNAUTHORIZED:
        told |= _RATE
    if route.police_data and not refused:
        told["Duty-Of-Secrecy"] = "that it is police data, and secret"
    if route.replayable and not refused:
        told["Idempotency-Replayed"] = "true where it was answered before under the same key"
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        told["Retry-After"] = "seconds to wait"
    if status == HTTPStatus.UNAUTHORIZED:
        told["WWW-Authenticate"] = "Bearer"
    return told


_RATE = {
    "RateLimit-Limit": "requests a minute that are taken of this key",
    "RateLimit-Remaining": "how many of them are left",
    "RateLimit-Reset": "seconds until there is one more",
}


def _multipart(parts: Sequence[str]) -> dict[str, Any]:
    part = {"type": "string", "format": "binary"}
    schema = {"type": "object", "properties": dict.fromkeys(parts, part), "required": [parts[0]]}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def _schema(response: Mapping[str, Any]) -> object:
    return next(iter(response["content"].values()))
