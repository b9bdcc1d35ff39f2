"""The HTTP protocol of the server: bounds, and problem documents for what no application sees.

The server bounds neither what a head may hold nor how long anything may take, but for the pause
between two requests; this does.
"""

import asyncio
import logging
from enum import Enum

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from service import clock, ids
from service.api.edge import STANDING_HEADERS
from service.api.errors import (
    HeadersTooLarge,
    MalformedRequest,
    Refusal,
    TooManyConnections,
    TooSlow,
    UrlTooLong,
    response_of,
)
from service.limits import Limits
from service.logs import RequestLog

LARGEST_HEAD = 1 << 16
"""Bytes of URL and headers, and of what trails a chunked body."""

MOST_HEADERS = 200
LONGEST_URL = 1 << 13

_LOGGER = logging.getLogger("service.server")


class _Awaited(Enum):
    """What the client is to send next."""

    HEAD = 1
    BODY = 2
    NOTHING = 3


class Protocol(HttpToolsProtocol):
    """Refuses what is not HTTP, ends in two places at once, has no end, or comes too slowly.

    The connection is closed then. Nothing that a header says of where a request came from is
    believed, or used.
    """

    limits = Limits()

    _head = 0  # bytes of URL and headers of this message, as far as the parser told of them
    _count = 0  # its headers
    _untold = 0  # bytes since it last told of anything: a header that has not ended yet
    _silent = True
    _asked = False  # anything at all, on this connection
    _running: RequestResponseCycle | None = None  # the oldest of several sent at once
    _refusal: Refusal | None = None
    _awaited = _Awaited.HEAD
    _due: float | None = None  # when what is awaited is too late
    _timer: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server's own
        """Take a connection, if it is one to take."""
        super().connection_made(transport)
        if self.client is not None and not self.limits.admits(self.client[0]):
            _LOGGER.warning("refused a connection from %s, no trusted proxy", self.client[0])
            transport.abort()
        elif len(self.connections) > self.limits.connections:
            self._refuse(TooManyConnections())
        else:
            self._watch(0)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go."""
        super().connection_lost(exc)
        if self._running is not None:
            self._running.disconnected = True
            self._running.message_event.set()
        self._due = None
        for timer in (self._timer, self._stuck):
            if timer is not None:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Parse what has come."""
        self._silent = True
        super().data_received(data)
        self._untold = self._untold + len(data) if self._silent else 0
        if self._head + self._untold > LARGEST_HEAD and not self.transport.is_closing():
            self._refuse(HeadersTooLarge())
        if self._silent and self._asked and self.cycle.response_complete:
            self._awaited = _Awaited.HEAD  # an empty line between two requests
        self._watch(len(data))

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._await(_Awaited.HEAD)
        self._head = self._count = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take a part of the URL."""
        self._silent = False
        self._head += len(url)
        super().on_url(url)
        if self._head > LONGEST_URL:
            self._stop(UrlTooLong())

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what trails a chunked body is counted, and is none."""
        self._silent = False
        self._head += len(name) + len(value) + 4  # ": " and the end of its line
        self._count += 1
        if self._head > LARGEST_HEAD or self._count > MOST_HEADERS:
            self._stop(HeadersTooLarge())
        if name.lower() == b"transfer-encoding" and value.strip().lower() != b"chunked":
            self._stop(MalformedRequest())
        if self._awaited is _Awaited.HEAD:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Serve the request; its body is still to come.

        After a wish for another protocol the parser takes a body for the next request.
        """
        if self.parser.should_upgrade():
            self._stop(MalformedRequest())
        super().on_headers_complete()
        self._asked = True
        self._await(_Awaited.BODY)

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, which the edge bounds."""
        self._silent = False
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for nothing more."""
        self._await(_Awaited.NOTHING)
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Serve a request, of which the server itself forgets all but the newest."""
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """Go on to the next request, or see to it that the last answer leaves."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._leave()

    def pause_writing(self) -> None:
        """Wait for a client that does not read its answer, but not for ever."""
        super().pause_writing()
        self._leave()

    def resume_writing(self) -> None:
        """Go on writing."""
        super().resume_writing()
        if self._stuck is not None and not self.transport.is_closing():
            self._stuck.cancel()
            self._stuck = None

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that is not used."""
        super().timeout_keep_alive_handler()
        self._leave()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the signature is the server's
        """Answer what the parser stopped at."""
        self._refuse(self._refusal or MalformedRequest())

    def _refuse(self, refusal: Refusal) -> None:
        """Answer with a problem document instead of a line of text, and log it like all others."""
        response = response_of(refusal)
        request_id = _logged(response.status_code)
        of_request = (b"x-request-id", request_id.encode())
        dated = self.server_state.default_headers
        headers = [*dated, *response.raw_headers, *STANDING_HEADERS, of_request]
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(STATUS_LINE[response.status_code] + lines + b"\r\n" + response.body)
        self.transport.close()
        self._leave()
        if self._asked:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def _stop(self, refusal: Refusal) -> None:
        """Stop the parser, which knows only that something was raised."""
        self._refusal = refusal
        raise refusal

    def _await(self, awaited: _Awaited) -> None:
        self._silent = False
        self._awaited = awaited
        self._due = None

    def _watch(self, size: int) -> None:
        """See to it that what is awaited comes in time, now that some bytes have come.

        A request that came as a whole needs no timer.
        """
        if self._awaited is _Awaited.NOTHING or self.transport.is_closing():
            self._due = None
        elif self._due is not None:
            self._due += size / self.limits.least_rate if self._awaited is _Awaited.BODY else 0
        else:
            of_head = self._awaited is _Awaited.HEAD
            seconds = self.limits.head_seconds if of_head else self.limits.body_seconds
            self._due = self.loop.time() + seconds
            self._arm(self._due)

    def _arm(self, due: float) -> None:
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = self.loop.call_at(due, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._due is None or self.transport.is_closing():
            return
        if self.loop.time() < self._due:
            self._arm(self._due)
        elif self._can_be_told():
            self._refuse(TooSlow())
        else:
            self.transport.abort()

    def _can_be_told(self) -> bool:
        """Whether a client that is late has begun a request that nothing was answered to."""
        if self._awaited is _Awaited.BODY:
            return not self.cycle.response_started
        begun = self._head + self._untold > 0
        return begun and (not self._asked or self.cycle.response_complete)

    def _leave(self) -> None:
        """Cut the connection if what was written to it is not taken in time."""
        if self._stuck is None:
            self._stuck = self.loop.call_later(self.limits.stuck_seconds, self.transport.abort)


def protocol_within(limits: Limits) -> type[Protocol]:
    """Return the protocol with limits of its own."""
    return type("Limited", (Protocol,), {"limits": limits})


def _logged(status: int) -> str:
    """Log a request of which nothing is known, and return its id."""
    now = clock.now()
    request_id = ids.to_text(ids.new_id(now))
    RequestLog().add(
        {
            "at": clock.to_text(now),
            "level": "info",
            "logger": "service.request",
            "method": "OTHER",
            "route": "unknown",
            "status": status,
            "requestId": request_id,
            "credential": None,
        }
    )
    return request_id
