"""version.json of a hotlist version: what it holds, with a digest of every file."""

import json
import re
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from service import clock
from service.feed_records import FeedPart, HotlistVersion

NAME = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{16}", re.ASCII)


def name_of(stamp: str, body: bytes) -> str:
    """Return the name of a version: its time and the digest of what it holds."""
    return f"{stamp}-{sha256(body).hexdigest()[:16]}"


def stamp_of(now: int) -> str:
    """Return the time of a version as its name has it; names sort by it."""
    return clock.to_datetime(now).strftime("%Y%m%dT%H%M%S%fZ")


def made_at(name: str) -> int:
    """Return when a version was made, by its name."""
    return clock.to_micros(datetime.strptime(name.partition("-")[0], "%Y%m%dT%H%M%S%f%z"))


def body_of(base: HotlistVersion | None, now: int, parts: Iterable[FeedPart]) -> bytes:
    """Return the bytes of version.json."""
    feeds = [
        {
            "name": part.name,
            "acceptedAt": clock.to_text(part.accepted_at),
            "entries": part.entries,
            "sha256": part.sha256,
            "latestEnd": _text(part.latest_end),
            "freshUntil": _text(part.fresh_until),
        }
        for part in sorted(parts, key=lambda part: part.name)
    ]
    body = {"base": base and base.name, "builtAt": clock.to_text(now), "feeds": feeds}
    return json.dumps(body, indent=2).encode() + b"\n"


def version_of(name: str, body: bytes) -> HotlistVersion:
    """Return what a version.json holds."""
    document = json.loads(body)
    feeds = tuple(
        FeedPart(
            feed["name"],
            _micros(feed["acceptedAt"]),
            feed["entries"],
            feed["sha256"],
            feed.get("latestEnd") and _micros(feed["latestEnd"]),
            feed.get("freshUntil") and _micros(feed["freshUntil"]),
        )
        for feed in document["feeds"]
    )
    return HotlistVersion(name, document["base"], _micros(document["builtAt"]), feeds)


def moment_of(at: int | None) -> datetime | None:
    """Return the moment of microseconds since 1970, if there is one."""
    return None if at is None else clock.to_datetime(at)


def _text(at: int | None) -> str | None:
    return None if at is None else clock.to_text(at)


def _micros(text: str) -> int:
    return clock.to_micros(datetime.fromisoformat(text))
