"""Which entries came with a version: on file where it follows the other, else compared."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plate_match import sections
from plate_match.errors import DamagedFile
from plate_match.feed.difference import Difference
from plate_match.hotlist import Entry
from service.adapters.stored_feeds import StoredFeeds, file_name
from service.feed_records import FeedPart, HotlistVersion
from service.ports import HotlistDamaged

Begins = NDArray[np.int64]

_NAME = _KIND = "arrivals"


def compared(before: Path | None, after: Path) -> Difference:
    """Compare two files of a feed; before its first there was nothing."""
    return Difference.between(partial(_lines, before), partial(_lines, after))


def write_arrivals(folder: Path, part: FeedPart, difference: Difference) -> None:
    """Write where the entries are that this feed did not have before.

    Raises:
        OSError: it cannot be written.
    """
    begins = difference.begins()
    header = {"feed": part.name, "sha256": part.sha256}
    sections.write(folder / _NAME, _KIND, header, arrays={"begins": begins})


def arrivals(folder: Path, version: HotlistVersion, old: HotlistVersion | None) -> Iterator[Entry]:
    """Yield the entries of a version that an older one does not have, as they stand in force.

    Raises:
        HotlistDamaged: the version is not as it was written.
    """
    feeds = StoredFeeds(folder / version.name, version.feeds)
    feeds.check()
    for part in version.feeds:
        first = feeds.begin(part.name)
        begins = _begins(folder, part, version=version, old=old)
        yield from (feeds.entry(first + int(begin)) for begin in begins)


def intact(folder: Path, version: HotlistVersion | None, feed: str) -> Path | None:
    """Return the file of a feed in a version; None if there is none as it was written."""
    part = version.part(feed) if version else None
    if version is None or part is None:
        return None
    try:
        StoredFeeds(folder / version.name, [part]).check()
    except HotlistDamaged:
        return None
    return folder / version.name / file_name(feed)


def _begins(
    folder: Path, part: FeedPart, *, version: HotlistVersion, old: HotlistVersion | None
) -> Begins:
    """Return where the entries of a feed begin that came."""
    was = old.part(part.name) if old else None
    lapsed = was is not None and _lapsed(was, part)
    if old is not None and was is not None and not lapsed:
        if was.sha256 == part.sha256:
            return np.empty(0, dtype=np.int64)
        noted = _noted(folder / version.name, part) if version.base == old.name else None
        if noted is not None:
            return noted
    before = None if lapsed else intact(folder, old, part.name)
    return compared(before, folder / version.name / file_name(part.name)).begins()


def _lapsed(was: FeedPart, part: FeedPart) -> bool:
    """Whether all that a feed had was over when it came again: the same lines are new, then."""
    return was.latest_end is not None and was.latest_end <= part.accepted_at


def _noted(folder: Path, part: FeedPart) -> Begins | None:
    try:
        header, arrays = sections.read(folder / _NAME, _KIND)
    except (DamagedFile, OSError):
        return None
    known = (header["feed"], header["sha256"]) == (part.name, part.sha256)
    return arrays["begins"] if known else None


def _lines(path: Path | None) -> Iterator[bytes]:
    if path is not None:
        with path.open("rb") as file:
            yield from file
