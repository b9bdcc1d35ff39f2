"""Entries of feeds by their plate, in every version of the hotlist that is kept.

Files that are the same in several versions are read once.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from plate_match.feed.write import whole_document
from service.adapters.hotlist_files import HotlistFiles
from service.adapters.stored_feeds import StoredFeeds
from service.feed_records import FeedPart
from service.ports import HotlistDamaged
from service.subject import Listed

Document = Mapping[str, object]


class PlateListings:
    """`service.subject.PlateListings` over the folder of the hotlist."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = HotlistFiles(folder)

    def listed(self, plate: str) -> tuple[Sequence[Listed], Sequence[str]]:
        """Return the entries of a plate, and the names of versions that cannot be read."""
        found: list[tuple[str, Document]] = []
        versions: list[list[str]] = []
        read: dict[FeedPart, Sequence[Document]] = {}
        damaged = []
        for name in self._files.names():
            try:
                parts = self._files.version(name).feeds
                for part in parts:
                    if part not in read:
                        read[part] = _of_plate(self._folder / name, part, plate)
            except HotlistDamaged:
                damaged.append(name)
                continue
            for one in ((part.name, document) for part in parts for document in read[part]):
                if one not in found:
                    found.append(one)
                    versions.append([])
                versions[found.index(one)].append(name)
        listed = zip(found, versions, strict=True)
        return [Listed(*one, tuple(names)) for one, names in listed], damaged


def _of_plate(folder: Path, part: FeedPart, plate: str) -> Sequence[Document]:
    feed = StoredFeeds(folder, [part])
    feed.check()
    return [whole_document(entry) for entry in feed.of_plate(plate)]
