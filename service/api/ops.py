"""GET /livez, /readyz, /metrics: for whoever runs the service; bind them to an inner address."""

import asyncio
from contextlib import suppress

import orjson
from starlette.requests import Request
from starlette.responses import Response

from service import clock
from service.api.exchange import json_response
from service.api.wire import Wire, example
from service.errors import StaleHotlist
from service.metrics import CONTENT_TYPE
from service.ports import StorageUnavailable
from service.state import State


class Health(Wire):
    """Says that the service is well."""

    model_config = example({"status": "ready"})

    status: str


class Readiness(Wire):
    """Says that sightings are answered, and whether the hotlist is older than declared."""

    model_config = example({"status": "ready", "stale": False})

    status: str
    stale: bool


async def get_livez(_: State, __: Request) -> Response:
    """The process answers."""
    return json_response(b'{"status":"alive"}')


async def get_readyz(state: State, _: Request) -> Response:
    """A hotlist is in force and everything needed to answer a sighting is alive.

    Whether a stale one counts is a setting.
    """
    stale = state.hotlist_status.hotlist().stale(clock.to_datetime(state.now()))
    if stale and not state.ready_when_stale:
        raise StaleHotlist
    await asyncio.gather(*(ping() for ping in state.pings))
    return json_response(orjson.dumps({"status": "ready", "stale": stale}))


async def get_metrics(state: State, _: Request) -> Response:
    """Metrics in the text format of Prometheus."""
    text = await asyncio.to_thread(_exposition, state)
    return Response(text, headers={"Content-Type": CONTENT_TYPE})


def _exposition(state: State) -> bytes:
    """Ask what has to be asked at scrape time; a scrape never fails for want of the database."""
    with suppress(StorageUnavailable):
        state.metrics.feed_files(feed.file for feed in state.hotlist_status.feeds())
    return state.metrics.exposition()
