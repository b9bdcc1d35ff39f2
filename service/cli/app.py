"""The command line as a whole: its groups of commands, and the two that run the service."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from service.cli.commands import reads
from service.cli.commands.audit import audit
from service.cli.commands.credential import credential
from service.cli.commands.feed import feed
from service.cli.commands.options import AsJson, Data, Reason, folder, group
from service.cli.commands.registry import registry
from service.cli.commands.subject import subject
from service.cli.read_argument import ReadCommand

app = group("Match partial and misread licence plates against a hotlist of wanted ones.")


def _version(wanted: bool) -> None:  # noqa: FBT001 - the signature is that of an option
    if wanted:
        from service.cli.version import version_line

        typer.echo(version_line())
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the versions and exit."
        ),
    ] = False,
) -> None:
    """Match partial and misread licence plates against a hotlist of wanted ones."""


@app.command()
def demo(
    *,
    data: Annotated[
        Path, typer.Option(metavar="DIR", parser=folder, help="Folder of the demo.")
    ] = Path("demo-data"),
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Port to listen on; 0 for a free one.  [default: 8000, or free]"
        ),
    ] = None,
) -> None:
    """Run the whole service on this machine, with synthetic plates and sample sightings.

    On a folder that holds a demo it goes on with the same database, hotlist and keys.
    """
    from service.cli.demo import run

    run.demo(data, port)


@app.command()
def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address.  [default: 127.0.0.1]")] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port; 0 for a free one.  [default: 8000]"),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes.")] = 1,
    data: Data = None,
) -> None:
    """Run the service until it is interrupted.

    Everything else is set by PLATE_MATCH_... in the environment, or in the TOML file that
    PLATE_MATCH_CONFIG names.
    """
    from service.cli.serve import serve as work

    work(host, port, workers=workers, data=data)


@app.command()
def freeze(*, reason: Reason, data: Data = None) -> None:
    """Disclose nothing of the hotlist until it is thawed; sightings are still taken.

    A service that runs on the same folder keeps to it within a second.
    """
    from service.cli.freeze import freeze as work

    work(reason, frozen=True, data=data)


@app.command()
def thaw(*, reason: Reason, data: Data = None) -> None:
    """Answer from the hotlist again, and match the sightings that were taken meanwhile."""
    from service.cli.freeze import freeze as work

    work(reason, frozen=False, data=data)


@app.command()
def purge(*, data: Data = None, as_json: AsJson = False) -> None:
    """Erase what has been kept as long as it may be; a running service does so by itself."""
    from service.cli.purge import purge as work

    work(data=data, as_json=as_json)


app.command(cls=ReadCommand)(reads.lookup)
app.command()(reads.match)
app.command()(reads.evaluate)
app.command()(subject)
for _commands, _name in (
    (registry, "registry"),
    (feed, "feed"),
    (credential, "credential"),
    (audit, "audit"),
):
    app.add_typer(_commands, name=_name)


def _check_text(arguments: Sequence[str]) -> None:
    """Refuse bytes that are no text: what is typed goes on record and into answers."""
    for place, argument in enumerate(arguments, start=1):
        try:
            argument.encode()
        except UnicodeEncodeError:
            from service.cli.terminal import WrongUse

            before = arguments[place - 2] if place > 1 else ""
            option = argument.partition("=")[0] if argument.startswith("--") else before
            which = option if option.startswith("--") and option.isascii() else f"argument {place}"
            raise WrongUse(f"{which}: is no UTF-8 text") from None


def run() -> int:
    """Run the command that the arguments of this process name, and return its exit code."""
    try:
        _check_text(sys.argv[1:])
        app(prog_name="plate-match")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except Exception as error:
        from service.cli.failures import exit_code, tell

        code = exit_code(error)
        if code is None:
            raise
        tell(error)
        return code
    return 0
