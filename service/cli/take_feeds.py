"""`plate-match feed take`: what was handed in, dropped, or is due to be pulled is loaded."""

import os
from contextlib import suppress
from pathlib import Path

from service import clock, ids
from service.adapters.feed_folder import Declarations
from service.adapters.feed_pull import FeedPull, PullFailed
from service.adapters.inbox import Inbox
from service.adapters.refused_files import RefusedFiles
from service.cli.feed import offered_document
from service.cli.interrupts import unwinding
from service.cli.store import database_of, declarations_of, settings_of, versions_of
from service.cli.terminal import Refused, page, say, say_json
from service.declaration import Declaration, Origin
from service.errors import AlreadyRunning, FaultyDeclaration
from service.feed_records import FeedFile
from service.lifespan import FEEDS
from service.ports import StorageUnavailable
from service.usecases.keep_refused import KeepRefused
from service.usecases.load_hotlist import LoadHotlist
from service.usecases.take_feeds import TakeFeeds

POLITE = 10
"""How far this process stands back for the one that answers sightings."""

_ENDED = "what was not loaded waits for the next time"


def take(*, data: Path | None, as_json: bool) -> None:
    """Load what waits, each file on record, and print what became of it.

    Raises:
        Refused: at least one file was refused; the others were loaded.
    """
    os.nice(POLITE)
    settings = settings_of(data=data)
    declarations = declarations_of(settings)
    inbox = Inbox(settings.data)
    with unwinding(_ENDED), inbox.taking(), database_of(settings) as database:
        _gather(inbox, declarations, FeedPull(settings.data / FEEDS, inbox))
        history = database.feed_history
        loading = LoadHotlist(versions_of(settings), history, declarations.of)
        keep = KeepRefused(RefusedFiles(settings.data), history)
        taking = TakeFeeds(inbox, history, loading, keep)
        files = [_told(file, as_json=as_json) for file in taking()]
    refused = sum(file.refused is not None for file in files)
    if refused:
        raise Refused(f"{refused} of {len(files)} files were refused; their lists are untouched")


def _gather(inbox: Inbox, declarations: Declarations, pulls: FeedPull) -> None:
    """Bring in the next file of each feed: another one is for when that is loaded."""
    for name in declarations.names():
        try:
            declaration = declarations.of(name)
            if declaration is not None and declaration.origin is Origin.DROP:
                _take_dropped(inbox, declaration)
            elif declaration is not None and pulls.due(declaration, now=clock.now()):
                pulls.pull(declaration, now=clock.now())
        except (FaultyDeclaration, PullFailed) as fault:
            say(str(fault))
        except StorageUnavailable as fault:
            # The other feeds do not wait until this one can be brought in.
            say(f"feed {name}: {fault}")
        except OSError as fault:
            say(f"feed {name}: it cannot be brought in: {fault.strerror}")


def _take_dropped(inbox: Inbox, declaration: Declaration) -> None:
    name = declaration.name
    path = next(iter(inbox.dropped(name, declaration, now=clock.now())), None)
    if path is not None:
        with suppress(AlreadyRunning):
            inbox.take(path, name, ids.new_id(clock.now()))


def _told(file: FeedFile, *, as_json: bool) -> FeedFile:
    if as_json and file.refused is not None:
        # A service that runs this reads no more than what is said: it goes into its log.
        say(f"feed {file.feed}: file {ids.to_text(file.id)} was refused: {file.refused}")
    if as_json:
        say_json({"feed": file.feed, **offered_document(file), "refused": file.refused})
    elif file.refused is None:
        page().print(f"feed {file.feed}: {file.accepted:,} of {file.rows:,} rows in force")
    else:
        page().print(f"feed {file.feed}: refused: {file.refused}", soft_wrap=True)
    return file
