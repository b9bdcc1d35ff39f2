"""`plate-match purge`: what has been kept as long as it may be is erased."""

from pathlib import Path

from service.cli.store import existing_database, settings_of, versions_of
from service.cli.terminal import page, say_json, table
from service.lifespan import retention_of
from service.usecases.purge import Purge


def purge(*, data: Path | None, as_json: bool) -> None:
    """Erase what is due, and print how many of each kind that were."""
    settings = settings_of(data=data)
    with existing_database(settings) as database:
        erase = Purge(
            erasure=database.erasure,
            versions=versions_of(settings),
            history=database.feed_history,
            retention=retention_of(settings),
        )
        counts = erase()
    if as_json:
        say_json(dict(counts))
        return
    shown = table("Kind", "Erased", numbers=("Erased",))
    for kind, count in counts.items():
        shown.add_row(kind.replace("-", " "), f"{count:,}")
    page().print(shown)
