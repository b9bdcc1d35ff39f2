"""The folder of a demo: made step by step, each of which may have been done before.

synthetic-hotlist.jsonl     the feed file; first to be made, so that it marks the folder
hotlist.txt                 its plates, one a line
credentials.json            {role: key}, readable by its owner only
sightings.json              the sample sightings, each with its id once it is posted
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plate_match.feed import read_hotlist_file
from plate_match.feed.write import entry_lines
from plate_match.hotlist import Entry
from service import clock
from service.adapters.db import Database
from service.cli.demo.plates import LABEL, synthetic_entries
from service.cli.demo.samples import sightings
from service.cli.store import database_of, versions_of
from service.cli.terminal import Progress, WrongUse
from service.feed_records import Offer
from service.records import Role
from service.settings import Settings
from service.usecases import credentials
from service.usecases.load_hotlist import LoadHotlist

PLATES = 10_000
FEED = "synthetic-demo"

FEED_FILE, PLATES_FILE = "synthetic-hotlist.jsonl", "hotlist.txt"
CREDENTIALS, SIGHTINGS = "credentials.json", "sightings.json"

_FIRM, _POLICE = f"{LABEL} Security", f"{LABEL} Police"
_OF_THE_FIRM = frozenset({Role.GUARD, Role.DISPATCH, Role.MANAGER})

Samples = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """A folder that holds all a demo needs before it can serve."""

    path: Path
    keys: Mapping[str, str]

    def samples(self) -> Samples:
        """Return the sample sightings; those that are posted have an `id`."""
        samples: Samples = json.loads((self.path / SIGHTINGS).read_text("utf-8"))
        return samples

    def keep(self, samples: Samples) -> None:
        """Write the sample sightings down, with the ids that are known."""
        _write(self.path / SIGHTINGS, json.dumps(samples, indent=2))


def prepare(settings: Settings, shown: Progress) -> DemoFolder:
    """Make what is missing in the folder of a demo, and return it.

    Raises:
        WrongUse: the folder holds something else, which is left alone.
    """
    folder = settings.data
    if not (folder / FEED_FILE).exists() and _holds_something(folder):
        raise WrongUse(f"{folder} is not empty and holds no demo; name another folder with --data")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    shown.phase("making plates up")
    _make_hotlist(folder)
    with database_of(settings) as database:
        keys = _keys(folder, database)
        shown.phase("loading the feed")
        _load(settings, database)
    if not (folder / SIGHTINGS).exists():
        shown.phase("choosing sightings")
        chosen = sightings(_entries(folder), clock.to_datetime(clock.now()))
        _write(folder / SIGHTINGS, json.dumps(chosen, indent=2))
    return DemoFolder(folder, keys)


def _holds_something(folder: Path) -> bool:
    """Whether there is a file here that somebody means to keep."""
    return folder.exists() and any(not path.name.startswith(".") for path in folder.iterdir())


def _make_hotlist(folder: Path) -> None:
    """Make the feed file and the list of its plates, if they are not there."""
    feed_file = folder / FEED_FILE
    if not feed_file.exists():
        made = synthetic_entries(PLATES, clock.to_datetime(clock.now()))
        _write(feed_file, b"".join(entry_lines(made)).decode())
    if not (folder / PLATES_FILE).exists():
        _write(folder / PLATES_FILE, "".join(f"{entry.plate}\n" for entry in _entries(folder)))


def _entries(folder: Path) -> Sequence[Entry]:
    return read_hotlist_file(folder / FEED_FILE).hotlist.entries


def _load(settings: Settings, database: Database) -> None:
    """Load the feed file, unless that has been done."""
    versions = versions_of(settings)
    if versions.current() is None:
        use_case = LoadHotlist(versions, database.feed_history)
        use_case.load(Offer(settings.data / FEED_FILE), FEED, now=clock.now())


def _keys(folder: Path, database: Database) -> Mapping[str, str]:
    """Return the keys by role; where they were never written down, new ones replace them."""
    path = folder / CREDENTIALS
    if not path.exists():
        for lost in database.credentials.all():
            credentials.revoke(database.credentials, lost.id, now=clock.now())
        _write(path, json.dumps({role: _issued(database, role) for role in Role}, indent=2))
    try:
        keys: Mapping[str, str] = json.loads(path.read_text("utf-8"))
        return {role.value: keys[role] for role in Role}
    except (ValueError, KeyError, TypeError):
        raise WrongUse(f"{path} is damaged; delete {folder} to start a new demo") from None


def _issued(database: Database, role: Role) -> str:
    holder = credentials.Holder(
        role,
        _FIRM if role in _OF_THE_FIRM else _POLICE,
        f"{LABEL} {role}",
        incident=f"{LABEL} incident" if role is Role.INFODESK else None,
    )
    return credentials.issue_to(database.credentials, holder, now=clock.now())[1]


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner may read; whole under its name, or not there."""
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
