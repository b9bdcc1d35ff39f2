"""The problem document (RFC 9457): the one form in which anything is refused."""

from collections.abc import Mapping

import orjson
from pydantic.config import JsonDict
from starlette.responses import Response

from service.api.wire import Wire, example

MEDIA_TYPE = "application/problem+json"

_FAULT: JsonDict = {"pointer": "/seenAt", "code": "too-late", "message": "At most 7 days ago"}
PROBLEM_EXAMPLE: JsonDict = {
    "type": "urn:plate-match:invalid-request",
    "title": "The request has faults",
    "status": 400,
    "detail": "Each is named in errors.",
    "errors": [_FAULT],
}


class FaultDocument(Wire):
    """One fault of a request."""

    model_config = example(_FAULT)

    pointer: str
    code: str
    message: str


class Problem(Wire):
    """Why a request was refused; every fault of it is in `errors`."""

    model_config = example(PROBLEM_EXAMPLE)

    type: str
    title: str
    status: int
    detail: str
    errors: list[FaultDocument]


def problem_response(
    document: Mapping[str, object], status: int, headers: Mapping[str, str]
) -> Response:
    """Return a problem document as a response."""
    return Response(orjson.dumps(document), status, dict(headers), MEDIA_TYPE)
