"""State -> the ASGI application: the framework with our routes in it, and the edge around it."""

import orjson
from fastapi import FastAPI
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route as FrameworkRoute

from service.api.describe import openapi
from service.api.edge import API_VERSION, CLIENT_LEFT, Edge
from service.api.errors import response_of
from service.api.exchange import json_response
from service.api.route import Route, RouteTable
from service.api.routes import ROUTES
from service.logs import RequestLog
from service.state import State


def application(state: State, log: RequestLog | None = None) -> Edge:
    """Return everything that is served, over a state that somebody else opens and closes."""
    document = orjson.dumps(openapi(ROUTES, version=API_VERSION, contact=state.contact))

    async def get_openapi(_: State, __: Request) -> Response:
        return json_response(document)

    description = Route(
        method="GET", template="/v1/openapi.json", serve=get_openapi, roles=None, answers=None
    )
    routes = (*ROUTES, description)
    framework = FastAPI(
        routes=[_served(route, state) for route in routes],
        openapi_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    framework.router.redirect_slashes = False
    return Edge(framework, RouteTable(routes), state=state, log=log or RequestLog())


def _served(route: Route, state: State) -> FrameworkRoute:
    """Return a plain Starlette route: FastAPI's own take twice the time of a whole request."""

    async def endpoint(request: Request) -> Response:
        try:
            return await route.serve(state, request)
        except ClientDisconnect:
            return Response(status_code=CLIENT_LEFT)
        except Exception as error:  # noqa: BLE001 - the table of errors knows them all
            return response_of(error)

    return FrameworkRoute(route.template, endpoint, methods=[route.method])
