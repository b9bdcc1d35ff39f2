"""The listings of a hotlist version, in files beside its feeds: each process maps them.

    HOTLIST/VERSION/taken.listing        what is kept of each entry, to make any other list from
    HOTLIST/VERSION/AUDIENCES.listing    what these audiences may know of, `+` between them

They are made by whoever loads the version, and made again where they are damaged, lost, or made
by other code than this: all that they say follows from the feeds. What guards of a firm may know
that is not as others is made by each process that is asked for it, and lies in no file.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import plate_match
from plate_match import listing_file, taken_file
from plate_match.audience import Audience, Told
from plate_match.errors import DamagedFile
from plate_match.gathering import Gathering
from plate_match.listing import Listing
from plate_match.lists import Derived, Lists
from plate_match.taken import Taken
from service.adapters import stored_feeds
from service.adapters.stored_feeds import StoredFeeds

_NAMES = {"control-room": Audience.CONTROL_ROOM, "guard": Audience.GUARD}

_TAKEN, _ENDING = "taken.listing", ".listing"

_HERE = (Path(__file__), Path(stored_feeds.__file__))


@dataclass(frozen=True)
class Stored:
    """The listings of a version, and what is kept of its entries."""

    taken: Taken
    lists: Lists


def write_listings(folder: Path, feeds: StoredFeeds, version: str) -> None:
    """Gather the listings of a version, and write their files.

    Raises:
        OSError: they cannot be written.
    """
    _write(folder, _gathered(feeds), version)


def stored_listings(folder: Path, feeds: StoredFeeds, version: str) -> Stored:
    """Map the listings of a version; where they cannot be, one process makes them again."""
    try:
        return _read(folder, feeds, version)
    except (DamagedFile, OSError):
        pass
    with _alone(folder):
        try:
            return _read(folder, feeds, version)
        except (DamagedFile, OSError):
            made = _gathered(feeds)
        # A disk that is full or read-only is no reason to answer nobody.
        with suppress(OSError):
            _write(folder, made, version)
        return made


def _gathered(feeds: StoredFeeds) -> Stored:
    gathering = Gathering()
    for place, entry in feeds.entries():
        gathering.take(entry, place)
    return _stored(gathering.taken(), feeds, {})


def _stored(taken: Taken, feeds: StoredFeeds, made: dict[Told, Listing]) -> Stored:
    return Stored(taken, Lists(taken.circles, Derived(taken, feeds.entry), made))


def _write(folder: Path, made: Stored, version: str) -> None:
    for old in folder.glob(f"*{_ENDING}"):
        old.unlink()
    taken_file.save(made.taken, folder / _TAKEN, maker=_maker(version))
    sharing: dict[Told, list[str]] = {}
    for name, audience in _NAMES.items():
        sharing.setdefault(made.lists.told(audience), []).append(name)
    for told, names in sharing.items():
        path = folder / f"{'+'.join(names)}{_ENDING}"
        listing_file.save(made.lists.of_circles(told), path, maker=_maker(version))


def _read(folder: Path, feeds: StoredFeeds, version: str) -> Stored:
    taken = taken_file.load(folder / _TAKEN, maker=_maker(version))
    found: dict[Told, Listing] = {}
    for path in folder.glob(f"*{_ENDING}"):
        if path.name != _TAKEN:
            listing = listing_file.load(path, feeds.entry, maker=_maker(version))
            names = path.stem.split("+")
            found |= {one.told(taken.circles): listing for at, one in _NAMES.items() if at in names}
    if found.keys() != {one.told(taken.circles) for one in _NAMES.values()}:
        raise DamagedFile("the listing of an audience is not there")
    return _stored(taken, feeds, found)


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
