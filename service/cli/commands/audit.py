"""Commands of the audit."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.commands.options import AsJson, Data, group

audit = group("The record of what was done.")


@audit.command("verify")
def audit_verify(
    *,
    witness: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Folder or file of heads that a witness was told."),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Check that no record was changed, removed or put in another order.

    With a witness also that the chain was not cut off or written anew as a whole.
    """
    from service.cli.audit import verify

    verify(witness=witness, data=data, as_json=as_json)


@audit.command("head")
def audit_head(*, data: Data = None) -> None:
    """Print the last record's place and hash, as JSON, for a witness."""
    from service.cli.audit import head

    head(data=data)
