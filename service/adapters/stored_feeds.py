"""The feeds of a hotlist version, as they lie in its folder: each entry is at a place of its own.

A place is how many bytes lie before, were the files of all feeds one, in the order of names.
Entries are read where they lie, when one is asked for: a million take no memory.
"""

import json
import mmap
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

import numpy as np

from plate_match.audience import Circle
from plate_match.feed.terms import ended_by
from plate_match.feed.write import entry_of_line
from plate_match.hotlist import Entry
from plate_match.plate import spelled
from plate_match.taken import Taken
from service.adapters.version_file import moment_of
from service.feed_records import FeedPart
from service.ports import HotlistDamaged


def damaged(version: str, what: str) -> HotlistDamaged:
    """Return what is said of a version that is not as it was written."""
    return HotlistDamaged(
        f"hotlist version {version} is damaged: {what}; `plate-match feed rollback` to one that is "
        "whole, or put its folder back from a backup: copy it beside, then rename it"
    )


def file_name(feed: str) -> str:
    """Return how the file of a feed is named in the folder of a version."""
    return f"{feed}.jsonl"


class StoredFeeds:
    """The entries of some feeds, mapped into memory."""

    def __init__(self, folder: Path, parts: Iterable[FeedPart]) -> None:
        """Map the files of feeds in the folder of a version.

        Raises:
            HotlistDamaged: one cannot be read.
        """
        self._version = folder.name
        self._parts = sorted(parts, key=lambda part: part.name)
        self._lines = [_mapped(folder, part.name) for part in self._parts]
        self._begins = list(accumulate(map(len, self._lines), initial=0))

    def check(self) -> None:
        """Hold the files against their digests.

        Raises:
            HotlistDamaged: one is not as it was written.
        """
        for part, lines in zip(self._parts, self._lines, strict=True):
            if sha256(lines).hexdigest() != part.sha256:
                what = f"the entries of feed {part.name} are not as they were written"
                raise damaged(self._version, what)

    def begin(self, feed: str) -> int:
        """Return the place of the first entry of a feed."""
        return self._begins[[part.name for part in self._parts].index(feed)]

    def counts(self, taken: Taken) -> Mapping[str, Counter[Circle]]:
        """Return how many of the entries taken are in each feed, by who may know of them."""
        feed = np.searchsorted(self._begins, taken.where, side="right") - 1
        many = len(taken.circles)
        found = np.bincount(feed * many + taken.circle, minlength=len(self._parts) * many)
        rows = found.reshape(len(self._parts), many).tolist()
        return {
            part.name: Counter(dict(zip(taken.circles, row, strict=True)))
            for part, row in zip(self._parts, rows, strict=True)
        }

    def entry(self, place: int) -> Entry:
        """Return the entry at a place, as it stands in force.

        Raises:
            HotlistDamaged: there is none, or none that this program can read.
        """
        feed = bisect_right(self._begins, place) - 1
        if not 0 <= place < self._begins[-1]:
            raise damaged(self._version, f"there is no entry at byte {place}")
        return self._in_force(feed, place - self._begins[feed])

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """Yield every entry as it stands in force, with its place."""
        for feed, begin in self._places():
            yield self._begins[feed] + begin, self._in_force(feed, begin)

    def written(self) -> Iterator[Entry]:
        """Yield every entry as it was written, whenever its feed may let it end."""
        return (self._written(feed, begin) for feed, begin in self._places())

    def of_plate(self, plate: str) -> Iterator[Entry]:
        """Yield every entry of a plate, or of a pattern, as it stands in force.

        Found by the text it is written with: only the lines that have it are read.
        """
        text = json.dumps({"plate": plate})[1:-1].encode()
        for feed, lines in enumerate(self._lines):
            at = lines.find(text)
            while at >= 0:
                entry = self._in_force(feed, lines.rfind(b"\n", 0, at) + 1)
                if spelled(entry.plate) == plate:
                    yield entry
                at = lines.find(text, lines.find(b"\n", at))

    def _places(self) -> Iterator[tuple[int, int]]:
        for feed, lines in enumerate(self._lines):
            begin = 0
            while begin < len(lines):
                yield feed, begin
                begin = lines.find(b"\n", begin) + 1

    def _in_force(self, feed: int, begin: int) -> Entry:
        return ended_by(self._written(feed, begin), moment_of(self._parts[feed].latest_end))

    def _written(self, feed: int, begin: int) -> Entry:
        lines, name = self._lines[feed], self._parts[feed].name
        try:
            return entry_of_line(lines[begin : lines.find(b"\n", begin)], name)
        except (LookupError, TypeError, ValueError):
            what = f"feed {name}: this program cannot read the entry at byte {begin}"
            raise damaged(self._version, what) from None


def _mapped(folder: Path, feed: str) -> bytes | mmap.mmap:
    try:
        with (folder / file_name(feed)).open("rb") as file:
            # Nothing at all cannot be mapped.
            if not file.seek(0, 2):
                return b""
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        what = f"feed {feed}: the file cannot be read: {error.strerror}"
        raise damaged(folder.name, what) from None
