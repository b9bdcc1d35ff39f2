"""`plate-match feed take`: what waits in drop folders and the inbox is loaded."""

import os
from pathlib import Path

from service import clock, ids
from service.adapters.feed_folder import Declarations
from service.adapters.inbox import Inbox
from service.cli.feed import offered_document
from service.cli.store import database_of, declarations_of, settings_of, versions_of
from service.cli.terminal import Refused, page, say, say_json
from service.declaration import Origin
from service.errors import AlreadyRunning, FaultyDeclaration
from service.feed_records import FeedFile
from service.usecases.load_hotlist import LoadHotlist
from service.usecases.take_feeds import TakeFeeds

POLITE = 10
"""How far this process stands back for the one that answers sightings."""


def take(*, data: Path | None, as_json: bool) -> None:
    """Load what waits, each file on record, and print what became of it.

    Raises:
        Refused: at least one file was refused; the others were loaded.
    """
    os.nice(POLITE)
    settings = settings_of(data=data)
    declarations = declarations_of(settings)
    inbox = Inbox(settings.data)
    with inbox.taking(), database_of(settings) as database:
        _take_dropped(inbox, declarations)
        history = database.feed_history
        loading = LoadHotlist(versions_of(settings), history, declarations.of)
        files = [_told(file, as_json=as_json) for file in TakeFeeds(inbox, history, loading)()]
    refused = sum(file.refused is not None for file in files)
    if refused:
        raise Refused(f"{refused} of {len(files)} files were refused; their lists are untouched")


def _take_dropped(inbox: Inbox, declarations: Declarations) -> None:
    """Take one file of each feed: the next one is for when that is loaded."""
    for name in declarations.names():
        try:
            declaration = declarations.of(name)
        except FaultyDeclaration as fault:
            say(str(fault))
            continue
        if declaration is None or declaration.origin is not Origin.DROP:
            continue
        for path in inbox.dropped(name, declaration, now=clock.now()):
            try:
                inbox.take(path, name, ids.new_id(clock.now()))
            except AlreadyRunning:
                break


def _told(file: FeedFile, *, as_json: bool) -> FeedFile:
    if as_json:
        say_json({"feed": file.feed, **offered_document(file), "refused": file.refused})
    elif file.refused is None:
        page().print(f"feed {file.feed}: {file.accepted:,} of {file.rows:,} rows in force")
    else:
        page().print(f"feed {file.feed}: refused: {file.refused}", soft_wrap=True)
    return file
