"""`plate-match feed load`: a file put in force; by two people, where its size speaks against it."""

from dataclasses import dataclass, replace
from hashlib import file_digest, sha256
from pathlib import Path

from plate_match.errors import UnreadableHotlist
from service import clock, ids
from service.adapters.db import Database
from service.adapters.feed_folder import beside
from service.adapters.inbox import Inbox
from service.adapters.refused_files import RefusedFiles
from service.cli.feed import offered_document
from service.cli.key_files import two_holders
from service.cli.store import (
    database_of,
    declarations_of,
    existing_database,
    settings_of,
    versions_of,
)
from service.cli.terminal import Refused, WrongUse, page, progress, say_json, say_rejects
from service.errors import FaultyDeclaration
from service.feed_records import FeedFile, Offer
from service.records import Role
from service.settings import Settings
from service.usecases.gate import Override
from service.usecases.keep_refused import KeepRefused, NotKept
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
    with database_of(settings) as database:
        override = _proven(database, asked)
        loading = Loading(settings, database, feed)
        file = loading.load(beside(path), override)
        loading.keep.forget_older(file)
    _tell(file, as_json=as_json)


def load_refused(
    id_: str, feed: str, *, asked: Overriding | None, data: Path | None, as_json: bool
) -> None:
    """Put the good rows of a file in force that came by itself and was refused for its size.

    Raises:
        WrongUse: as of a file by hand; or nobody overrides the refusal.
        Refused: no such file is kept, or as of a file by hand.
    """
    if asked is None:
        raise WrongUse("--refused: what was refused is loaded by --override REASON alone")
    settings = settings_of(data=data)
    with existing_database(settings) as database:
        override = _proven(database, asked)
        loading = Loading(settings, database, feed)
        with Inbox(settings.data).taking():
            try:
                one, before = loading.keep.one(feed, ids.from_text(id_))
            except NotKept as error:
                raise Refused(str(error)) from None
            _require_the_same(one.offer.path, before)
            file = loading.load(one.offer, override and replace(override, file=one.id))
            loading.keep.forget_older(file)
    _tell(file, as_json=as_json)


@dataclass(frozen=True, slots=True)
class Loading:
    """What loads the files of one feed for a command."""

    settings: Settings
    database: Database
    feed: str

    @property
    def keep(self) -> KeepRefused:
        """Return what keeps those that were refused."""
        return KeepRefused(RefusedFiles(self.settings.data), self.database.feed_history)

    def load(self, offer: Offer, override: Override | None) -> FeedFile:
        """Load one file, and show how far it is.

        Raises:
            WrongUse: nothing was loaded.
        """
        now = clock.now()
        # A clock that was set back makes no file older than the one that it is.
        last = 0 if override is None or override.file is None else override.file
        id_ = max(ids.new_id(now), last + 1)
        with progress() as shown:
            shown.phase("loading", offer.path.stat().st_size)
            use_case = LoadHotlist(
                versions_of(self.settings),
                self.database.feed_history,
                declarations_of(self.settings).of,
                lambda piece: shown.advance(len(piece)),
            )
            try:
                return use_case.load(offer, self.feed, now=now, id_=id_, override=override)
            except (
                InvalidFeedName,
                InvalidOverride,
                FaultyDeclaration,
                UnreadableHotlist,
            ) as error:
                raise WrongUse(f"nothing was loaded: {error}") from None


def _require_the_same(path: Path, before: FeedFile) -> None:
    """Refuse a file that is not the one that was refused: two people looked at that one."""
    with path.open("rb") as file:
        if file_digest(file, sha256).hexdigest() != before.sha256:
            raise Refused("what is kept is not the file that was refused; have it sent anew")


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
