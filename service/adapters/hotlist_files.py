"""Versions of the hotlist as folders, each whole before its name is seen.

    HOTLIST/VERSION/version.json     what the version holds, with a digest of every file
    HOTLIST/VERSION/FEED.jsonl       the entries of one feed
    HOTLIST/VERSION/arrivals         which of them `base` does not have
    HOTLIST/VERSION/*.listing        what all of that is searched with
    HOTLIST/CURRENT                  the name of the version in force
    HOTLIST/FROZEN                   there while nothing is disclosed
    HOTLIST/lock                     held by whoever loads

The name of a version is its time and the digest of its version.json, so that a change to any
file of it is found on reading.
"""

import fcntl
import os
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from hashlib import sha256
from itertools import count, pairwise
from pathlib import Path

from plate_match.feed.difference import Changes, Difference
from plate_match.feed.read import read_pieces
from plate_match.feed.write import entry_lines
from plate_match.hotlist import Entry
from plate_match.matcher import Matcher
from plate_match.registry import Registry
from service import clock
from service.adapters.arrivals import arrivals, compared, intact, write_arrivals
from service.adapters.durable import make_durable
from service.adapters.private import private_folder
from service.adapters.stored_feeds import StoredFeeds, damaged, file_name
from service.adapters.stored_listings import stored_listings, write_listings
from service.adapters.version_file import (
    NAME,
    body_of,
    made_at,
    moment_of,
    name_of,
    stamp_of,
    version_of,
)
from service.current import FeedInForce, Snapshot
from service.errors import AlreadyRunning
from service.feed_records import Draft, FeedPart, HotlistVersion
from service.ports import HotlistDamaged, StorageUnavailable

_UNFINISHED = "unfinished-"


class HotlistFiles:
    """`service.ports.HotlistVersions` in a folder of its own.

    Snapshots are weighed against the registry, if there is one.
    """

    def __init__(self, folder: Path, registry: Registry | None = None) -> None:
        self._folder = folder
        self._registry = registry

    @contextmanager
    def loading(self, *, wait: bool = True) -> Iterator[None]:
        """Hold the lock, which ends with its process, and clear what a killed load left.

        Raises:
            AlreadyRunning: it is not to wait for whoever holds it.
        """
        with _storage():
            private_folder(self._folder)
            lock = (self._folder / "lock").open("w")
        with lock:
            with _storage():
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
                except BlockingIOError:
                    raise AlreadyRunning from None
                for left in self._folder.glob(f"{_UNFINISHED}*"):
                    shutil.rmtree(left)
            yield

    def current(self) -> str | None:
        """Return the name of the version in force, None before the first."""
        with _storage():
            try:
                name = (self._folder / "CURRENT").read_text("ascii", errors="replace").strip()
            except FileNotFoundError:
                return None
        if not NAME.fullmatch(name):
            raise HotlistDamaged("CURRENT in the hotlist folder names no version; write one there")
        return name

    def in_force_since(self) -> int:
        """Return when the version in force was put there."""
        with _storage():
            return (self._folder / "CURRENT").stat().st_mtime_ns // 1000

    def version(self, name: str) -> HotlistVersion:
        """Read what a version holds, checked against the digest in its name."""
        if not NAME.fullmatch(name) or not (self._folder / name).is_dir():
            raise HotlistDamaged(f"there is no hotlist version {name!r} in the hotlist folder")
        try:
            body = (self._folder / name / "version.json").read_bytes()
        except OSError as error:
            raise damaged(name, f"its version.json cannot be read: {error.strerror}") from None
        if name != name_of(name.partition("-")[0], body):
            raise damaged(name, "its version.json is not as it was written")
        return version_of(name, body)

    def entries(self, version: HotlistVersion, feed: str) -> Sequence[Entry]:
        """Read the entries of a feed as they were written, checked against the digest."""
        part = version.part(feed)
        feeds = StoredFeeds(self._folder / version.name, [part] if part else [])
        feeds.check()
        return tuple(feeds.written())

    @contextmanager
    def draft(
        self, base: HotlistVersion | None, part: FeedPart, entries: Iterable[Entry]
    ) -> Iterator[Draft]:
        """Write the entries of a feed aside, and see how they differ from what `base` has."""
        unfinished = self._folder / f"{_UNFINISHED}{os.getpid()}"
        with _cleared(unfinished):
            with _storage():
                unfinished.mkdir(mode=0o700)
                path = unfinished / file_name(part.name)
                count, digest = _write_lines(path, entry_lines(entries))
                part = replace(part, entries=count, sha256=digest)
                difference = compared(intact(self._folder, base, part.name), path)
                write_arrivals(unfinished, part, difference)
                draft = Draft(base, part, *_told(base, part, difference), unfinished.name)
            yield draft

    def drafted(self, draft: Draft) -> Sequence[Entry]:
        """Return the entries of the feed that a draft is of."""
        return tuple(StoredFeeds(self._folder / draft.folder, [draft.part]).written())

    def keep(self, draft: Draft) -> HotlistVersion:
        """Complete a draft with the other feeds of its base, and rename it."""
        unfinished, base = self._folder / draft.folder, draft.base
        now = max(draft.part.accepted_at, self._newest() + 1)
        with _storage():
            parts = [draft.part]
            if base is not None:
                others = (part for part in base.feeds if part.name != draft.part.name)
                parts += [self._copy(base, part, unfinished) for part in others]
            body = body_of(base, now, parts)
            _write(unfinished / "version.json", [body])
            name = name_of(stamp_of(now), body)
            write_listings(unfinished, StoredFeeds(unfinished, parts), name)
            make_durable(unfinished)
            unfinished.rename(self._folder / name)
            make_durable(self._folder)
        return version_of(name, body)

    def came(self, old: str, new: str) -> Iterator[Entry]:
        """Yield the entries of a version that another does not have, as they stand in force."""
        version = self.version(new)
        before: HotlistVersion | None = None
        with suppress(HotlistDamaged):
            before = self.version(old)
        yield from arrivals(self._folder, version, before)

    def put_in_force(self, name: str) -> None:
        """Replace CURRENT, durably; whoever looks sees the old name or the new one."""
        with _storage():
            _write(self._folder / "CURRENT.new", [name.encode(), b"\n"])
            (self._folder / "CURRENT.new").replace(self._folder / "CURRENT")
            make_durable(self._folder)

    def forget(self, before: int, needed: Collection[str]) -> Iterator[str]:
        """Remove versions whose next one was made before a moment, but those that are needed."""
        for name, after in pairwise(self.names()):
            if made_at(after) < before and name not in needed:
                with _storage():
                    # Under another name first: half of a version is none.
                    gone = self._folder / f"{_UNFINISHED}{name}"
                    (self._folder / name).rename(gone)
                    shutil.rmtree(gone)
                yield name

    def names(self) -> list[str]:
        """Return the names of all versions, oldest first."""
        if not self._folder.is_dir():
            return []
        return sorted(path.name for path in self._folder.iterdir() if NAME.fullmatch(path.name))

    def frozen(self) -> bool:
        """Whether nothing of the hotlist is to be disclosed."""
        return (self._folder / "FROZEN").exists()

    def freeze(self, *, frozen: bool) -> None:
        """Freeze the hotlist or thaw it, durably; every process sees it within a second."""
        with _storage():
            if frozen:
                private_folder(self._folder)
                (self._folder / "FROZEN").touch(mode=0o600)
            else:
                (self._folder / "FROZEN").unlink(missing_ok=True)
            make_durable(self._folder)

    def _newest(self) -> int:
        """Return when the newest version was made; a clock that was set back makes none older."""
        with _storage():
            names = self.names()
        return made_at(names[-1]) if names else 0

    def snapshot(self, name: str) -> Snapshot:
        """Check a version, and map what it is searched with.

        Raises:
            HotlistDamaged: the version is not as it was written.
        """
        version = self.version(name)
        feeds = StoredFeeds(self._folder / name, version.feeds)
        feeds.check()
        with _storage():
            stored = stored_listings(self._folder / name, feeds, name)
        counts = feeds.counts(stored.taken)
        return Snapshot(
            version=name,
            built_at=clock.to_datetime(version.built_at),
            matcher=Matcher.of(stored.lists, registry=self._registry),
            counts=sum(counts.values(), Counter()),
            feeds=tuple(
                FeedInForce(
                    part.name,
                    clock.to_datetime(part.accepted_at),
                    counts[part.name],
                    moment_of(part.fresh_until),
                )
                for part in version.feeds
            ),
        )

    def _copy(self, base: HotlistVersion, part: FeedPart, target: Path) -> FeedPart:
        """Copy the file of a feed out of another version, and check it on the way."""
        name = file_name(part.name)
        if _write(target / name, read_pieces(self._folder / base.name / name)) != part.sha256:
            raise damaged(base.name, f"the entries of feed {part.name} are not as they were")
        return part


def _told(
    base: HotlistVersion | None, part: FeedPart, difference: Difference
) -> tuple[int, Changes]:
    """Return how many entries a feed had, and what the next file of it changes.

    Of a feed whose file is damaged it is not known which were there: all are lost.
    """
    old, changes = base.part(part.name) if base else None, difference.changes()
    before = 0 if old is None else old.entries
    kept = part.entries - changes.added - changes.changed
    return before, replace(changes, withdrawn=before - changes.changed - kept)


@contextmanager
def _cleared(folder: Path) -> Iterator[None]:
    """Leave nothing of a folder that got no name: on a full disk it would be in the way."""
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _storage() -> Iterator[None]:
    """Say of a full, read-only or broken disk what it is, without a path."""
    try:
        yield
    except OSError as error:
        message = f"the hotlist folder cannot be used: {error.strerror}"
        raise StorageUnavailable(message) from error


def _write(path: Path, pieces: Iterable[bytes]) -> str:
    """Write a file, wait until it is on disk, and return the SHA-256 of what was written."""
    digest = sha256()
    with path.open("wb") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _write_lines(path: Path, lines: Iterable[bytes]) -> tuple[int, str]:
    """Write lines to a file; return how many there were, and the SHA-256 of all."""
    counted = count()
    digest = _write(path, (line for line, _ in zip(lines, counted, strict=False)))
    return next(counted), digest
