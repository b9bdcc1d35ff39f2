"""Folders that are for nobody else, and what lies in them that others could reach."""

import os
from pathlib import Path
from stat import S_ISVTX, S_IWOTH

SEARCH, READ = 0o011, 0o055
"""What others may do with a folder that they pass through, and with a file without secrets."""


def private_folder(folder: Path) -> None:
    """Make a folder that is not there, and those above it, for nobody else to enter.

    Raises:
        OSError: it cannot be made.
    """
    for one in (*reversed(folder.parents), folder):
        if not one.exists():
            one.mkdir(mode=0o700, exist_ok=True)


def exposure(path: Path, *, allowed: int = 0) -> str | None:
    """Say what is wrong with who may reach a path, and how to mend it; None if nothing is.

    Args:
        path: a file or a folder; one that is not there is in order.
        allowed: bits of its mode that group and others may have: none, SEARCH or READ.
    """
    try:
        of_path = path.stat()
    except OSError:
        return None
    if of_path.st_uid not in {os.geteuid(), 0}:
        return f"{path} belongs to somebody else; chown it to who runs the service"
    mode = of_path.st_mode & 0o777
    if mode & 0o077 & ~allowed:
        return f"{path} is open to others; chmod {mode & (0o700 | allowed):o} it, not {mode:o}"
    return None


def replaceable(folder: Path) -> str | None:
    """Say where somebody else could put another folder in place of this one; None if nowhere."""
    for above in Path(os.path.realpath(folder)).parents:
        try:
            mode = above.stat().st_mode
        except OSError:
            continue
        if mode & S_IWOTH and not mode & S_ISVTX:
            told = f"{folder} is in {above}, where anybody may put another in its place"
            return f"{told}; chmod o-w {above}"
    return None
