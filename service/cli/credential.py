"""`plate-match credential`: issue, rotate, revoke and list the keys of callers."""

import json
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from service import clock
from service.cli.blocks import say_rows
from service.cli.store import database_of, existing_database, settings_of
from service.cli.terminal import WrongUse, moment, page, say, say_json
from service.errors import NotThere
from service.records import AuditEvent, IssuedCredential
from service.usecases import credentials
from service.usecases.credentials import CredentialRefused, Holder

Document = dict[str, object]


def issue(holder: Holder, *, valid_days: float | None, data: Path | None, as_json: bool) -> None:
    """Print a new credential with its key, which nobody can be shown again.

    Raises:
        WrongUse: a name cannot be taken; the message says everything that is wrong.
    """
    with database_of(settings_of(data=data)) as database:
        try:
            issued, key = credentials.issue_to(
                database.credentials, holder, now=clock.now(), lasts=_days(valid_days)
            )
        except (CredentialRefused, NotThere) as error:
            raise WrongUse(str(error)) from None
    _show_key(_with_key(issued, key), as_json=as_json)


def rotate(
    id_: str, overlap: float, *, valid_days: float | None, data: Path | None, as_json: bool
) -> None:
    """Print a new credential of the same holder with its key; the old one ends after the overlap.

    Args:
        id_: of the old one.
        overlap: hours that the old key still counts.
        valid_days: days that the new one counts.
        data: folder of the database.
        as_json: one line of JSON alone.

    Raises:
        UnknownCredential: there is none with this id.
        CannotRotate: it cannot be replaced; the message says why.
    """
    with existing_database(settings_of(data=data)) as database:
        old, new, key = credentials.rotate(
            database.credentials,
            id_,
            overlap=timedelta(hours=overlap),
            now=clock.now(),
            lasts=_days(valid_days),
        )
    replaced = {"id": old.id, "expiresAt": _time(old.expires_at)}
    _show_key({**_with_key(new, key), "replaces": replaced}, as_json=as_json)


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
    """Print every credential, revoked ones included, oldest first; never a key. On record."""
    with existing_database(settings_of(data=data)) as database:
        issued = database.credentials.all()
        header = {"shown": len(issued)}
        database.audit.add(AuditEvent(clock.now(), "credentials-listed", header, {}))
    if as_json:
        say_json([_document(one) for one in issued])
        return
    if not issued:
        page().print("no credential has been issued")
        return
    say_rows(("Id", "Role", "Issued", "Now", "Whose"), list(map(_row, issued)))


def _row(one: IssuedCredential) -> Sequence[str]:
    issuer = f"tokens of {one.issuer}" if one.issuer else None
    whose = ", ".join(filter(None, (one.person, one.organisation, issuer)))
    day = moment(one.issued_at).partition("T")[0]
    return one.id, one.role, day, _now(one), whose


def _now(one: IssuedCredential) -> str:
    if one.revoked_at is not None:
        return f"revoked {moment(one.revoked_at)}"
    if one.expires_at is None:
        return ""
    return f"{'ends' if clock.now() < one.expires_at else 'ended'} {moment(one.expires_at)}"


def _show_key(document: Document, *, as_json: bool) -> None:
    if as_json:
        say_json(document)
        return
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    say("This is the only time the key is shown.")


def _days(days: float | None) -> timedelta | None:
    return None if days is None else timedelta(days=days)


def _time(at: int | None) -> str | None:
    return None if at is None else clock.to_text(at)


def _with_key(issued: IssuedCredential, key: str) -> Document:
    ends = {} if issued.expires_at is None else {"expiresAt": _time(issued.expires_at)}
    return {"id": issued.id, "key": key, **_names(issued), **ends}


def _names(issued: IssuedCredential) -> Document:
    return {"role": issued.role, "organisation": issued.organisation, "person": issued.person}


def _document(issued: IssuedCredential) -> Document:
    return {
        "id": issued.id,
        **_names(issued),
        "issuedAt": _time(issued.issued_at),
        "expiresAt": _time(issued.expires_at),
        "revokedAt": _time(issued.revoked_at),
        "issuer": issued.issuer,
        "device": issued.device,
        "purpose": issued.purpose,
        "incident": issued.incident,
    }
