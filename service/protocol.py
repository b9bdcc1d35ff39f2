"""The HTTP protocol of the server, with problem documents for what no application ever sees."""

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from service.api.edge import STANDING_HEADERS
from service.api.errors import MalformedRequest, response_of


class Protocol(HttpToolsProtocol):
    """Refuses what is not HTTP, or ends in two places at once, and closes the connection."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the signature is the server's
        """Answer with a problem document instead of a line of text."""
        response = response_of(MalformedRequest())
        headers = [*response.raw_headers, *STANDING_HEADERS]
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(STATUS_LINE[response.status_code] + lines + b"\r\n" + response.body)
        self.transport.close()
