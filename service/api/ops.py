"""GET /livez, /readyz, /metrics: for whoever runs the service; bind them to an inner address."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from service.api.exchange import json_response
from service.api.wire import Wire, example
from service.metrics import CONTENT_TYPE
from service.state import State


class Health(Wire):
    """Says that the service is well."""

    model_config = example({"status": "ready"})

    status: str


async def get_livez(_: State, __: Request) -> Response:
    """The process answers."""
    return json_response(b'{"status":"alive"}')


async def get_readyz(state: State, _: Request) -> Response:
    """A hotlist is in force and everything needed to answer a sighting is alive."""
    state.hotlist_status.hotlist()
    await asyncio.gather(*(ping() for ping in state.pings))
    return json_response(b'{"status":"ready"}')


async def get_metrics(state: State, _: Request) -> Response:
    """Metrics in the text format of Prometheus."""
    text = await asyncio.to_thread(state.metrics.exposition)
    return Response(text, headers={"Content-Type": CONTENT_TYPE})
