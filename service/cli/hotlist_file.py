"""The file of `--hotlist` -> a matcher of its entries."""

from pathlib import Path

from plate_match.errors import UnreadableHotlist
from plate_match.feed import read_hotlist_file
from plate_match.matcher import Matcher
from service import clock
from service.cli.terminal import Progress, WrongUse, say, say_rejects


def load(path: Path, progress: Progress) -> Matcher:
    """Read a hotlist in any known format and build its matcher; say which rows were refused.

    Also, if nothing can be found in it: nobody is to take an answer for "not listed".

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
    progress.phase(f"building the index of {len(loaded.hotlist):,} entries")
    return Matcher.build(loaded.hotlist)
