"""`plate-match purge`: what has been kept as long as it may be is erased."""

from pathlib import Path

from service.cli.store import existing_database, settings_of, versions_of
from service.cli.terminal import page, say_json, table
from service.parts import purge_of


def purge(*, data: Path | None, as_json: bool) -> None:
    """Erase what is due, and print how many of each kind that were."""
    settings = settings_of(data=data)
    with existing_database(settings) as database:
        counts = purge_of(settings, database, versions_of(settings))()
    if as_json:
        say_json(dict(counts))
        return
    shown = table("Kind", "Erased", numbers=("Erased",))
    for kind, count in counts.items():
        shown.add_row(kind.replace("-", " "), f"{count:,}")
    page().print(shown)
