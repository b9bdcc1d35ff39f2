"""Commands of the registry."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.commands.options import AsJson, file_to_write, group

Export = Annotated[
    Path,
    typer.Argument(
        metavar="EXPORT.csv",
        exists=True,
        dir_okay=False,
        readable=True,
        help="Columns kenteken, voertuigsoort, export_indicator; also merk, eerste_kleur.",
    ),
]

registry = group("The vehicles that are registered, as `match` and `evaluate` weigh them.")


@registry.callback()
def root() -> None:
    """Say what the group is for; a group of one command would be that command."""


@registry.command("build")
def registry_build(
    *,
    export: Export,
    output: Annotated[Path, file_to_write("File to write the registry to.")],
    as_json: AsJson = False,
) -> None:
    """Make a registry of an export of the vehicle register (RDW open data).

    All rows are read, or nothing is written. Vehicles that were exported are left out.
    """
    from service.cli.registry import build

    build(export, output, as_json=as_json)
