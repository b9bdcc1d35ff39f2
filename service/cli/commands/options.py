"""What the options of several commands are, and how a group of commands is made."""

from math import isfinite
from pathlib import Path
from typing import Annotated, Literal

import typer

SourceName = Literal["eyesight", "memory", "mirror", "radio", "camera"]


def group(purpose: str) -> typer.Typer:
    """Return an empty group of commands."""
    return typer.Typer(
        help=purpose,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def share(value: float) -> float:
    """Refuse what is no share."""
    if not 0 <= value <= 1:
        raise typer.BadParameter("must be 0 to 1")
    return value


def finite(value: float | None) -> float | None:
    """Refuse what is no number, which is neither below nor above any bound."""
    if value is not None and not isfinite(value):
        raise typer.BadParameter("must be a number")
    return value


def folder(text: str | Path) -> Path:
    """Refuse a name that says nothing, as a variable that is not set: it would be this folder."""
    if not str(text).strip():
        raise typer.BadParameter("is empty; this folder is .")
    return Path(text)


def file_to_read(purpose: str) -> object:
    """Declare an option that names a file which is there."""
    return typer.Option(metavar="FILE", exists=True, dir_okay=False, readable=True, help=purpose)


def file_to_write(purpose: str) -> object:
    """Declare an option that names a file which need not be there."""
    return typer.Option(metavar="FILE", dir_okay=False, help=purpose)


HotlistFile = Annotated[
    Path, file_to_read("Wanted plates: one a line, CSV, JSON Lines, or a feed file.")
]
RegistryFile = Annotated[
    Path | None,
    file_to_read("What `registry build` wrote: weigh the plates that are registered."),
]
SourceOption = Annotated[SourceName, typer.Option(help="How the read came about.")]
BaseRate = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[SOURCE=]P",
        help="How often a read is of a listed vehicle: 0.02 for all sources, camera=0.001 for "
        "one. May be given several times.  [default: 0.01]",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, max=256, help="Processes.  [default: one a core]"),
]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="Most hits of one read.")]
By = Annotated[str, typer.Option(metavar="NAME", help="Who asks; it goes on record.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; it goes on record.")]
KEY_OPTION = typer.Option(
    "--key-file",
    metavar="FILE",
    help="File whose first line is the key of an auditor; - for standard input.",
)
KeyFile = Annotated[Path | None, KEY_OPTION]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text for people.")]
Data = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        parser=folder,
        help="Folder of database, hotlist and keys.  [default: the setting, or ./data]",
    ),
]
