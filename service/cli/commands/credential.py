"""Commands of keys."""

from typing import Annotated, Literal

import typer

from service.cli.commands.options import AsJson, Data, finite, group

RoleName = Literal["guard", "dispatch", "infodesk", "feed", "manager", "auditor", "operator"]

PurposeName = Literal["offences", "public-order", "assistance", "supervision"]

ValidDays = Annotated[
    float | None,
    typer.Option(
        min=0.001, max=3660, callback=finite, help="Days the key counts; without, no end."
    ),
]

credential = group("Keys of callers: issue, rotate, revoke, list.")


@credential.command("issue")
def credential_issue(
    *,
    role: Annotated[RoleName, typer.Option(help="What the key may be used for.")],
    organisation: Annotated[str, typer.Option(help="Whose it is.")],
    person: Annotated[str | None, typer.Option(help="Who holds it.")] = None,
    device: Annotated[str | None, typer.Option(help="Id of the device it is for.")] = None,
    purpose: Annotated[
        PurposeName | None, typer.Option(help="What consultations are for that name no purpose.")
    ] = None,
    incident: Annotated[str | None, typer.Option(help="And for which incident.")] = None,
    valid_days: ValidDays = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Issue a key and print it, once; a running service takes it at the next request."""
    from service.cli.credential import issue
    from service.records import Role
    from service.usecases.credentials import Holder

    holder = Holder(Role(role), organisation, person, device, purpose, incident)
    issue(holder, valid_days=valid_days, data=data, as_json=as_json)


@credential.command("rotate")
def credential_rotate(
    *,
    credential_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")],
    overlap: Annotated[
        float,
        typer.Option(
            min=0, max=8760, callback=finite, help="Hours the old key still counts; 0: ends now."
        ),
    ] = 24,
    valid_days: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            max=3660,
            callback=finite,
            help="Days the new key counts; without, as long as the old one.",
        ),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Issue a new key to the same holder and print it, once; the old one ends after an overlap."""
    from service.cli.credential import rotate

    rotate(credential_id, overlap, valid_days=valid_days, data=data, as_json=as_json)


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
