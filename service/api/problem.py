"""The problem document (RFC 9457): the one form in which anything is refused."""

from collections.abc import Mapping, Sequence

import orjson
from pydantic.config import JsonDict
from starlette.responses import Response

from service.api.wire import Wire, example
from service.errors import Fault

MEDIA_TYPE = "application/problem+json"
MOST_FAULTS = 1000
"""A body of one mebibyte can hold a hundred thousand faults; nobody reads on."""


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


def problem(
    slug: str, title: str, status: int, *, detail: str, faults: Sequence[Fault] = ()
) -> dict[str, object]:
    """Return a problem document."""
    errors = [
        {"pointer": fault.pointer, "code": fault.code, "message": fault.message}
        for fault in faults[:MOST_FAULTS]
    ]
    return {
        "type": f"urn:plate-match:{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": errors,
    }


def problem_response(
    document: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Response:
    """Return a problem document as a response, with its own status."""
    status = document["status"]
    assert isinstance(status, int)  # noqa: S101 - `problem` puts it there
    return Response(orjson.dumps(document), status, dict(headers or {}), MEDIA_TYPE)
