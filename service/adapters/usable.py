"""Whether this process can work with what is there: said before it is needed, with what to do."""

import os
from pathlib import Path
from stat import S_ISDIR

ALL = os.R_OK | os.W_OK | os.X_OK
ADD = os.W_OK | os.X_OK
LOOK = os.R_OK | os.X_OK
"""What a folder has to grant: everything, that files are put in it, or that they are read."""

_WORDS = ((os.R_OK, "read"), (os.W_OK, "written"), (os.X_OK, "entered"))


def unusable(folder: Path, needed: int = ALL, *, made: bool = True) -> str | None:
    """Say why a folder cannot be worked in; None if it can, or can be made.

    Args:
        folder: which one.
        needed: bits of what it has to grant.
        made: whether one that is not there is made by who needs it.
    """
    try:
        is_folder = S_ISDIR(folder.stat().st_mode)
    except FileNotFoundError:
        return _unmakeable(folder, made=made)
    except OSError as error:
        return f"{folder} cannot be reached: {error.strerror}; name another folder"
    if not is_folder:
        return f"{folder} is no folder; name one"
    return out_of_reach(folder, needed)


def _unmakeable(folder: Path, *, made: bool) -> str | None:
    if folder.is_symlink():
        return f"{folder} is a link to what is not there; make that, or remove the link"
    above = next((one for one in folder.parents if os.path.lexists(one)), None)
    if above is None or not made:
        return f"{folder} is not there; make it, mount it, or name another"
    fault = unusable(above, ADD)
    return None if fault is None else f"{folder} is not there, and cannot be made: {fault}"


def out_of_reach(path: Path, needed: int) -> str | None:
    """Say what this process may not do with a file or folder; None if nothing, or it is gone."""
    lacking = [word for bit, word in _WORDS if needed & bit and not _may(path, bit)]
    try:
        what_to_do = _mending(path) if lacking else ""
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"{path} cannot be reached: {error.strerror}"
    words = " or ".join(lacking)
    told = f"{path} cannot be {words} by user {os.geteuid()}, who runs this; {what_to_do}"
    return told if lacking else None


def _mending(path: Path) -> str:
    owner = path.stat().st_uid
    if os.statvfs(path).f_flag & os.ST_RDONLY:
        return "it is mounted for reading only"
    if owner == os.geteuid():
        return "chmod u+rwX it"
    return f"it belongs to user {owner}: chown it, or run this as them"


def _may(path: Path, bit: int) -> bool:
    return os.access(path, bit, effective_ids=os.access in os.supports_effective_ids)
