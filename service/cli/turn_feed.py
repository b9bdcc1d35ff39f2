"""`plate-match feed rollback`, `suspend` and `resume`: what a feed has, changed without a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from service import clock
from service.cli.feed import offered_document
from service.cli.store import existing_database, settings_of, versions_of
from service.cli.terminal import Refused, WrongUse, page, say, say_json
from service.feed_records import FeedFile
from service.ports import HotlistDamaged
from service.usecases.turn_feed import NotPossible, TurnFeed


class Turned(Protocol):
    """One way to change what a feed has in force."""

    def __call__(self, feed: str, *, reason: str, now: int) -> FeedFile:
        """Change it."""
        ...


Turn = Callable[[TurnFeed], Turned]
"""Which way, of a use case."""


def turn(feed: str, how: Turn, *, reason: str, data: Path | None, as_json: bool) -> None:
    """Change what a feed has in force without a file, and print what that made of it.

    Raises:
        WrongUse: no reason is given.
        Refused: it cannot be done; the list in force is untouched.
    """
    if not reason.strip():
        raise WrongUse("say why: the reason goes on record")
    settings = settings_of(data=data)
    with existing_database(settings) as database:
        use_case = TurnFeed(versions_of(settings), database.feed_history)
        try:
            file = how(use_case)(feed, reason=reason, now=clock.now())
        except (NotPossible, HotlistDamaged) as error:
            raise Refused(f"the list in force is untouched: {error}") from None
    if as_json:
        say_json(offered_document(file))
        return
    page().print(
        f"feed {feed}: {file.accepted:,} entries in force as version {file.version}\n"
        f"{file.added:,} added, {file.changed:,} changed, {file.withdrawn:,} withdrawn",
        soft_wrap=True,
    )
    if file.overridden is not None:
        say(file.overridden)
