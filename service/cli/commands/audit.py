"""Commands of the audit."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.commands.options import AsJson, By, Data, KeyFile, Reason, file_to_write, group

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


@audit.command("export")
def audit_export(
    *,
    by: By,
    reason: Reason,
    key_file: KeyFile = None,
    person: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only what this person did.")
    ] = None,
    plate: Annotated[
        str | None, typer.Option(metavar="PLATE", help="Only what concerned this plate.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="As 2026-01-31T00:00:00Z, or later.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Before this time.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV, not lines of JSON.")] = False,
    output: Annotated[Path | None, file_to_write("Where; without it, on standard output.")] = None,
    data: Data = None,
) -> None:
    """Write records for a privacy audit, by person, plate and period; itself on record.

    What is personal is opened with the key of an auditor only; without one only times and kinds
    of what was done are written.
    """
    from service.cli.export_audit import Wish, export_audit

    wish = Wish(
        person=person,
        plate=plate,
        since=since,
        until=until,
        by=by,
        reason=reason,
        key_file=key_file,
    )
    export_audit(wish, as_csv=as_csv, output=output, data=data)
