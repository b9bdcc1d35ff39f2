"""GET /v1/hotlist, GET /v1/feeds and GET /v1/feeds/{feed}/files/{id}: what is in force."""

import asyncio
from typing import Annotated

from pydantic import Field
from pydantic.config import JsonDict
from starlette.requests import Request
from starlette.responses import Response

from plate_match import kernel
from service import clock, ids
from service.api.exchange import json_response
from service.api.wire import Moment, Wire, example
from service.current import FeedInForce
from service.errors import NotThere
from service.feed_records import FeedFile
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
_REJECT: JsonDict = {"row": 17, "reason": "validUntil: has passed"}
_FILE: JsonDict = {
    "id": "0d5yqz4f00000",
    "feed": "synthetic",
    "receivedAt": "2026-11-24T20:59:58Z",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "format": "csv",
    "rows": 10001,
    "accepted": 10000,
    "rejected": 1,
    "rejects": [_REJECT],
    "added": 12,
    "changed": 3,
    "withdrawn": 5,
    "version": "20261124T210000000000Z-1f0c27aa81b4d6e3",
    "refused": None,
}


class FeedShown(Wire):
    """A feed in force."""

    model_config = example(_FEED)

    name: str
    accepted_at: Moment
    entries: Count
    stale: bool


class HotlistShown(Wire):
    """The hotlist in force. `kernel` says which search is in use."""

    model_config = example(
        {
            "version": "20261124T210000000000Z-1f0c27aa81b4d6e3",
            "builtAt": "2026-11-24T21:00:01Z",
            "stale": False,
            "entries": 10000,
            "kernel": "native-avx512",
            "feeds": [_FEED],
        }
    )

    version: str
    built_at: Moment
    stale: bool
    entries: Count
    kernel: str
    feeds: list[FeedShown]


class Reject(Wire):
    """A row that was not taken, and why."""

    model_config = example(_REJECT)

    row: Annotated[int, Field(ge=1)]
    reason: str


class FeedFileShown(Wire):
    """A file of a feed as it stands in the history.

    `rejects` holds the first thousand, `rejected` counts them all. `refused` is why the whole
    file changed nothing; null if it was accepted.
    """

    model_config = example(_FILE)

    id: str
    feed: str
    received_at: Moment
    sha256: str
    format: str
    rows: Count
    accepted: Count
    rejected: Count
    rejects: list[Reject]
    added: Count
    changed: Count
    withdrawn: Count
    version: str | None
    refused: str | None


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


async def get_hotlist(state: State, _: Request) -> Response:
    """Which hotlist is in force, since when, from which feeds."""
    snapshot = state.hotlist_status.hotlist()
    now = state.now()
    return _told(
        HotlistShown.model_construct(
            version=snapshot.version,
            built_at=snapshot.built_at,
            stale=snapshot.stale(clock.to_datetime(now)),
            entries=snapshot.entries,
            kernel=kernel.name(),
            feeds=[_in_force(feed, now) for feed in snapshot.feeds],
        )
    )


async def get_feeds(state: State, _: Request) -> Response:
    """Every feed with its newest accepted file."""
    feeds = await asyncio.to_thread(state.hotlist_status.feeds)
    items = [_status(feed, state.now()) for feed in feeds]
    return _told(FeedPage.model_construct(items=items, next=None))


async def get_feed_file(state: State, request: Request) -> Response:
    """One file of a feed, accepted or refused, with what was wrong with its rows."""
    number = ids.from_text(request.path_params["id"])
    if number is None:
        raise NotThere
    feed = request.path_params["feed"]
    return _told(_file(await asyncio.to_thread(state.hotlist_status.file, feed, number)))


def _told(answer: Wire) -> Response:
    return json_response(answer.model_dump_json(by_alias=True).encode())


def _in_force(feed: FeedInForce, now: int) -> FeedShown:
    return FeedShown.model_construct(
        name=feed.name,
        accepted_at=feed.accepted_at,
        entries=feed.entries,
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


def _file(file: FeedFile) -> FeedFileShown:
    return FeedFileShown.model_construct(
        id=ids.to_text(file.id),
        feed=file.feed,
        received_at=clock.to_datetime(file.received_at),
        sha256=file.sha256,
        format=file.format,
        rows=file.rows,
        accepted=file.accepted,
        rejected=file.rejected,
        rejects=[Reject.model_construct(row=row, reason=why) for row, why in file.rejects],
        added=file.added,
        changed=file.changed,
        withdrawn=file.withdrawn,
        version=file.version,
        refused=file.refused,
    )
