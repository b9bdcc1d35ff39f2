"""Request -> caller, and bytes -> response: what every route needs."""

from collections.abc import Callable, Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response

from service.errors import Fault, InvalidRequest
from service.limit_ports import Rate
from service.records import Caller
from service.usecases.cursors import Page

CALLER = "plate_match.caller"
"""Where in the scope of a request the edge leaves its caller."""

FURTHER = "plate_match.further"
"""Where the edge leaves what counts further requests of the caller."""

LONGEST_KEY = 200

DEFAULT_LIMIT = 50
LONGEST_PAGE = 200


def caller_of(request: Request) -> Caller:
    """Return who is calling; the edge has let them in."""
    caller: Caller = request.scope[CALLER]
    return caller


def take_further(request: Request, times: int) -> Rate | None:
    """Count a request as so many more, as far as there is room; None where there is no limit.

    The headers of the answer tell what is left then.
    """
    further: Callable[[int], Rate | None] = request.scope[FURTHER]
    return further(times)


def json_response(
    body: bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return JSON that is written out already."""
    return Response(body, status, dict(headers or {}), "application/json")


def page_response(page: Page) -> Response:
    """Return a page of documents that are written out already."""
    items = b'{"items":[' + b",".join(page.documents) + b'],"next":'
    return json_response(items + orjson.dumps(page.next) + b"}")


def idempotency_key(request: Request) -> tuple[str | None, list[Fault]]:
    """Return the Idempotency-Key, if there is one, and what is wrong with it."""
    keys = request.headers.getlist("idempotency-key")
    if not keys:
        return None, []
    visible = all("!" <= character <= "~" for character in keys[0])
    if len(keys) == 1 and 1 <= len(keys[0]) <= LONGEST_KEY and visible:
        return keys[0], []
    message = f"Idempotency-Key: give it once, with 1 to {LONGEST_KEY} visible ASCII characters"
    return None, [Fault("", "bad-idempotency-key", message)]


def paging(request: Request) -> tuple[int, str | None]:
    """Return the limit and the cursor in the query of a request.

    Raises:
        InvalidRequest: the limit is none.
    """
    limit = request.query_params.get("limit", str(DEFAULT_LIMIT))
    digits = limit.lstrip("0") if limit.isascii() and limit.isdecimal() else ""
    # Python refuses to read thousands of digits.
    if not 1 <= len(digits) <= len(str(LONGEST_PAGE)) or int(digits) > LONGEST_PAGE:
        said = f"Give a whole number from 1 to {LONGEST_PAGE}"
        raise InvalidRequest([Fault("/limit", "out-of-range", said)])
    return int(digits), request.query_params.get("cursor")
