"""The one table: exception -> problem document. Nothing else knows a status of an error."""

from dataclasses import dataclass, field

from starlette.responses import Response

from plate_match.errors import PlateMatchError
from service import errors
from service.api.problem import problem_response
from service.logs import log_failure
from service.ports import StorageUnavailable


class Refusal(Exception):
    """Base of what HTTP itself refuses, before any use case."""


class UnknownRoute(Refusal):
    """No route has this path."""


class WrongMethod(Refusal):
    """The route is there, its methods are others."""

    def __init__(self, allow: str) -> None:
        super().__init__(allow)
        self.headers = {"Allow": allow}


class BodyTooLarge(Refusal):
    """The body is over the limit."""


class NotJson(Refusal):
    """The body is not plain JSON: another media type, or a content coding."""


class NotMultipart(Refusal):
    """The body is no plain multipart/form-data."""


class HeadersTooLarge(Refusal):
    """The headers, or the URL, are over the limit."""


class UrlTooLong(Refusal):
    """The URL is over the limit."""


class TooSlow(Refusal):
    """The request does not come within the time that it may take."""


class TooManyConnections(Refusal):
    """As many connections are open as this process takes."""


class TookTooLong(Refusal):
    """The answer was not ready within the time that it may take."""


class Stopping(Refusal):
    """The service was told to stop, and its patience has ended."""


class MalformedRequest(Refusal):
    """It is not HTTP, its length is told in two ways, or it asks for another protocol."""


@dataclass(frozen=True, slots=True)
class Row:
    """How one kind of error is told."""

    status: int
    slug: str
    title: str
    detail: str
    headers: dict[str, str] = field(default_factory=dict)


MOST_FAULTS = 1000
"""A body of one mebibyte can hold a hundred thousand faults; nobody reads on."""

_CLOSE = {"Connection": "close"}
_LATER = {"Retry-After": "1"}
_INVALID_KEY = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
_FAILED = Row(500, "internal-error", "The service failed", "This was recorded; try again later.")

TABLE: dict[type[Exception], Row] = {
    errors.InvalidRequest: Row(
        400, "invalid-request", "The request has faults", "Each is named in errors."
    ),
    MalformedRequest: Row(
        400,
        "malformed-request",
        "This is not one HTTP request",
        "Send well-formed HTTP/1.1, with either Content-Length or Transfer-Encoding: chunked, "
        "and no Upgrade.",
        _CLOSE,
    ),
    errors.KeyMissing: Row(
        401,
        "key-missing",
        "No key",
        "Send a key or a token as Authorization: Bearer KEY.",
        {"WWW-Authenticate": "Bearer"},
    ),
    errors.UnknownCaller: Row(
        401,
        "unknown-caller",
        "The key is unknown",
        "Send an issued key, or a token of the issuer that this service takes.",
        _INVALID_KEY,
    ),
    errors.KeyRevoked: Row(
        401,
        "key-revoked",
        "The key is revoked",
        "Ask whoever runs this service for another one.",
        _INVALID_KEY,
    ),
    errors.KeyExpired: Row(
        401, "key-expired", "The key has expired", "Send one that is in force.", _INVALID_KEY
    ),
    errors.IssuerOutOfReach: Row(
        503,
        "issuer-out-of-reach",
        "The issuer of tokens does not answer",
        "Whether this token counts cannot be told now; issued keys are taken. Try again.",
        {"Retry-After": "10"},
    ),
    errors.NotAllowed: Row(403, "not-allowed", "Not allowed", "Your role may not do this."),
    errors.NotInForce: Row(
        403, "not-in-force", "Not in force", "Whoever holds this key may not take part now."
    ),
    errors.PurposeRefused: Row(
        403,
        "purpose",
        "Not for this purpose",
        "What is done here is done for a purpose that is yours; see errors.",
    ),
    UnknownRoute: Row(404, "unknown-route", "No such route", "See /v1/openapi.json."),
    errors.NotThere: Row(
        404, "not-there", "Not there", "There is nothing of that name for you to see."
    ),
    WrongMethod: Row(405, "wrong-method", "Wrong method", "See the Allow header."),
    errors.AlreadyRunning: Row(
        409,
        "still-running",
        "A file of this feed is being loaded",
        "Ask what became of it; send the next one then.",
    ),
    errors.AnotherWaits: Row(
        409, "another-waits", "Another pass waits", "Look at what waits now, and approve that."
    ),
    errors.SightingGone: Row(
        410, "sighting-gone", "The sighting is gone", "It was purged; send it under a new key."
    ),
    BodyTooLarge: Row(
        413,
        "body-too-large",
        "The body is too large",
        "Send at most 1 MiB, of a feed file 1 GiB.",
        _CLOSE,
    ),
    UrlTooLong: Row(414, "url-too-long", "The URL is too long", "Send at most 8 KiB.", _CLOSE),
    TooSlow: Row(
        408,
        "too-slow",
        "The request came too slowly",
        "Send it again, on a new connection.",
        _CLOSE,
    ),
    TooManyConnections: Row(
        503,
        "too-many-connections",
        "Too many connections",
        "Use one connection for many requests; try again.",
        {**_LATER, **_CLOSE},
    ),
    Stopping: Row(
        503,
        "stopping",
        "The service is stopping",
        "This is not an answer; try again, under the same Idempotency-Key.",
        {**_LATER, **_CLOSE},
    ),
    TookTooLong: Row(
        503,
        "took-too-long",
        "The service is overloaded",
        "This is not an answer; try again, under the same Idempotency-Key.",
        _LATER,
    ),
    HeadersTooLarge: Row(
        431, "headers-too-large", "The headers are too large", "Send at most 64 KiB in 200.", _CLOSE
    ),
    NotJson: Row(
        415, "not-json", "The body is not JSON", "Send application/json, without a content coding."
    ),
    NotMultipart: Row(
        415,
        "not-multipart",
        "The body is not multipart/form-data",
        "Send the parts file, manifest and signature, without a content coding.",
    ),
    errors.KeyReused: Row(
        422,
        "key-reused",
        "The Idempotency-Key was used for another body",
        "Use a new key for a new body.",
    ),
    errors.OverBudget: Row(
        429,
        "budget",
        "Wait before you ask on",
        "As much was told as may be for now, or reads walked through plates; nothing was told now.",
    ),
    errors.TooManyRequests: Row(
        429, "too-many-requests", "Too many requests", "Wait as Retry-After says."
    ),
    errors.Frozen: Row(
        503,
        "frozen",
        "Nothing is disclosed now",
        "The hotlist is frozen; sightings are taken, and matched when it is thawed.",
        {"Retry-After": "60"},
    ),
    errors.StaleHotlist: Row(
        503,
        "stale-hotlist",
        "The hotlist is stale",
        "A feed is older than declared; sightings are answered from what is there.",
    ),
    errors.NoSnapshot: Row(
        503,
        "no-snapshot",
        "No hotlist is in force yet",
        "This is not an answer; try again.",
        _LATER,
    ),
    StorageUnavailable: Row(
        503,
        "storage-unavailable",
        "Nothing can be recorded now",
        "No answer is given that is not on record; try again.",
        _LATER,
    ),
    PlateMatchError: Row(400, "invalid-request", "The request has faults", "It cannot be read."),
    Exception: _FAILED,
}


def row_of(error: Exception) -> Row:
    """Return the row of an error: its own, or that of its nearest ancestor."""
    return next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)


def response_of(error: Exception) -> Response:
    """Return the whole response of an error; one that nobody expected is logged."""
    row = row_of(error)
    if row is _FAILED:
        log_failure(error)
    document = {
        "type": f"urn:plate-match:{row.slug}",
        "title": row.title,
        "status": row.status,
        "detail": row.detail,
        "errors": _faults(error),
    }
    return problem_response(document, row.status, {**row.headers, **_own_headers(error)})


def _own_headers(error: Exception) -> dict[str, str]:
    if isinstance(error, errors.ComeLater):
        return {"Retry-After": str(error.seconds)}
    return error.headers if isinstance(error, WrongMethod) else {}


def _faults(error: Exception) -> list[dict[str, str]]:
    if not isinstance(error, errors.InvalidRequest | errors.NotAllowed):
        return []
    return [
        {"pointer": fault.pointer, "code": fault.code, "message": fault.message}
        for fault in error.faults[:MOST_FAULTS]
    ]
