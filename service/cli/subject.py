"""`plate-match subject`: who listed a plate, who was told, what was done; what may be undone."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from plate_match.errors import UnreadablePlate
from plate_match.normalize import normalize
from plate_match.plate import Pattern, spelled
from service import clock
from service.adapters.db import Database
from service.adapters.plate_listings import PlateListings
from service.cli.auditor import auditor_of
from service.cli.store import declarations_of, existing_database, settings_of, versions_of
from service.cli.subject_page import show
from service.cli.terminal import Refused, WrongUse, line_of_stdin, page, say_json
from service.errors import FaultyDeclaration, StillListed
from service.lifespan import HOTLIST
from service.settings import Settings
from service.usecases.act_on_subject import ActOnSubject
from service.usecases.export_audit import Document, Opening
from service.usecases.show_subject import Owner, ShowSubject


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was typed: which plate, what is to be done with it, for whom and why."""

    plate: str
    by: str
    reason: str
    key_file: Path | None
    correct: str | None
    acts: tuple[str, ...]


def subject(wanted: Wanted, *, data: Path | None, as_json: bool) -> None:
    """Show what is on record of a plate, or do the one act that is asked for.

    Raises:
        WrongUse: what was typed does not go together; the message names every fault.
        Refused: it cannot be done now, or the key is not that of an auditor.
    """
    plate = _checked(wanted)
    settings = settings_of(data=data)
    with existing_database(settings) as database:
        auditor = auditor_of(database, wanted.key_file, "subject")
        opening = Opening(
            by=wanted.by.strip(), reason=wanted.reason.strip(), now=clock.now(), auditor=auditor
        )
        if not wanted.acts:
            document = _shown(settings, database)(plate, opening)
            say_json(document) if as_json else show(document)
            return
        try:
            done = _acted(wanted, plate, opening)(_acting(settings, database))
        except StillListed as error:
            raise Refused(f"nothing was erased: {error}") from None
    if as_json:
        say_json({"plate": plate, **done})
        return
    for name, told in done.items():
        page().print(f"{name}: {told}")


def _checked(wanted: Wanted) -> str:
    """Return the plate in its symbols alone, from standard input where it is `-`."""
    faults = [
        f"--{name}: goes on record and cannot be empty"
        for name, text in (("by", wanted.by), ("reason", wanted.reason))
        if not text.strip()
    ]
    if len(wanted.acts) > 1:
        faults.append(f"{' and '.join(wanted.acts)}: one at a time")
    if wanted.correct is not None and not wanted.correct.strip():
        faults.append("--correct: the statement is empty")
    typed, key = wanted.plate, wanted.key_file
    if typed == "-" and key is not None and str(key) == "-":
        faults.append("--key-file: standard input is the plate already")
    if faults:
        raise WrongUse("; ".join(faults))
    try:
        plate = normalize(line_of_stdin("PLATE") if typed == "-" else typed)
    except UnreadablePlate as error:
        raise WrongUse(f"PLATE: {error}") from None
    if isinstance(plate, Pattern):
        raise WrongUse("PLATE: must be a whole plate")
    return spelled(plate)


def _shown(settings: Settings, database: Database) -> ShowSubject:
    return ShowSubject(
        subjects=database.subjects,
        listings=PlateListings(settings.data / HOTLIST),
        entries=database.entries,
        trail=database.audit,
        credentials=database.credentials.all(),
        owner=_owner(settings),
        current=versions_of(settings).current(),
    )


def _acting(settings: Settings, database: Database) -> ActOnSubject:
    return ActOnSubject(
        subjects=database.subjects,
        listings=PlateListings(settings.data / HOTLIST),
        entries=database.entries,
        past=database.past_sightings,
        trail=database.audit,
        erasure=database.erasure,
        current=versions_of(settings).current(),
    )


def _owner(settings: Settings) -> Callable[[str], Owner | None]:
    declarations = declarations_of(settings)

    def owner(feed: str) -> Owner | None:
        try:
            declared = declarations.of(feed)
        except FaultyDeclaration:
            return None
        return None if declared is None else (declared.owner, declared.contact)

    return owner


STAYS = (
    "the audit within its years, the entries of feeds, which are their owners', and sightings "
    "that have hits on other plates, for their time"
)


def _acted(wanted: Wanted, plate: str, opening: Opening) -> Callable[[ActOnSubject], Document]:
    (act,) = wanted.acts
    acts: dict[str, Callable[[ActOnSubject], Document]] = {
        "--correct": lambda acting: {
            "corrected": acting.correct(plate, (wanted.correct or "").strip(), opening)
        },
        "--restrict": lambda acting: {"restricted": acting.restrict(plate, opening)},
        "--lift": lambda acting: {"lifted": acting.lift(plate, opening)},
        "--withdraw": lambda acting: {"withdrawn": acting.withdraw(plate, opening)},
        "--erase": lambda acting: _erased(acting, plate, opening),
    }
    return acts[act]


def _erased(acting: ActOnSubject, plate: str, opening: Opening) -> Document:
    done = acting.erase(plate, opening)
    return {
        "sightings": done.sightings,
        "hitsOfOtherSightings": done.cut,
        "entries": done.entries,
        "stays": STAYS,
    }
