"""GET /v1/hotlist and GET /v1/feeds: what is in force."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from pydantic.config import JsonDict
from starlette.requests import Request
from starlette.responses import Response

from plate_match import kernel
from plate_match.audience import Audience
from service import clock, ids
from service.api.exchange import caller_of, json_response
from service.api.wire import Moment, Wire, example
from service.current import FeedInForce, known_to
from service.disclosure import audience_of
from service.errors import NotThere
from service.records import Caller
from service.state import State
from service.usecases.hotlist_status import FeedStatus

Count = Annotated[int, Field(ge=0)]

_FEED: JsonDict = {
    "name": "synthetic",
    "acceptedAt": "2026-11-24T21:00:00Z",
    "entries": 10000,
    "stale": False,
}
_STATUS: JsonDict = {
    "name": "synthetic",
    "acceptedAt": "2026-11-24T20:59:58Z",
    "entries": 10000,
    "rejected": 1,
    "version": "20261124T210000000000Z-1f0c27aa81b4d6e3",
    "inForce": True,
    "stale": False,
    "file": "0d5yqz4f00000",
}


class FeedShown(Wire):
    """A feed in force."""

    model_config = example(_FEED)

    name: str
    accepted_at: Moment
    entries: Count
    stale: bool


class HotlistShown(Wire):
    """The hotlist in force. `kernel` says which search is in use.

    While it is `frozen` nothing of it is disclosed; sightings are taken.
    """

    model_config = example(
        {
            "version": "20261124T210000000000Z-1f0c27aa81b4d6e3",
            "builtAt": "2026-11-24T21:00:01Z",
            "stale": False,
            "entries": 10000,
            "kernel": "native-avx512",
            "frozen": False,
            "feeds": [_FEED],
        }
    )

    version: str
    built_at: Moment
    stale: bool
    entries: Count
    kernel: str
    frozen: bool
    feeds: list[FeedShown]


class FeedStatusShown(Wire):
    """A feed by its newest accepted file; `inForce` once this process serves its entries."""

    model_config = example(_STATUS)

    name: str
    accepted_at: Moment
    entries: Count
    rejected: Count
    version: str | None
    in_force: bool
    stale: bool
    file: str


class FeedPage(Wire):
    """All feeds, by name; they always fit one page."""

    model_config = example({"items": [_STATUS], "next": None})

    items: list[FeedStatusShown]
    next: None


async def get_hotlist(state: State, request: Request) -> Response:
    """Which hotlist is in force, since when, from which feeds.

    Guards and managers are told of what the guards of their firm may know of.
    """
    snapshot, audience = state.hotlist_status.hotlist(), audience_of(caller_of(request))
    now = state.now()
    return _told(
        HotlistShown.model_construct(
            version=snapshot.version,
            built_at=snapshot.built_at,
            stale=snapshot.stale(clock.to_datetime(now), audience),
            entries=known_to(audience, snapshot.counts),
            kernel=kernel.name(),
            frozen=state.hotlist_status.current.frozen,
            feeds=[_in_force(feed, now, audience) for feed in snapshot.feeds_of(audience)],
        )
    )


async def get_feeds(state: State, request: Request) -> Response:
    """Every feed with its newest accepted file; who keeps feeds sees its own."""
    feeds = await asyncio.to_thread(_visible, state, caller_of(request))
    items = [_status(feed, state.now()) for feed in feeds]
    return _told(FeedPage.model_construct(items=items, next=None))


def _visible(state: State, caller: Caller) -> Sequence[FeedStatus]:
    return [feed for feed in state.hotlist_status.feeds() if _is_own(state, caller, feed.name)]


def _is_own(state: State, caller: Caller, feed: str) -> bool:
    try:
        state.feed_files.require_own(caller, feed)
    except NotThere:
        return False
    return True


def _told(answer: Wire) -> Response:
    return json_response(answer.model_dump_json(by_alias=True).encode())


def _in_force(feed: FeedInForce, now: int, audience: Audience) -> FeedShown:
    return FeedShown.model_construct(
        name=feed.name,
        accepted_at=feed.accepted_at,
        entries=known_to(audience, feed.counts),
        stale=feed.stale(clock.to_datetime(now)),
    )


def _status(feed: FeedStatus, now: int) -> FeedStatusShown:
    in_force = feed.in_force
    return FeedStatusShown.model_construct(
        name=feed.name,
        accepted_at=clock.to_datetime(feed.file.received_at),
        entries=feed.file.accepted,
        rejected=feed.file.rejected,
        version=feed.file.version,
        in_force=in_force is not None,
        stale=in_force is not None and in_force.stale(clock.to_datetime(now)),
        file=ids.to_text(feed.file.id),
    )
