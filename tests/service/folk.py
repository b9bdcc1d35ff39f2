"""What is somebody else's, or for its owner alone, whoever runs the tests."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SOMEBODY = 54321


@contextmanager
def somebody() -> Iterator[int]:
    """Be a user who is not root, and may be another than the one who made the files; yield who."""
    if os.geteuid() != 0:
        yield os.geteuid()
        return
    os.seteuid(SOMEBODY)
    try:
        yield SOMEBODY
    finally:
        os.seteuid(0)


@contextmanager
def open_place() -> Iterator[Path]:
    """Make a folder that everybody may get to, which those of the tests are not."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o711)
    try:
        yield place
    finally:
        for folder in (place, *place.rglob("*")):
            if not folder.is_symlink():
                folder.chmod(0o700)
        shutil.rmtree(place)


def shut(path: Path) -> Path:
    """Take from a path what others may do with it; and its owner, where nobody else runs this."""
    path.chmod(0o700 if os.geteuid() == 0 else 0)
    return path


def give(folder: Path, *, kept: Callable[[Path], bool]) -> int:
    """Give a folder to `somebody`, but for what is kept of what lies in it; return who."""
    with somebody() as user:
        pass
    if os.geteuid() == 0:
        for one in (folder, *folder.rglob("*")):
            if not kept(one):
                os.chown(one, user, -1)
    return user


def write_key(path: Path, key: str) -> Path:
    """Write a key down as a key file has to be: for nobody else to read."""
    path.touch(mode=0o600)
    path.write_text(key, encoding="utf-8")
    return path
