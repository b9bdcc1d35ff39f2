"""Commands of the audit."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.commands.options import (
    KEY_OPTION,
    AsJson,
    By,
    Data,
    KeyFile,
    Reason,
    file_to_write,
    group,
)

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
        str | None,
        typer.Option(metavar="NAME", help="What this person did, and met."),
    ] = None,
    plate: Annotated[
        str | None,
        typer.Option(metavar="PLATE", help="What concerned this plate; - reads it."),
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


@audit.command("review")
def audit_review(
    *,
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="Which month, UTC.")],
    key_file: Annotated[Path, KEY_OPTION],
    sample: Annotated[int, typer.Option(min=0, max=10_000, help="Records drawn at random.")] = 20,
    word: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="Any word of your own, by which is drawn; the first after the month's end counts.",
        ),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List what of a month is to be judged lawful or not: who stands out, and a random sample.

    The same list comes of the same audit for everybody; that it was made is on record, with the
    word by which it was drawn. Later reviews of the month keep to that word.
    """
    from service.cli.review_audit import review
    from service.usecases.review_audit import Wish

    review(month, Wish(sample, word), key_file=key_file, data=data, as_json=as_json)


@audit.command("judge")
def audit_judge(
    *,
    seq: Annotated[
        int, typer.Argument(metavar="RECORD", min=1, max=2**63 - 1, help="As `review` shows it.")
    ],
    lawful: Annotated[bool, typer.Option("--lawful/--unlawful", help="What it was found to be.")],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who judges; it goes on record.")],
    reason: Reason,
    key_file: Annotated[Path, KEY_OPTION],
    data: Data = None,
) -> None:
    """Put on record that something was lawful or not; a later judgement counts in its place."""
    from service.cli.review_audit import judge
    from service.usecases.judge_act import Opinion

    opinion = Opinion(seq=seq, lawful=lawful, by=by, reason=reason)
    judge(opinion, key_file=key_file, data=data)
