"""What passes between the use cases and storage of feeds: plain frozen records.

Times are integer microseconds since 1970 UTC.
"""

from dataclasses import dataclass
from pathlib import Path

from plate_match.feed.difference import Changes


@dataclass(frozen=True, slots=True)
class Offer:
    """A feed file with what stands beside it."""

    path: Path
    manifest: bytes | None = None
    signature: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFile:
    """One feed file that was offered, accepted or refused, as it stands in the history.

    `rejects` are (row, reason), at most the first thousand; `rejected` counts them all.
    `kind` is `full` or `delta`; `sequence` and `produced_at` are those of its manifest, if it has
    one. `refused` is the reason why the whole file changed nothing, None if it was accepted;
    `overridden` names what would have been one, but for two people who knew better.
    """

    id: int
    feed: str
    received_at: int
    sha256: str
    format: str
    rows: int
    accepted: int
    rejected: int
    rejects: tuple[tuple[int, str], ...]
    added: int
    changed: int
    withdrawn: int
    version: str | None
    refused: str | None = None
    kind: str = "full"
    sequence: int | None = None
    produced_at: int | None = None
    overridden: str | None = None


@dataclass(frozen=True, slots=True)
class FeedPart:
    """What one feed brings to a hotlist version: how many entries, and the digest of its file.

    `latest_end` is when its entries are over at the latest, None: each says so itself;
    `fresh_until` when it is stale unless a newer file came, None: never.
    """

    name: str
    accepted_at: int
    entries: int = 0
    sha256: str = ""
    latest_end: int | None = None
    fresh_until: int | None = None


@dataclass(frozen=True, slots=True)
class HotlistVersion:
    """A hotlist as it lies on disk. `base` is the version it was made from, None for the first."""

    name: str
    base: str | None
    built_at: int
    feeds: tuple[FeedPart, ...]

    def part(self, feed: str) -> FeedPart | None:
        """Return what a feed brings to it, if it does."""
        return next((part for part in self.feeds if part.name == feed), None)


@dataclass(frozen=True, slots=True)
class Draft:
    """A version that is written, but has no name yet: it is kept, or it is gone.

    `before` counts the entries that the feed has in `base`, `changes` says what it would do to
    them, and `folder` where it lies.
    """

    base: HotlistVersion | None
    part: FeedPart
    before: int
    changes: Changes
    folder: str
