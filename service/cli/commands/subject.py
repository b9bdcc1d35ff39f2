"""The command for what is on record of one plate."""

from typing import Annotated

import typer

from service.cli.commands.options import AsJson, By, Data, KeyFile, Reason

PlateTyped = Annotated[
    str,
    typer.Argument(
        metavar="PLATE", help="A whole plate; - reads it from standard input, unseen by others."
    ),
]
Correct = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Put a statement beside all hits on it.")
]
Restrict = Annotated[
    bool, typer.Option("--restrict", help="Keep its hits as proof, shown to an auditor alone.")
]
Lift = Annotated[bool, typer.Option("--lift", help="End that.")]
Withdraw = Annotated[
    bool, typer.Option("--withdraw", help="Withdraw entries on it that came in no file.")
]
Erase = Annotated[
    bool, typer.Option("--erase", help="Erase what may be erased, once it is not wanted.")
]


def subject(
    *,
    plate: PlateTyped,
    by: By,
    reason: Reason,
    key_file: KeyFile = None,
    correct: Correct = None,
    restrict: Restrict = False,
    lift: Lift = False,
    withdraw: Withdraw = False,
    erase: Erase = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show who listed a plate, when, who was told, and what was done; all looks are on record.

    What the audit says of it is shown with the key of an auditor. With one of the acts it is
    corrected, restricted or erased instead. An argument can be seen in the list of processes and
    in the history of a shell: with - the plate is read from standard input.
    """
    from service.cli.subject import Wanted
    from service.cli.subject import subject as work

    asked = {
        "--correct": correct is not None,
        "--restrict": restrict,
        "--lift": lift,
        "--withdraw": withdraw,
        "--erase": erase,
    }
    acts = tuple(name for name, wanted in asked.items() if wanted)
    wanted = Wanted(
        plate=plate, by=by, reason=reason, key_file=key_file, correct=correct, acts=acts
    )
    work(wanted, data=data, as_json=as_json)
