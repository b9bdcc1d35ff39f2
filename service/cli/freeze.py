"""`plate-match freeze` and `thaw`: whether anything of the hotlist is disclosed."""

from pathlib import Path

from service import clock
from service.cli.store import existing_database, settings_of, versions_of
from service.cli.terminal import WrongUse, page
from service.records import AuditEvent


def freeze(reason: str, *, frozen: bool, data: Path | None) -> None:
    """Freeze the hotlist or thaw it, on record before it is so.

    Raises:
        WrongUse: no reason is given, or there is no such data folder.
    """
    if not reason.strip():
        raise WrongUse("say why: the reason goes on record")
    settings = settings_of(data=data)
    with existing_database(settings) as database:
        action = "hotlist-frozen" if frozen else "hotlist-thawed"
        database.audit.add(AuditEvent(clock.now(), action, {}, {"reason": reason}))
        versions_of(settings).freeze(frozen=frozen)
    page().print(
        "frozen: sightings are taken, nothing is disclosed"
        if frozen
        else "thawed: sightings that were taken meanwhile are being matched"
    )
