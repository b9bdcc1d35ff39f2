"""`plate-match feed load`: a file put in force; by two people, where its size speaks against it."""

from dataclasses import dataclass
from pathlib import Path

from plate_match.errors import UnreadableHotlist
from service import clock
from service.adapters.db import Database
from service.adapters.feed_folder import beside
from service.cli.feed import offered_document
from service.cli.key_files import two_holders
from service.cli.store import database_of, declarations_of, settings_of, versions_of
from service.cli.terminal import Refused, WrongUse, page, progress, say_json, say_rejects
from service.errors import FaultyDeclaration
from service.feed_records import FeedFile
from service.records import Role
from service.usecases.gate import Override
from service.usecases.load_hotlist import InvalidFeedName, InvalidOverride, LoadHotlist


@dataclass(frozen=True, slots=True)
class Overriding:
    """Why a file is to pass that is refused for its size, and the key files of two people."""

    reason: str
    keys: tuple[Path, Path]


def overriding(reason: str | None, key: Path | None, second: Path | None) -> Overriding | None:
    """Return what is asked for of an override, if one is.

    Raises:
        WrongUse: a part of it is missing.
    """
    if reason is None:
        if key is not None or second is not None:
            raise WrongUse("--key-file and --second-key-file belong to --override REASON")
        return None
    if not reason.strip():
        raise WrongUse("--override: say why: the reason goes on record")
    if key is None or second is None:
        raise WrongUse("--override: two people do so; give --key-file and --second-key-file")
    return Overriding(reason, (key, second))


def load(
    path: Path, feed: str, *, asked: Overriding | None = None, data: Path | None, as_json: bool
) -> None:
    """Put the good rows of a file in force as its feed.

    Raises:
        WrongUse: the name of the feed, its declaration, the file or a key cannot be read.
        Refused: the file was refused as a whole, or who would override that; the list in force is
            untouched.
    """
    settings = settings_of(data=data)
    with progress() as shown, database_of(settings) as database:
        override = _proven(database, asked)
        shown.phase("loading", path.stat().st_size)
        use_case = LoadHotlist(
            versions_of(settings),
            database.feed_history,
            declarations_of(settings).of,
            lambda piece: shown.advance(len(piece)),
        )
        try:
            file = use_case.load(beside(path), feed, now=clock.now(), override=override)
        except (
            InvalidFeedName,
            InvalidOverride,
            FaultyDeclaration,
            UnreadableHotlist,
        ) as error:
            raise WrongUse(f"nothing was loaded: {error}") from None
    _tell(file, as_json=as_json)


def _proven(database: Database, asked: Overriding | None) -> Override | None:
    if asked is None:
        return None
    first, second = two_holders(database, asked.keys, "feed load", role=Role.OPERATOR)
    return Override(asked.reason, first, second)


def _tell(file: FeedFile, *, as_json: bool) -> None:
    """Print what became of a file; raises Refused if that is nothing."""
    if as_json:
        say_json(offered_document(file))
    else:
        rejects = ((f"line {row}", reason) for row, reason in file.rejects)
        say_rejects(rejects, rejected=file.rejected)
    if file.refused is not None:
        raise Refused(f"refused, the list in force is untouched: {file.refused}")
    if not as_json:
        page().print(
            f"feed {file.feed}: {file.accepted:,} of {file.rows:,} rows in force as version "
            f"{file.version}\n{file.added:,} added, {file.changed:,} changed, "
            f"{file.withdrawn:,} withdrawn",
            soft_wrap=True,
        )
