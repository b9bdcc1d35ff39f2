"""The HTTP protocol of the server, with problem documents for what no application ever sees."""

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from service import clock, ids
from service.api.edge import STANDING_HEADERS
from service.api.errors import HeadersTooLarge, MalformedRequest, response_of
from service.logs import RequestLog

LARGEST_HEAD = 1 << 16
"""Bytes of URL and headers, and of what trails a chunked body."""


class Protocol(HttpToolsProtocol):
    """Refuses what is not HTTP, ends in two places at once, or has headers without an end.

    The connection is closed then.
    """

    _head = 0  # bytes of URL and headers of this message, as far as the parser told of them
    _untold = 0  # bytes since it last told of anything: a header that has not ended yet
    _silent = True
    _too_large = False

    def data_received(self, data: bytes) -> None:
        """Parse what has come."""
        self._silent = True
        super().data_received(data)
        self._untold = self._untold + len(data) if self._silent else 0
        if self._head + self._untold > LARGEST_HEAD and not self.transport.is_closing():
            self._too_large = True
            self.send_400_response("")

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._silent = False
        self._head = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take a part of the URL."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or what trails a chunked body."""
        self._count(len(name) + len(value) + len(": \r\n"))
        super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, which the edge bounds."""
        self._silent = False
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the signature is the server's
        """Answer with a problem document instead of a line of text, and log it like all others."""
        response = response_of(HeadersTooLarge() if self._too_large else MalformedRequest())
        request_id = _logged(response.status_code)
        of_request = (b"x-request-id", request_id.encode())
        headers = [*response.raw_headers, *STANDING_HEADERS, of_request]
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(STATUS_LINE[response.status_code] + lines + b"\r\n" + response.body)
        self.transport.close()

    def _count(self, size: int) -> None:
        """Count, and stop the parser by an error where that is too much."""
        self._silent = False
        self._head += size
        if self._head > LARGEST_HEAD:
            self._too_large = True
            raise HeadersTooLarge


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
