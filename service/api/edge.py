"""The edge: one ASGI wrapper around the application, through which every request passes.

In this order: is there such a route, who is calling, how often, may they, what for, how large is
the body, is it JSON, where does it end. Then the application; on the way out the headers of every
answer, one line in the log and one observation in the metrics, none of which holds what was sent.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from time import perf_counter

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import clock, ids
from service.api.admission import admitted, identified
from service.api.errors import (
    BodyTooLarge,
    MalformedRequest,
    NotJson,
    Stopping,
    TookTooLong,
    response_of,
)
from service.api.evenly import Wait, at_once, even_steps
from service.api.exchange import CALLER, FURTHER
from service.api.route import Route, RouteTable
from service.errors import TooManyRequests
from service.limit_ports import Rate
from service.logs import RequestLog
from service.records import Caller
from service.state import State

API_VERSION = "1.0.0"
LARGEST_BODY = 1 << 20
LET_PASS_BYTES = 16 << 20
LET_PASS_SECONDS = 2.0
ANSWER_SECONDS = 30.0
"""That an answer may take, once the request is there; an upload takes as long as it comes."""

STANDING_HEADERS = (
    (b"api-version", API_VERSION.encode()),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
"""On every answer: those of the Dutch API design rules, and of OWASP for what is never a page."""

SECRECY = (b"duty-of-secrecy", b"Police data: secret by article 7(2) Wet politiegegevens")
"""On every answer of a route that can hold police data, whether this one does or not; a refusal
holds none."""

CLIENT_LEFT = 499
"""What log and metrics say of a request whose client went away; nobody is left to read it."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class ClientLeft(Exception):
    """The client went away before its body was whole; nobody is left to answer."""


@dataclass(slots=True)
class _Exchange:
    """One request on its way: what becomes known of it, for headers, log and metrics."""

    scope: Scope
    transmit: Send
    request_id: str
    started: float = field(default_factory=perf_counter)
    route: Route | None = None
    caller: Caller | None = None
    rate: Rate | None = None
    step_ends: Wait = at_once
    status: int | None = None

    async def send(self, message: Message) -> None:
        """Send on, with the headers of every answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.route is None or not self.route.even or self.status >= HTTPStatus.BAD_REQUEST:
                await self.step_ends()
            of_request = (b"x-request-id", self.request_id.encode())
            sent, rate = message.get("headers", ()), _rate_headers(self.rate)
            headers = [*sent, *STANDING_HEADERS, *rate, of_request]
            taken = self.status < HTTPStatus.BAD_REQUEST
            if taken and self.route is not None and self.route.police_data:
                headers.append(SECRECY)
            message = {**message, "headers": headers}
        await self.transmit(message)


class Edge:
    """Lets requests in to the application, and tells of every one."""

    def __init__(
        self, application: ASGIApp, table: RouteTable, *, state: State, log: RequestLog
    ) -> None:
        self._application = application
        self._table = table
        self._state = state
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        exchange = _Exchange(scope, send, ids.to_text(ids.scattered_id(self._state.now())))
        try:
            await self._serve(exchange, receive)
        except ClientLeft:
            exchange.status = CLIENT_LEFT
        except asyncio.CancelledError:
            await self._refuse(exchange, receive, Stopping())
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is answered and logged
            await self._refuse(exchange, receive, error)
        finally:
            self._tell(exchange)

    async def _serve(self, exchange: _Exchange, receive: Receive) -> None:
        scope = exchange.scope
        headers = Headers(scope=scope)
        route = exchange.route = self._table.find(scope["method"], scope["path"])
        if route.roles is not None:
            exchange.caller = caller = await identified(self._state, route, headers)
            exchange.step_ends = even_steps(needed=self._state.report_sighting.hides_from(caller))
            rate = self._take(exchange, caller)
            if rate is not None and not rate.taken:
                raise TooManyRequests(rate.seconds)
            scope[FURTHER] = partial(self._take, exchange, caller)
            scope[CALLER] = await admitted(self._state, route, caller, headers=headers)
        if route.takes is not None:
            receive = _once(await _whole_body(headers, receive), receive)
            _refuse_other_media(headers)
        if "content-length" in headers and "transfer-encoding" in headers:
            raise MalformedRequest
        try:
            async with asyncio.timeout(None if route.parts else ANSWER_SECONDS):
                await self._application(scope, receive, exchange.send)
        except TimeoutError:
            raise TookTooLong from None

    def _take(self, exchange: _Exchange, caller: Caller, times: int = 1) -> Rate | None:
        exchange.rate = self._state.rates.take(caller.credential, times)
        return exchange.rate

    async def _refuse(self, exchange: _Exchange, receive: Receive, error: Exception) -> None:
        response = response_of(error)
        if exchange.status is None:
            await response(exchange.scope, receive, exchange.send)

    def _tell(self, exchange: _Exchange) -> None:
        seconds = perf_counter() - exchange.started
        scope, status = exchange.scope, exchange.status or 500
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = "unknown" if exchange.route is None else exchange.route.template
        self._state.metrics.request(method, route, status=status, seconds=seconds)
        self._log.add(
            {
                "at": clock.to_text(self._state.now()),
                "level": "info",
                "logger": "service.request",
                "method": method,
                "route": route,
                "status": status,
                "durationMs": round(1000 * seconds, 3),
                "requestId": exchange.request_id,
                "credential": None if exchange.caller is None else exchange.caller.credential,
            }
        )


def _rate_headers(rate: Rate | None) -> list[tuple[bytes, bytes]]:
    """Return the headers that tell a caller how many requests are left; of requests alone."""
    if rate is None:
        return []
    return [
        (b"ratelimit-limit", b"%d" % rate.limit),
        (b"ratelimit-remaining", b"%d" % rate.remaining),
        (b"ratelimit-reset", b"%d" % rate.seconds),
    ]


async def _whole_body(headers: Headers, receive: Receive) -> bytes:
    """Return the body, however it comes.

    Raises:
        BodyTooLarge: it is over the limit, or says it will be.
        ClientLeft: it will never be whole.
    """
    announced = headers.get("content-length", "0")
    too_large = announced.isdecimal() and int(announced) > LARGEST_BODY
    body = bytearray()
    more = True
    while more and not too_large:
        part, more = await _part(receive)
        body += part
        too_large = len(body) > LARGEST_BODY
    if too_large:
        await _let_pass(receive, more=more)
        raise BodyTooLarge
    return bytes(body)


async def _part(receive: Receive) -> tuple[bytes, bool]:
    """Return the next part of a body, and whether there is more."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientLeft
    return message.get("body", b""), message.get("more_body", False)


async def _let_pass(receive: Receive, *, more: bool) -> None:
    """Let the rest of a body pass unread, within bounds.

    A client that still sends while its connection is closed may never see the answer.
    """
    passed = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(LET_PASS_SECONDS):
            while more and passed < LET_PASS_BYTES:
                part, more = await _part(receive)
                passed += len(part)


def _refuse_other_media(headers: Headers) -> None:
    media = [one.partition(";")[0].strip().lower() for one in headers.getlist("content-type")]
    codings = {one.strip().lower() for one in headers.getlist("content-encoding")}
    if media != ["application/json"] or not codings <= {"identity"}:
        raise NotJson


def _once(body: bytes, receive: Receive) -> Receive:
    """Return a receive that gives the whole body, and then what the client does next."""
    waiting = [body]

    async def replay() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replay
