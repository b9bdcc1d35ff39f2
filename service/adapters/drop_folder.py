"""Files that the owner of a feed drops -> those that are whole, with what lies beside them."""

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from service import clock
from service.adapters.feed_folder import MANIFEST, SIGNATURE
from service.declaration import Declaration
from service.ports import StorageUnavailable

SETTLED = 5 * clock.SECOND
"""Microseconds for which nothing of a dropped file has changed, until it is taken to be whole."""

_BESIDE = (MANIFEST, SIGNATURE)
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", *_BESIDE)


def whole_files(folder: Path, declaration: Declaration, *, now: int) -> list[Path]:
    """Return the files that lie whole in a folder, the oldest first.

    Only what is a file by itself is one: a link may lead anywhere.

    `now` is in microseconds since 1970.

    Raises:
        StorageUnavailable: the folder is none, or cannot be read.
    """
    asked = _asked(declaration)
    try:
        found = [
            (path.lstat().st_mtime_ns, path)
            for path in folder.iterdir()
            if not path.name.startswith(".") and not path.name.endswith(_UNFINISHED)
            if _is_whole(path, asked=asked, now=now)
        ]
    except FileNotFoundError:  # there is no folder, or somebody took a file back just now
        return []
    except OSError as error:
        message = f"the drop folder cannot be read: {error.strerror}"
        raise StorageUnavailable(message) from error
    return [path for _, path in sorted(found)]


def parts_of(path: Path) -> dict[str, Path]:
    """Return a file and what lies beside it, by what each name ends in.

    Raises:
        StorageUnavailable: they could not be removed from there.
    """
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise StorageUnavailable("what is dropped there cannot be moved: grant writing")
    there = {ending: path.with_name(path.name + ending) for ending in ("", *_BESIDE)}
    return {ending: one for ending, one in there.items() if _is_file(one)}


def remove(folder: Path, taken: Mapping[str, Sequence[int]]) -> None:
    """Remove what was taken from a folder, by name and `seen`, but nothing that came since.

    Raises:
        StorageUnavailable: it cannot be removed.
    """
    for name, before in taken.items():
        path = folder / name
        try:
            if seen(path) == before:
                path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            message = f"the drop folder of feed {folder.name} cannot be used: {error.strerror}"
            raise StorageUnavailable(message) from error


def seen(path: Path) -> list[int]:
    """Return what tells a file from one that took its name."""
    found = path.lstat()
    return [found.st_ino, found.st_size, found.st_mtime_ns]


def _asked(declaration: Declaration) -> tuple[str, ...]:
    """Return the endings of what has to lie beside a file before it is taken."""
    asked = {MANIFEST: declaration.asks_manifest, SIGNATURE: declaration.signature_key is not None}
    return tuple(ending for ending, is_asked in asked.items() if is_asked)


def _is_whole(path: Path, *, asked: Sequence[str], now: int) -> bool:
    """Whether a file is there, with what belongs to it, and nobody writes any of it any more.

    A link or a folder that is named like one of these makes it none.
    """
    beside_it = {ending: path.with_name(path.name + ending) for ending in _BESIDE}
    there = [one for ending, one in beside_it.items() if ending in asked or _is_named(one)]
    return all(_is_file(one) and now - _changed_at(one) >= SETTLED for one in (path, *there))


def _changed_at(path: Path) -> int:
    """Return when a file was changed; one that was dated ahead came when our own clock says."""
    found = path.lstat()
    return min(found.st_mtime_ns, found.st_ctime_ns) // 1000


def _is_named(path: Path) -> bool:
    """Whether there is anything of this name; a name that is too long is nobody's."""
    try:
        path.lstat()
    except OSError:
        return False
    return True


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
