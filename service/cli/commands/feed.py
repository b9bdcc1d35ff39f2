"""Commands of feed files."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.commands.options import AsJson, Data, group

FeedFile = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)]

FeedName = Annotated[str, typer.Argument(metavar="FEED", help="The name of the feed.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; it goes on record.")]

feed = group("Feed files: check one, load one, see what is in force, and take it back.")


@feed.command("check")
def feed_check(*, file: FeedFile, as_json: AsJson = False) -> None:
    """Say what loading a file would accept and refuse; change nothing."""
    from service.cli.feed import check

    check(file, as_json=as_json)


@feed.command("load")
def feed_load(
    *,
    file: FeedFile,
    feed_name: Annotated[
        str, typer.Option("--feed", metavar="NAME", help="The feed that this file is of.")
    ],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Put the good rows of a file in force, as the whole of one feed.

    A service that runs on the same folder answers from it within a second.
    """
    from service.cli.feed import load

    load(file, feed_name, data=data, as_json=as_json)


@feed.command("status")
def feed_status(*, data: Data = None, as_json: AsJson = False) -> None:
    """Say which hotlist is in force, and from which files."""
    from service.cli.feed import status

    status(data=data, as_json=as_json)


@feed.command("rollback")
def feed_rollback(
    *,
    feed_name: FeedName,
    to: Annotated[str, typer.Option(metavar="VERSION", help="A version that had them.")],
    reason: Reason,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Put the entries that a feed had in an older version in force again."""
    from functools import partial

    from service.cli.feed import turn

    turn(
        feed_name,
        lambda loading: partial(loading.roll_back, to=to),
        reason=reason,
        data=data,
        as_json=as_json,
    )


@feed.command("suspend")
def feed_suspend(
    *, feed_name: FeedName, reason: Reason, data: Data = None, as_json: AsJson = False
) -> None:
    """Take all entries of a feed out of force, and refuse its files, until it is resumed."""
    from service.cli.feed import turn

    turn(feed_name, lambda loading: loading.suspend, reason=reason, data=data, as_json=as_json)


@feed.command("resume")
def feed_resume(
    *, feed_name: FeedName, reason: Reason, data: Data = None, as_json: AsJson = False
) -> None:
    """Put the entries that a feed had before it was suspended in force again."""
    from service.cli.feed import turn

    turn(feed_name, lambda loading: loading.resume, reason=reason, data=data, as_json=as_json)
