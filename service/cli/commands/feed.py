"""Commands of feed files."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.commands.options import AsJson, Data, group

FeedFile = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)]

feed = group("Feed files: check one, load one, see what is in force.")


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
