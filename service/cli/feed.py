"""`plate-match feed`: check a feed file, see what is in force."""

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from plate_match.errors import UnreadableHotlist
from plate_match.feed import Loaded
from service import clock, ids
from service.adapters.refused_files import RefusedFiles
from service.cli.store import existing_database, settings_of, versions_of
from service.cli.terminal import (
    Refused,
    WrongUse,
    moment,
    page,
    progress,
    say,
    say_json,
    say_rejects,
    table,
)
from service.feed_ports import FeedHistory
from service.feed_records import FeedFile, HotlistVersion
from service.settings import Settings
from service.usecases.keep_refused import KeepRefused
from service.usecases.load_hotlist import check as check_file

Document = dict[str, object]


def check(path: Path, *, as_json: bool) -> None:
    """Print what loading a file would accept and refuse, and change nothing.

    Raises:
        WrongUse: the file is in no known format.
        Refused: it has no row that can be accepted.
    """
    with progress() as shown:
        shown.phase("checking", path.stat().st_size)
        try:
            loaded = check_file(
                path, now=clock.now(), progress=lambda piece: shown.advance(len(piece))
            )
        except UnreadableHotlist as error:
            raise WrongUse(f"{path}: {error}") from None
    if as_json:
        say_json(_checked(loaded))
    else:
        rejects = ((f"line {reject.row}", reject.reason) for reject in loaded.rejects)
        say_rejects(rejects, rejected=len(loaded.rejects), shown=20)
        accepted = len(loaded.hotlist)
        page().print(f"{loaded.format}, {loaded.rows:,} rows: {accepted:,} would be accepted")
    if not loaded.hotlist:
        raise Refused("the file has no row that can be accepted")


def status(*, data: Path | None, as_json: bool) -> None:
    """Print which version is in force, the newest accepted file of every feed, and what is kept."""
    settings = settings_of(data=data)
    versions = versions_of(settings)
    with existing_database(settings) as database:
        files = database.feed_history.latest()
        name = versions.current()
        version = None if name is None else versions.version(name)
        refused = _refused(settings, database.feed_history)
    if as_json:
        feeds = [_accepted(file, version) for file in files]
        say_json({"version": name, "feeds": feeds, "refused": [_kept(file) for file in refused]})
        return
    if version is None:
        say("no hotlist is in force yet; load one with `plate-match feed load`")
        _say_refused(refused)
        return
    built_at = moment(version.built_at)
    page().print(f"version {version.name}, built at {built_at}", soft_wrap=True)
    page().print(_table(files, version))
    _say_refused(refused)


def _table(files: Sequence[FeedFile], version: HotlistVersion) -> Table:
    counts = ("In force", "Rejected", "Added", "Changed", "Withdrawn")
    shown = table("Feed", "Accepted at", "Format", *counts, numbers=counts)
    entries = {part.name: part.entries for part in version.feeds}
    for file in files:
        numbers = (entries.get(file.feed, 0), file.rejected, file.added)
        more = (file.changed, file.withdrawn)
        shown.add_row(
            file.feed,
            moment(file.received_at),
            file.format,
            *(f"{number:,}" for number in (*numbers, *more)),
        )
    return shown


def _refused(settings: Settings, history: FeedHistory) -> list[FeedFile]:
    """Return the files that were refused for their size and can still be let pass."""
    kept = KeepRefused(RefusedFiles(settings.data), history).waiting()
    found = (history.file(one.feed, one.id) for one in kept)
    return [file for file in found if file is not None]


def _say_refused(refused: Sequence[FeedFile]) -> None:
    for file in refused:
        page().print(
            f"feed {file.feed}: file {ids.to_text(file.id)} was refused at "
            f"{moment(file.received_at)}, and is kept: {file.refused}",
            soft_wrap=True,
        )


def _kept(file: FeedFile) -> Document:
    return {
        "id": ids.to_text(file.id),
        "feed": file.feed,
        "receivedAt": clock.to_text(file.received_at),
        "refused": file.refused,
    }


def _checked(loaded: Loaded) -> Document:
    return {
        "format": loaded.format,
        "rows": loaded.rows,
        "accepted": len(loaded.hotlist),
        "rejected": len(loaded.rejects),
        "rejects": [{"row": one.row, "reason": one.reason} for one in loaded.rejects],
        "version": None,
        "added": None,
        "changed": None,
        "withdrawn": None,
    }


def offered_document(file: FeedFile) -> Document:
    """Return what became of a file, as JSON has it."""
    return {
        "format": file.format,
        "rows": file.rows,
        "accepted": file.accepted,
        "rejected": file.rejected,
        "rejects": [{"row": row, "reason": reason} for row, reason in file.rejects],
        "version": file.version,
        "added": file.added,
        "changed": file.changed,
        "withdrawn": file.withdrawn,
    }


def _accepted(file: FeedFile, version: HotlistVersion | None) -> Document:
    entries = {part.name: part.entries for part in (version.feeds if version else ())}
    return {
        "name": file.feed,
        "acceptedAt": clock.to_text(file.received_at),
        "entries": entries.get(file.feed, 0),
        **offered_document(file),
    }
