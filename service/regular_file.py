"""Files that are to be files: what could keep a reader waiting, or never ends, is not read."""

import errno
import os
from pathlib import Path
from stat import S_ISREG


def read_regular(path: Path, *, most: int) -> bytes:
    """Return what a file holds, of a longer one `most` bytes.

    Raises:
        OSError: it cannot be read, or is a folder, a pipe, a socket or a device.
    """
    with open(path, "rb", opener=_opened) as file:
        return file.read(most)


def _opened(path: str, flags: int) -> int:
    _require(Path(path).stat().st_mode, path)  # first: merely opening a device may set it going
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    try:
        _require(os.fstat(descriptor).st_mode, path)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _require(mode: int, path: str) -> None:
    if not S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is no file", path)
