"""`plate-match feed check FILE --feed NAME`: what loading the file would do."""

from pathlib import Path

from plate_match.errors import UnreadableHotlist
from plate_match.false_alerts import FalseAlerts
from service import clock
from service.adapters.feed_folder import beside
from service.cli.feed import offered_document
from service.cli.store import declarations_of, existing_database, settings_of, versions_of
from service.cli.terminal import Refused, WrongUse, page, progress, say_json, say_rejects
from service.errors import FaultyDeclaration
from service.ports import HotlistDamaged
from service.usecases.load_hotlist import InvalidFeedName
from service.usecases.preview_feed import Alerts, Preview, PreviewFeed


def preview(path: Path, feed: str, *, data: Path | None, as_json: bool) -> None:
    """Print what loading a file would do to a feed, and change nothing.

    Raises:
        WrongUse: the name of the feed, its declaration or the file cannot be read.
        Refused: the gate would refuse it, or a list in force is damaged.
    """
    settings = settings_of(data=data)
    with progress() as shown, existing_database(settings) as database:
        shown.phase("checking", path.stat().st_size)
        previewing = PreviewFeed(
            versions_of(settings),
            database.feed_history,
            declarations_of(settings).of,
            settings.base_rate,
            lambda piece: shown.advance(len(piece)),
        )
        try:
            found = previewing(beside(path), feed, now=clock.now())
        except (InvalidFeedName, FaultyDeclaration, UnreadableHotlist) as error:
            raise WrongUse(f"{path}: {error}") from None
        except HotlistDamaged as error:
            raise Refused(str(error)) from None
    _tell(found, as_json=as_json)
    if found.file.refused is not None:
        raise Refused(f"it would be refused: {found.file.refused}")


def _tell(found: Preview, *, as_json: bool) -> None:
    file = found.file
    if as_json:
        alerts = {"before": _document(found.before), "after": _document(found.after)}
        say_json({**offered_document(file), "refused": file.refused, "falseAlerts": alerts})
        return
    rejects = ((f"line {row}", reason) for row, reason in file.rejects)
    say_rejects(rejects, rejected=file.rejected, shown=20)
    page().print(f"{file.format}, {file.rows:,} rows: {file.accepted:,} would be accepted")
    if found.after is not None:
        page().print(
            f"{file.added:,} would be added, {file.changed:,} changed, {file.withdrawn:,} withdrawn"
        )
    _tell_alerts("in force now", found.before)
    _tell_alerts("with this file", found.after)


def _tell_alerts(list_: str, alerts: Alerts | None) -> None:
    for source, one in (alerts or {}).items():
        page().print(
            f"{list_}: {one.per_thousand:.2f} of 1,000 innocent sightings by {source} alerted "
            f"({one.low:.2f} to {one.high:.2f})",
            soft_wrap=True,
        )


def _document(alerts: Alerts | None) -> dict[str, object] | None:
    if alerts is None:
        return None
    return {source.value: _figures(figures) for source, figures in alerts.items()}


def _figures(one: FalseAlerts) -> dict[str, object]:
    return {
        "perThousand": one.per_thousand,
        "low": one.low,
        "high": one.high,
        "draws": one.draws,
    }
