"""POST and GET /v1/feeds/{feed}/files and GET /v1/feeds/{feed}/files/{id}."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, BinaryIO, Literal

import orjson
from pydantic import Field
from pydantic.config import JsonDict
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from service import clock, ids
from service.api.errors import BodyTooLarge, NotMultipart
from service.api.exchange import caller_of, json_response, paging
from service.api.wire import Moment, Wire, example
from service.errors import Fault, InvalidRequest, NotThere
from service.feed_records import FeedFile
from service.state import State
from service.usecases.feed_files import HANDED_IN

LARGEST_FILE = 1 << 30
"""Bytes of an upload."""

DEFAULT_LIMIT, LONGEST_PAGE = 50, 200

PARTS = ("file", "manifest", "signature")

Count = Annotated[int, Field(ge=0)]

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
    "kind": "full",
    "sequence": 42,
    "producedAt": "2026-11-24T20:55:00Z",
    "overridden": None,
}


class Reject(Wire):
    """A row that was not taken, and why."""

    model_config = example(_REJECT)

    row: Annotated[int, Field(ge=1)]
    reason: str


class FeedFileShown(Wire):
    """A file of a feed as it stands in the history.

    `rejects` holds the first thousand, `rejected` counts them all. `refused` is why the whole
    file changed nothing, `overridden` why it would have but for two people; null if nothing was.
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
    kind: str
    sequence: int | None
    produced_at: Moment | None
    overridden: str | None


class FeedFilePage(Wire):
    """Files of a feed, newest first; `next` is the cursor of the next page, null at the end."""

    model_config = example({"items": [_FILE], "next": None})

    items: list[FeedFileShown]
    next: str | None


class HandedIn(Wire):
    """A file that is to be loaded; `Location` says where to ask what became of it."""

    model_config = example({"id": "0d5yqz4f00000", "feed": "synthetic", "status": "waiting"})

    id: str
    feed: str
    status: Literal["waiting"]


async def post_feed_file(state: State, request: Request) -> Response:
    """Hand in a file of a feed: parts `file` and, if it has them, `manifest` and `signature`.

    It is loaded by another process; 409 while one of this feed is.
    """
    caller, feed = caller_of(request), request.path_params["feed"]
    await state.feed_files.refuse_another(caller, feed, wanted=HANDED_IN)
    async with _parts(request) as parts:
        id_ = ids.to_text(await state.feed_files.hand_in(caller, feed, parts))
    location = {"Location": f"/v1/feeds/{feed}/files/{id_}"}
    return json_response(_waiting(feed, id_), 202, location)


async def get_feed_files(state: State, request: Request) -> Response:
    """The history of a feed: every file, accepted or refused, newest first."""
    limit, cursor = paging(request)
    await state.feed_files.refuse_another(caller_of(request), request.path_params["feed"])
    page = await asyncio.to_thread(
        state.feed_files.files,
        caller_of(request),
        request.path_params["feed"],
        limit=limit,
        cursor=cursor,
    )
    items = [_file(file) for file in page.files]
    return _told(FeedFilePage.model_construct(items=items, next=page.next))


async def get_feed_file(state: State, request: Request) -> Response:
    """One file of a feed, accepted or refused, with what was wrong with its rows.

    202 while it waits or is being loaded.
    """
    number = ids.from_text(request.path_params["id"])
    if number is None:
        raise NotThere
    feed = request.path_params["feed"]
    await state.feed_files.refuse_another(caller_of(request), feed)
    if await asyncio.to_thread(state.feed_files.is_waiting, caller_of(request), feed, number):
        return json_response(_waiting(feed, request.path_params["id"]), 202)
    return _told(_file(await asyncio.to_thread(state.hotlist_status.file, feed, number)))


def _waiting(feed: str, id_: str) -> bytes:
    return orjson.dumps({"id": id_, "feed": feed, "status": "waiting"})


@asynccontextmanager
async def _parts(request: Request) -> AsyncIterator[Mapping[str, BinaryIO]]:
    """Open the parts of a body, which lie on disk where they are long.

    Raises:
        NotMultipart: it is something else.
        InvalidRequest: a part is missing, there twice, or none of ours.
        BodyTooLarge: it is longer than any feed file.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if media != "multipart/form-data" or coding != "identity":
        raise NotMultipart
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > LARGEST_FILE:
        raise BodyTooLarge
    parser = MultiPartParser(
        request.headers, _bounded(request.stream()), max_files=len(PARTS), max_fields=0
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:
        detail = error.message if isinstance(error, MultiPartException) else "It has no boundary"
        raise InvalidRequest([Fault("", "broken-multipart", detail)]) from None
    try:
        sent = form.multi_items()
        faults = _faults([name for name, _ in sent])
        if faults:
            raise InvalidRequest(faults)
        yield {name: part.file for name, part in sent if isinstance(part, UploadFile)}
    finally:
        await form.close()


def _faults(sent: Sequence[str]) -> list[Fault]:
    faults = [
        Fault(f"/{name}", "repeated-name", "Send each part once")
        for name in PARTS
        if sent.count(name) > 1
    ]
    if PARTS[0] not in sent:
        faults.append(Fault("/file", "missing", "Send the feed file as the part file"))
    if not set(sent) <= set(PARTS):
        faults.append(Fault("", "unknown-field", f"Send no other parts than {', '.join(PARTS)}"))
    return faults


async def _bounded(stream: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    passed = 0
    async for piece in stream:
        passed += len(piece)
        if passed > LARGEST_FILE:
            raise BodyTooLarge
        yield piece


def _told(answer: Wire) -> Response:
    return json_response(answer.model_dump_json(by_alias=True).encode())


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
        kind=file.kind,
        sequence=file.sequence,
        produced_at=None if file.produced_at is None else clock.to_datetime(file.produced_at),
        overridden=file.overridden,
    )
