"""The listings of a hotlist version, in files beside its feeds: each process maps them.

    HOTLIST/VERSION/AUDIENCES.listing    what these audiences may know of, `+` between them

They are made by whoever loads the version, and made again where they are damaged, lost, or made
by other code than this: all that they say follows from the feeds.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

import plate_match
from plate_match import listing_file
from plate_match.audience import Audience
from plate_match.errors import DamagedFile
from plate_match.gathering import Gathering
from plate_match.listing import EntryAt, Grouped, Listing, listings
from service.adapters import stored_feeds
from service.adapters.stored_feeds import StoredFeeds

Listings = Mapping[Audience, Listing]

_ENDING = ".listing"

_HERE = (Path(__file__), Path(stored_feeds.__file__))


def write_listings(folder: Path, feeds: StoredFeeds, version: str) -> None:
    """Gather the listings of a version, and write their files.

    Raises:
        OSError: they cannot be written.
    """
    _write(folder, _gathered(feeds), version)


def stored_listings(folder: Path, feeds: StoredFeeds, version: str) -> Listings:
    """Map the listings of a version; where they cannot be, one process makes them again."""
    try:
        return _read(folder, feeds.entry, version)
    except (DamagedFile, OSError):
        pass
    with _alone(folder):
        try:
            return _read(folder, feeds.entry, version)
        except (DamagedFile, OSError):
            made = _gathered(feeds)
        # A disk that is full or read-only is no reason to answer nobody.
        with suppress(OSError):
            _write(folder, made, version)
        return made


def known_by_feed(listing: Listing, feeds: StoredFeeds) -> Mapping[str, int]:
    """Return how many entries of each feed are in a listing of a version."""
    if not isinstance(listing.entries, Grouped):
        raise TypeError("only the listing of a version tells where its entries are")
    return feeds.counts(listing.entries.where)


def _gathered(feeds: StoredFeeds) -> Listings:
    gathering = Gathering()
    for place, entry in feeds.entries():
        gathering.take(entry, place)
    return listings(gathering, feeds.entry)


def _write(folder: Path, made: Listings, version: str) -> None:
    for old in folder.glob(f"*{_ENDING}"):
        old.unlink()
    sharing: dict[int, list[Audience]] = {}
    for audience, listing in made.items():
        sharing.setdefault(id(listing), []).append(audience)
    for audiences in sharing.values():
        path = folder / f"{'+'.join(audiences)}{_ENDING}"
        listing_file.save(made[audiences[0]], path, maker=_maker(version))


def _read(folder: Path, entry: EntryAt, version: str) -> Listings:
    found: dict[Audience, Listing] = {}
    for path in folder.glob(f"*{_ENDING}"):
        listing = listing_file.load(path, entry, maker=_maker(version))
        found |= {one: listing for one in Audience if one in path.stem.split("+")}
    if found.keys() != set(Audience):
        raise DamagedFile("the listing of an audience is not there")
    return found


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process makes the listings of this version."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _maker(version: str) -> str:
    """Return what a file must have been made of and by: the version, and this very code."""
    return f"{version} by {_code()}"


@cache
def _code() -> str:
    """Return a digest of what a listing follows from: the library with its tables, and this."""
    digest = sha256()
    for path in (*sorted(Path(plate_match.__file__).parent.rglob("*")), *_HERE):
        if path.suffix in {".py", ".csv", ".json"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
