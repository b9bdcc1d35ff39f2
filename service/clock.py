"""The one place that asks what time it is."""

import time
from datetime import UTC, datetime, timedelta

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def now() -> int:
    """Return microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def to_datetime(at: int) -> datetime:
    """Return the aware moment, in UTC, of microseconds since 1970."""
    return datetime.fromtimestamp(at // SECOND, UTC).replace(microsecond=at % SECOND)


def to_micros(at: datetime) -> int:
    """Return the microseconds since 1970 of an aware moment, exactly."""
    whole = at.astimezone(UTC).replace(microsecond=0)
    return int(whole.timestamp()) * SECOND + at.microsecond


def micros(span: timedelta) -> int:
    """Return the microseconds of a span, exactly."""
    return span // timedelta(microseconds=1)


def to_text(at: int) -> str:
    """Return the RFC 3339 form in UTC, with as many decimals as needed: none, 3 or 6."""
    micros = at % SECOND
    digits = "seconds" if not micros else "microseconds" if micros % 1000 else "milliseconds"
    return to_datetime(at).isoformat(timespec=digits).replace("+00:00", "Z")
