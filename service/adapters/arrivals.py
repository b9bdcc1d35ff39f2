"""Which entries of a feed came with a version, in a file of it: whoever asks compares nothing."""

from pathlib import Path

import numpy as np

from plate_match import sections
from plate_match.errors import DamagedFile
from plate_match.feed.difference import Difference
from service.adapters.stored_feeds import StoredFeeds

_NAME = _KIND = "arrivals"


def write_arrivals(folder: Path, feed: str, difference: Difference) -> None:
    """Write where the entries are that this feed did not have before.

    Raises:
        OSError: it cannot be written.
    """
    begins = difference.begins().astype(np.int64)
    sections.write(folder / _NAME, _KIND, {"feed": feed}, arrays={"begins": begins})


def read_arrivals(folder: Path, feeds: StoredFeeds) -> list[int] | None:
    """Return the places of those entries; None if that is not to be read any more."""
    try:
        header, arrays = sections.read(folder / _NAME, _KIND)
    except (DamagedFile, OSError):
        return None
    return [feeds.begin(header["feed"]) + begin for begin in arrays["begins"].tolist()]
