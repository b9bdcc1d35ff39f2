"""Commands of feed files."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.commands.options import AsJson, Data, group

FeedFile = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)]

FeedName = Annotated[str, typer.Argument(metavar="FEED", help="The name of the feed.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; it goes on record.")]

OperatorKey = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="File whose first line is the key of an operator, to override; - for standard input.",
    ),
]
SecondKey = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Likewise, the key of another operator."),
]

feed = group("Feed files: check one, load one, see what is in force, and take it back.")


@feed.command("check")
def feed_check(
    *,
    file: FeedFile,
    feed_name: Annotated[
        str | None,
        typer.Option(
            "--feed",
            metavar="NAME",
            help="Say also what it would change in this feed, and how many false alerts it makes.",
        ),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Say what loading a file would accept, refuse and change; change nothing."""
    if feed_name is None:
        from service.cli.feed import check

        check(file, as_json=as_json)
    else:
        from service.cli.preview import preview

        preview(file, feed_name, data=data, as_json=as_json)


@feed.command("load")
def feed_load(
    *,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", exists=True, dir_okay=False)
    ] = None,
    feed_name: Annotated[
        str, typer.Option("--feed", metavar="NAME", help="The feed that this file is of.")
    ],
    refused: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="In place of FILE, one that was refused and is kept; `feed status`.",
        ),
    ] = None,
    override: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Load it though it is refused for its size; why."),
    ] = None,
    key_file: OperatorKey = None,
    second_key_file: SecondKey = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Put the good rows of a file in force, if the declaration of its feed lets it pass.

    Beside FILE its manifest, FILE.manifest.json, and the signature of that, FILE.manifest.json.sig,
    are looked for. A file is the whole of its feed, unless its manifest says that it is a delta.
    A service that runs on the same folder answers from it within a second.
    """
    from service.cli.load_feed import load, load_refused, overriding
    from service.cli.terminal import WrongUse

    asked = overriding(override, key_file, second_key_file)
    if file is not None and refused is None:
        load(file, feed_name, asked=asked, data=data, as_json=as_json)
    elif refused is not None and file is None:
        load_refused(refused, feed_name, asked=asked, data=data, as_json=as_json)
    else:
        raise WrongUse("give a FILE, or --refused ID")


@feed.command("declare")
def feed_declare(
    *,
    file: Annotated[Path, typer.Argument(metavar="NAME.toml", exists=True, dir_okay=False)],
    check: Annotated[
        bool, typer.Option("--check", help="Only name every fault of it; change nothing.")
    ] = False,
    data: Data = None,
) -> None:
    """Put the declaration of a feed in force, in place of the one it has."""
    from service.cli.declare import declare

    declare(file, check=check, data=data)


@feed.command("take")
def feed_take(*, data: Data = None, as_json: AsJson = False) -> None:
    """Load the files that were uploaded or dropped, and those that are due to be pulled.

    A running service does so by itself, in a process of its own.
    """
    from service.cli.take_feeds import take

    take(data=data, as_json=as_json)


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

    from service.cli.turn_feed import turn

    turn(
        feed_name,
        lambda turning: partial(turning.roll_back, to=to),
        reason=reason,
        data=data,
        as_json=as_json,
    )


@feed.command("suspend")
def feed_suspend(
    *, feed_name: FeedName, reason: Reason, data: Data = None, as_json: AsJson = False
) -> None:
    """Take all entries of a feed out of force, and refuse its files, until it is resumed."""
    from service.cli.turn_feed import turn

    turn(feed_name, lambda turning: turning.suspend, reason=reason, data=data, as_json=as_json)


@feed.command("resume")
def feed_resume(
    *, feed_name: FeedName, reason: Reason, data: Data = None, as_json: AsJson = False
) -> None:
    """Put the entries that a feed had before it was suspended in force again."""
    from service.cli.turn_feed import turn

    turn(feed_name, lambda turning: turning.resume, reason=reason, data=data, as_json=as_json)
