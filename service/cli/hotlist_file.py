"""The files of `--hotlist` and `--registry` -> a matcher."""

from pathlib import Path

from plate_match.errors import DamagedFile, UnreadableHotlist
from plate_match.feed import read_hotlist_file
from plate_match.hotlist import Hotlist
from plate_match.matcher import Matcher
from plate_match.registry import Registry
from service import clock
from service.cli.terminal import Progress, WrongUse, say, say_rejects


def load(path: Path, progress: Progress, *, registry: Path | None = None) -> Matcher:
    """Read a hotlist in any known format and build its matcher; say which rows were refused.

    Also, if nothing can be found in it: nobody is to take an answer for "not listed".

    Args:
        path: of the hotlist.
        progress: where to tell how far it is.
        registry: the vehicles that are registered, instead of the series they are issued in.

    Raises:
        WrongUse: a file cannot be read, or the hotlist has rows and none is acceptable.
    """
    return matcher_of(listed(path, progress), progress, registry=registry)


def matcher_of(hotlist: Hotlist, progress: Progress, *, registry: Path | None = None) -> Matcher:
    """Build the matcher of a hotlist, and of a registry if there is one.

    Raises:
        WrongUse: the registry cannot be used.
    """
    vehicles = None if registry is None else _registered(registry, progress)
    progress.phase(f"building the index of {len(hotlist):,} entries")
    return Matcher.build(hotlist, registry=vehicles)


def _registered(path: Path, progress: Progress) -> Registry:
    progress.phase("checking the registry")
    try:
        return Registry.load(path)
    except DamagedFile as error:
        raise WrongUse(f"--registry {path}: {error}") from None
    except OSError as error:
        raise WrongUse(f"--registry {path}: {error.strerror}") from None


def listed(path: Path, progress: Progress) -> Hotlist:
    """Read a hotlist in any known format; say which rows were refused, or if none is left.

    Raises:
        WrongUse: the file cannot be read, or has rows and none is acceptable.
    """
    progress.phase("reading the hotlist", path.stat().st_size)
    now = clock.to_datetime(clock.now())
    try:
        loaded = read_hotlist_file(path, lambda piece: progress.advance(len(piece)), now=now)
    except UnreadableHotlist as error:
        raise WrongUse(f"the hotlist: {error}") from None
    rejects = ((f"hotlist line {reject.row}", reject.reason) for reject in loaded.rejects)
    say_rejects(rejects, rejected=len(loaded.rejects))
    if loaded.rejects and not loaded.hotlist:
        raise WrongUse("the hotlist: no row of it can be used")
    if not loaded.hotlist:
        say("the hotlist is empty: nothing can be found")
    elif not any(entry.in_force(now) for entry in loaded.hotlist):
        say("no entry of the hotlist is in force yet: nothing can be found")
    return loaded.hotlist
