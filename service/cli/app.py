"""Every command with its options, on one page; each imports its work when it is called.

So `--help` is quick, and `lookup` and `match` load neither web framework nor database.
"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from service.cli.read_argument import ReadCommand

SourceName = Literal["eyesight", "memory", "mirror", "radio", "camera"]
RoleName = Literal["guard", "dispatch", "infodesk", "feed", "manager", "auditor", "operator"]


def _group(purpose: str) -> typer.Typer:
    return typer.Typer(
        help=purpose,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


app = _group("Match partial and misread licence plates against a hotlist of wanted ones.")
feed = _group("Feed files: check one, load one, see what is in force.")
credential = _group("Keys of callers: issue, revoke, list.")
audit = _group("The record of what was done.")
for _commands, _name in ((feed, "feed"), (credential, "credential"), (audit, "audit")):
    app.add_typer(_commands, name=_name)


def _between(value: float) -> float:
    if not 0 < value < 1:
        raise typer.BadParameter("must lie between 0 and 1")
    return value


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        raise typer.BadParameter("must be 0 to 1")
    return value


def _file(purpose: str) -> object:
    return typer.Option(metavar="FILE", exists=True, dir_okay=False, readable=True, help=purpose)


def _refused(name: str) -> object:
    """Declare an option of the contract whose time has not come: named, and not ignored."""

    def refuse(value: str | None) -> str | None:
        if value is not None:
            raise typer.BadParameter(f"{name} cannot be weighed yet; leave this option out")
        return value

    return typer.Option(hidden=True, callback=refuse)


FeedFile = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)]
HotlistFile = Annotated[Path, _file("Wanted plates: one a line, CSV, JSON Lines, or a feed file.")]
SourceOption = Annotated[SourceName, typer.Option(help="How the read came about.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="Most hits of one read.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text for people.")]
Data = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        file_okay=False,
        help="Folder of database, hotlist and keys.  [default: the setting, or ./data]",
    ),
]


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
        Path, typer.Option(metavar="DIR", file_okay=False, help="Folder of the demo.")
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


@app.command(cls=ReadCommand)
def lookup(
    *,
    read: Annotated[
        str, typer.Argument(metavar="READ", help='What was seen, as in "8X-?V-41"; - for stdin.')
    ],
    hotlist: HotlistFile,
    source: SourceOption = "eyesight",
    limit: Limit = 5,
    as_json: AsJson = False,
    make: Annotated[str | None, _refused("the make")] = None,  # noqa: ARG001
    colour: Annotated[str | None, _refused("the colour")] = None,  # noqa: ARG001
    country: Annotated[
        str | None, typer.Option(metavar="CC", help="Country of the plate, as in NL.")
    ] = None,
) -> None:
    """Look one read up in a hotlist file.

    In READ, ? is a symbol that was not seen, * any number of them, [8B] a doubt between two.
    Words work too: "begint met 12". With - every line of stdin is a read. It may begin with a
    dash, as in -AB-12; after -- everything is a read.
    """
    from service.cli.lookup import Asked
    from service.cli.lookup import lookup as work

    work(hotlist, read, Asked.of(source, country, limit), as_json=as_json)


@app.command()
def match(
    *,
    hotlist: HotlistFile,
    reads: Annotated[Path, _file("CSV of id,read and, if present, source, char_conf and country.")],
    output: Annotated[
        Path,
        typer.Option(
            metavar="FILE", dir_okay=False, help="CSV of id,rank,plate,confidence,similarity."
        ),
    ],
    rejects: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="CSV of id,reason for unreadable rows."),
    ] = None,
    source: SourceOption = "eyesight",
    base_rate: Annotated[
        float, typer.Option(callback=_between, help="How often a read is of a listed vehicle.")
    ] = 0.01,
    limit: Limit = 5,
    min_confidence: Annotated[
        float, typer.Option(callback=_share, help="Least confidence of a hit.")
    ] = 0.01,
    as_json: AsJson = False,
    registry: Annotated[str | None, _refused("a registry")] = None,  # noqa: ARG001
) -> None:
    """Match a file of reads against a hotlist file, on all cores.

    --source fills the rows that name none. A read without a hit has no row in the output.
    """
    from service.cli.match import Files, Options
    from service.cli.match import match as work

    options = Options(source, base_rate, limit, min_confidence)
    work(Files(hotlist, reads, output, rejects), options, as_json=as_json)


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


@credential.command("issue")
def credential_issue(
    *,
    role: Annotated[RoleName, typer.Option(help="What the key may be used for.")],
    organisation: Annotated[str, typer.Option(help="Whose it is.")],
    person: Annotated[str | None, typer.Option(help="Who holds it.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Issue a key and print it, once; a running service takes it at the next request."""
    from service.cli.credential import issue

    issue(role, organisation, person, data=data, as_json=as_json)


@credential.command("revoke")
def credential_revoke(
    *,
    credential_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Revoke a key; a running service refuses it from the next request on."""
    from service.cli.credential import revoke

    revoke(credential_id, data=data, as_json=as_json)


@credential.command("list")
def credential_list(*, data: Data = None, as_json: AsJson = False) -> None:
    """List every credential, revoked ones included; never a key."""
    from service.cli.credential import list_

    list_(data=data, as_json=as_json)


@audit.command("verify")
def audit_verify(*, data: Data = None, as_json: AsJson = False) -> None:
    """Check that no record was changed, removed or put in another order."""
    from service.cli.audit import verify

    verify(data=data, as_json=as_json)


def run() -> int:
    """Run the command that the arguments of this process name, and return its exit code."""
    try:
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
