"""Feed files on their way in, each whole before it is seen: uploaded, dropped or pulled.

    DATA/inbox/FEED/ID/            file, file.manifest.json, file.manifest.json.sig, tries
                                   dropped.json: what is to be removed from the drop folder
    DATA/drop/FEED/                where the owner of a feed with origin "drop" puts files

`tries` has a byte for each time that loading the file began and had no outcome.

ID is that of the file in the history, so that whoever handed it in can ask what became of it.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from service import clock, ids
from service.adapters import drop_folder
from service.adapters.durable import make_durable
from service.adapters.feed_folder import MANIFEST, SIGNATURE, beside
from service.adapters.private import private_folder
from service.declaration import Declaration
from service.errors import AlreadyRunning
from service.feed_records import Offer
from service.ports import StorageUnavailable

ABANDONED = clock.HOUR
"""Microseconds after which nobody writes any more what is not whole yet."""

_FILE = "file"
_DROPPED = "dropped.json"
_PARTS = {"file": _FILE, "manifest": _FILE + MANIFEST, "signature": _FILE + SIGNATURE}
_TRIES = "tries"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A feed file that is to be loaded; `id` is the one it will have in the history."""

    feed: str
    id: int
    folder: Path

    @property
    def offer(self) -> Offer:
        """Return it as it is loaded."""
        return beside(self.folder / _FILE)


class Inbox:
    """The folders of a data folder in which feed files wait."""

    def __init__(self, data: Path) -> None:
        self._inbox = data / "inbox"
        self._drop = data / "drop"

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Wait until nobody else loads what waits, in any process, and keep others waiting."""
        private_folder(self._inbox)
        with (self._inbox / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._forget_unfinished()
            yield

    def _forget_unfinished(self) -> None:
        """Remove what somebody began to put in who was killed then."""
        for draft in self._inbox.glob("*/.*"):
            if clock.now() - draft.lstat().st_mtime_ns // 1000 > ABANDONED:
                shutil.rmtree(draft, ignore_errors=True)

    def put(self, feed: str, id_: int, parts: Mapping[str, BinaryIO]) -> None:
        """Put a file in with what stands beside it: parts `file`, `manifest` and `signature`.

        Raises:
            AlreadyRunning: a file of this feed waits or is being loaded.
            StorageUnavailable: it cannot be written; nothing was put in.
        """
        with self._draft(feed, id_) as draft:
            for name, part in parts.items():
                with (draft / _PARTS[name]).open("xb") as file:
                    shutil.copyfileobj(part, file)
                    file.flush()
                    os.fsync(file.fileno())

    def waiting(self) -> list[Waiting]:
        """Return what is to be loaded, in the order it came."""
        found = [
            Waiting(folder.parent.name, id_, folder)
            for folder in self._inbox.glob("*/*")
            if (id_ := ids.from_text(folder.name)) is not None
        ]
        return sorted(found, key=lambda one: one.id)

    def is_waiting(self, feed: str, id_: int) -> bool:
        """Whether a file of a feed is still to be loaded."""
        return any((one.feed, one.id) == (feed, id_) for one in self.waiting())

    def begin(self, one: Waiting) -> int:
        """Count a try to load a file, durably; return how many before it had no outcome.

        Raises:
            StorageUnavailable: it cannot be written.
        """
        try:
            with (one.folder / _TRIES).open("ab") as file:
                before = file.tell()
                file.write(b".")
                file.flush()
                os.fsync(file.fileno())
            make_durable(one.folder)
        except OSError as error:
            message = f"the inbox of feed files cannot be used: {error.strerror}"
            raise StorageUnavailable(message) from error
        return before

    def forgive(self, one: Waiting) -> None:
        """Count the last try to load a file no more: it was not the file that ended it."""
        tries = self.tries(one)
        if tries:
            os.truncate(one.folder / _TRIES, tries - 1)

    def forgive_last(self) -> None:
        """Likewise of the file whose loading began last."""
        tried = [one for one in self.waiting() if self.tries(one)]
        if tried:
            self.forgive(max(tried, key=lambda one: (one.folder / _TRIES).stat().st_mtime_ns))

    def tries(self, one: Waiting) -> int:
        """Return how often loading a file began and had no outcome."""
        try:
            return (one.folder / _TRIES).stat().st_size
        except FileNotFoundError:
            return 0

    def done(self, one: Waiting) -> None:
        """Remove what was loaded, or refused: both are on record.

        What cannot be removed from its drop folder stays here, too, so that it is not taken again.
        """
        if self.leave_drop(one):
            shutil.rmtree(one.folder, ignore_errors=True)

    def leave_drop(self, one: Waiting) -> bool:
        """Remove from its drop folder what was taken from there; return whether that is done."""
        try:
            self._undrop(one.feed, one.folder)
        except StorageUnavailable:
            return False
        return True

    def dropped(self, feed: str, declaration: Declaration, *, now: int) -> list[Path]:
        """Return the files that lie whole in the drop folder of a feed, the oldest first.

        `now` is in microseconds since 1970.

        Raises:
            StorageUnavailable: the folder is none, or cannot be read.
        """
        return drop_folder.whole_files(self._drop / feed, declaration, now=now)

    def take(self, path: Path, feed: str, id_: int) -> None:
        """Move a dropped file in, with what lies beside it.

        Raises:
            AlreadyRunning: a file of this feed waits or is being loaded; it stays where it is.
            StorageUnavailable: it cannot be moved.
        """
        there = drop_folder.parts_of(path)
        with self._draft(feed, id_) as draft:
            taken = {one.name: drop_folder.seen(one) for one in there.values()}
            for ending, one in there.items():
                _brought(one, draft / f"{_FILE}{ending}")
            with (draft / _DROPPED).open("x", encoding="utf-8") as note:
                json.dump(taken, note)
                note.flush()
                os.fsync(note.fileno())
        self._undrop(feed, self._inbox / feed / ids.to_text(id_))

    def _undrop(self, feed: str, folder: Path) -> None:
        """Remove from the drop folder what was taken from there.

        Only once it is safe in the inbox, and again before it leaves that: a crash in between
        would mean that it is taken twice.
        """
        try:
            taken = json.loads((folder / _DROPPED).read_bytes())
        except FileNotFoundError:
            return
        drop_folder.remove(self._drop / feed, taken)

    @contextmanager
    def _draft(self, feed: str, id_: int) -> Iterator[Path]:
        """Make a folder that is seen under its name once all is in it."""
        home = self._inbox / feed
        draft = home / f".{ids.to_text(id_)}"
        try:
            private_folder(home)
            draft.mkdir(mode=0o700)
            try:
                self._require_none(feed)
                yield draft
                make_durable(draft)
                with (self._inbox / "names").open("w") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    # Another one may have come while this one was written.
                    self._require_none(feed)
                    draft.rename(home / ids.to_text(id_))
                make_durable(home)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        except OSError as error:
            message = f"the inbox of feed files cannot be used: {error.strerror}"
            raise StorageUnavailable(message) from error

    def _require_none(self, feed: str) -> None:
        if any(one.feed == feed for one in self.waiting()):
            raise AlreadyRunning


def _brought(path: Path, target: Path) -> None:
    """Link a file, or copy what cannot be: another disk, or a file that another user owns."""
    try:
        target.hardlink_to(path)
    except OSError:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as source, target.open("xb") as copy:
            shutil.copyfileobj(source, copy)
            copy.flush()
            os.fsync(copy.fileno())
