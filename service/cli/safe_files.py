"""Where the files of the service are -> every reason why they are not safe, or of no use to it."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from service.adapters.db import BESIDE, database_file
from service.adapters.feed_folder import Declarations
from service.adapters.private import READ, SEARCH, exposure, replaceable
from service.adapters.secret_file import SECRET_BYTES
from service.adapters.usable import ADD, ALL, LOOK, out_of_reach, unusable
from service.errors import CannotStart, FaultyDeclaration
from service.lifespan import FEEDS, HOTLIST, KEYS, SECRET
from service.regular_file import read_regular
from service.settings import Settings

MOST_NAMED = 5
"""Files out of reach that are named; where there are more, all of them are somebody else's."""

_LEAST_VALUES = 8
"""Different bytes of a secret; fewer come by chance once in 10**30."""

_OWN = (KEYS, HOTLIST, "inbox", "refused", "metrics")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


def faults_of_files(settings: Settings) -> Iterator[str]:
    """Yield what is wrong with the data folder, and with what other settings name."""
    fault = unusable(settings.data)
    if fault is not None:
        yield f"data: {fault}"
    elif settings.data.exists():
        yield from (f"data: {fault}" for fault in _of_data(settings.data))
    if settings.database_url is not None:
        yield from (f"database_url: {fault}" for fault in _of_database(settings))
    if settings.registry is not None:
        fault = _of_registry(settings.registry)
        if fault is not None:
            yield f"registry: {fault}"
    if settings.witness is not None:
        fault = _of_witness(settings.witness, settings.data)
        if fault is not None:
            yield f"witness: {fault}"


def _of_data(data: Path) -> Iterator[str]:
    """Check the data folder, which others may pass to a folder they drop files in, no more."""
    declared = (data / FEEDS, *sorted((data / FEEDS).glob("*.toml")))
    faults = (
        exposure(data, allowed=SEARCH),
        replaceable(data),
        *(exposure(data / name) for name in (KEYS, HOTLIST, "inbox", "refused")),
        *(_of_private_file(path) for path in sorted(data.glob("*.sqlite*"))),
        *(exposure(path, allowed=READ) for path in declared),
        *(unusable(data / name) for name in _OWN),
        unusable(data / FEEDS, ALL if _pulls(data / FEEDS) else LOOK),
    )
    yield from (fault for fault in faults if fault is not None)
    yield from _out_of_reach(data)
    if unusable(data / KEYS) is None:
        yield from _of_secrets(data / KEYS)


def _pulls(folder: Path) -> bool:
    """Whether a feed is pulled: when next is written down beside its declaration."""
    declarations = Declarations(folder)
    for name in declarations.names():
        with suppress(FaultyDeclaration):  # told by who loads its files
            declaration = declarations.of(name)
            if declaration is not None and declaration.url is not None:
                return True
    return False


def _of_private_file(path: Path) -> str | None:
    """Check a file that is for the service alone; one that is not there is in order."""
    if path.is_symlink():
        return f"{path} is a link; put the file itself there"
    if path.exists() and not path.is_file():
        return f"{path} is no file; move it away"
    return exposure(path) or out_of_reach(path, os.R_OK | os.W_OK)


def _out_of_reach(data: Path) -> Iterator[str]:
    """Find what the service put there as somebody else, and cannot use now."""
    faults = (_not_a_file(path) or out_of_reach(path, needed) for path, needed in _used(data))
    found = (fault for fault in faults if fault is not None)
    yield from islice(found, MOST_NAMED)
    more = sum(1 for _ in found)
    if more:
        yield f"{more} more in {data} cannot be used; chown -R it to who runs the service"


def _not_a_file(path: Path) -> str | None:
    """Say of a pipe, a socket or a device that it is one: who opens it may wait for ever."""
    with suppress(OSError):
        mode = path.stat().st_mode
        if not S_ISREG(mode) and not S_ISDIR(mode):
            return f"{path} is no file; move it away"
    return None


def _used(data: Path) -> Iterator[tuple[Path, int]]:
    """Yield each path with what the service does with it."""
    changed = os.R_OK | os.W_OK
    yield data / "credentials.version", changed
    yield from ((path, os.R_OK) for path in sorted((data / FEEDS).glob("*.toml")))
    for name in _OWN:
        of_files = os.R_OK if name == KEYS else changed
        for folder, folders, files in os.walk(data / name):
            yield from ((Path(folder, one), ALL) for one in sorted(folders))
            yield from ((Path(folder, one), of_files) for one in sorted(files))


def _of_registry(path: Path) -> str | None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}; see `plate-match registry build`"
    return out_of_reach(path, os.R_OK) if S_ISREG(mode) else f"{path} is no file; name one"


def _of_secrets(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*")):
        if path.is_symlink():
            yield f"the secret {path} is a link; put the file itself there"
        elif not path.is_file():
            yield f"{path} is no file, and only secrets are kept there; move it away"
        elif fault := exposure(path):
            yield f"the secret {fault}"
        elif path.name == SECRET and not _is_random(path):
            yield f"the secret {path} can be guessed; restore it from a backup"


def _is_random(path: Path) -> bool:
    """Whether a secret looks like one; what cannot be read has been told of."""
    try:
        secret = read_regular(path, most=SECRET_BYTES + 1)
    except OSError:
        return True
    return len(secret) >= SECRET_BYTES and len(set(secret)) >= _LEAST_VALUES


def _of_database(settings: Settings) -> Iterator[str]:
    """Check a database elsewhere, in a folder where nobody else can put a journal beside it."""
    try:
        file = database_file(settings.database_url, settings.data)
    except CannotStart as error:
        yield str(error)
        return
    fault = unusable(file.parent, made=False)
    if fault is not None:
        yield fault
        return
    faults = (
        exposure(file.parent, allowed=READ),
        replaceable(file.parent),
        *(_of_private_file(file.with_name(file.name + end)) for end in ("", *BESIDE)),
    )
    yield from (fault for fault in faults if fault is not None)


def _of_witness(witness: Path, data: Path) -> str | None:
    if _ADDRESS.match(str(witness)):
        return "an address is no witness; name a folder, as a share that is mounted"
    fault = unusable(witness, ADD, made=False)
    there, here = Path(os.path.realpath(witness)), Path(os.path.realpath(data))
    if there.is_relative_to(here):
        return f"{there} is in the data folder; a witness is out of the operator's reach"
    if here.is_relative_to(there):
        return f"the data folder is in {there}; a witness is out of the operator's reach"
    return fault
