"""`plate-match credential`: issue, revoke and list the keys of callers."""

import json
import sys
from pathlib import Path

from service import clock
from service.cli.store import database_of, existing_database, settings_of
from service.cli.terminal import WrongUse, moment, page, say, say_json, table
from service.errors import NotThere
from service.records import IssuedCredential
from service.usecases import credentials
from service.usecases.credentials import CredentialRefused, Holder

Document = dict[str, object]


def issue(holder: Holder, *, data: Path | None, as_json: bool) -> None:
    """Print a new credential with its key, which nobody can be shown again.

    Raises:
        WrongUse: a name cannot be taken; the message says everything that is wrong.
    """
    with database_of(settings_of(data=data)) as database:
        try:
            issued, key = credentials.issue_to(database.credentials, holder, now=clock.now())
        except (CredentialRefused, NotThere) as error:
            raise WrongUse(str(error)) from None
    document = {"id": issued.id, "key": key, **_names(issued)}
    if as_json:
        say_json(document)
        return
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    say("This is the only time the key is shown.")


def revoke(id_: str, *, data: Path | None, as_json: bool) -> None:
    """Revoke a credential; one that was revoked before stays as it was.

    Raises:
        UnknownCredential: there is none with this id.
    """
    with existing_database(settings_of(data=data)) as database:
        revoked = credentials.revoke(database.credentials, id_, now=clock.now())
    if as_json:
        say_json(_document(revoked))
        return
    page().print(f"{revoked.id} ({revoked.role}, {revoked.organisation}) is revoked")


def list_(*, data: Path | None, as_json: bool) -> None:
    """Print every credential, revoked ones included, oldest first; never a key."""
    with existing_database(settings_of(data=data)) as database:
        issued = database.credentials.all()
    if as_json:
        say_json([_document(one) for one in issued])
        return
    columns = ("Id", "Role", "Organisation", "Person", "Issued at", "Revoked at")
    shown = table(*columns)
    for one in issued:
        revoked = "" if one.revoked_at is None else moment(one.revoked_at)
        names = (one.id, one.role, one.organisation, one.person or "")
        shown.add_row(*names, moment(one.issued_at), revoked)
    page().print(shown if issued else "no credential has been issued")


def _names(issued: IssuedCredential) -> Document:
    return {"role": issued.role, "organisation": issued.organisation, "person": issued.person}


def _document(issued: IssuedCredential) -> Document:
    revoked = None if issued.revoked_at is None else clock.to_text(issued.revoked_at)
    return {
        "id": issued.id,
        **_names(issued),
        "issuedAt": clock.to_text(issued.issued_at),
        "revokedAt": revoked,
    }
