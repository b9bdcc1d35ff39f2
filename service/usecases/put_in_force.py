"""What a feed is to have -> a version in force and on record, or nothing changed.

The order of effects: the version is written whole, then file and audit are recorded, then the
version is put in force. A crash leaves the old list or the new one; what was recorded but not
reached is put in force by the next change, before its own work.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from types import MappingProxyType

from plate_match.hotlist import Entry
from service import ids
from service.feed_ports import FeedHistory, HotlistVersions
from service.feed_records import Draft, FeedFile, FeedPart, HotlistVersion
from service.ports import HotlistDamaged
from service.records import AuditEvent

ROLLED_BACK, SUSPENDED = "rollback", "suspended"
"""Formats of what is in force without a file: entries of a version before, or none at all."""

TURNED = frozenset({ROLLED_BACK, SUSPENDED})

_NOBODY: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PutInForce:
    """The steps that end every change of what a feed has; one change at a time."""

    versions: HotlistVersions
    history: FeedHistory

    def finish(self) -> None:
        """Put in force what a killed change had recorded as accepted but not reached."""
        latest = self.newest()
        if latest is not None and self._follows(latest, self.versions.current()):
            self.versions.put_in_force(latest)

    def newest(self) -> str | None:
        """Return the newest version on record; names of versions sort by time."""
        names = (file.version for file in self.history.latest() if file.version is not None)
        return max(names, default=None)

    def _follows(self, name: str, current: str | None) -> bool:
        try:
            return self.versions.version(name).base == current
        except HotlistDamaged:
            return False

    def base(self) -> HotlistVersion | None:
        """Return the version in force, if there is one.

        Raises:
            HotlistDamaged: there must be one, and its name is lost: nothing is built on nothing.
        """
        current = self.versions.current()
        if current is not None:
            return self.versions.version(current)
        latest = self.newest()
        if latest is not None:
            raise HotlistDamaged(
                f"CURRENT in the hotlist folder is lost; the last version was {latest}: "
                "write that name there, or `plate-match feed rollback` to it"
            )
        return None

    def latest(self, feed: str) -> FeedFile | None:
        """Return what was accepted last of a feed."""
        return next((file for file in self.history.latest() if file.feed == feed), None)

    def suspended(self, feed: str) -> FeedFile | None:
        """Return how a feed was suspended, if it is."""
        file = self.latest(feed)
        return file if file is not None and file.format == SUSPENDED else None

    def suspensions(self) -> Sequence[str]:
        """Return the versions in which feeds were suspended that still are."""
        files = (file for file in self.history.latest() if file.format == SUSPENDED)
        return [file.version for file in files if file.version is not None]

    def draft(
        self, part: FeedPart, entries: Iterable[Entry], *, base: HotlistVersion | None = None
    ) -> AbstractContextManager[Draft]:
        """Write what the version after this one would be, or the one after another base."""
        return self.versions.draft(base or self.base(), part, entries)

    def accept(
        self,
        file: FeedFile,
        draft: Draft,
        said: Mapping[str, object],
        *,
        who: Mapping[str, object] = _NOBODY,
    ) -> FeedFile:
        """Put a draft in force, on record as this file.

        `said` is what people said of it, `who` the keys that they were proven by.
        """
        version = self.versions.keep(draft)
        change = draft.changes
        accepted = replace(
            file,
            version=version.name,
            added=change.added,
            changed=change.changed,
            withdrawn=change.withdrawn,
        )
        self.record(accepted, said, who=who)
        self.versions.put_in_force(version.name)
        return accepted

    def record(
        self, file: FeedFile, said: Mapping[str, object], *, who: Mapping[str, object] = _NOBODY
    ) -> FeedFile:
        """Put a file on record, accepted or refused."""
        header = {
            **who,
            "feed": file.feed,
            "file": ids.to_text(file.id),
            "sha256": file.sha256,
            "kind": file.kind,
            "sequence": file.sequence,
            "rows": file.rows,
            "accepted": file.accepted,
            "rejected": file.rejected,
            "version": file.version,
            "refused": file.refused,
            "overridden": file.overridden,
        }
        action = "feed-file-accepted" if file.refused is None else "feed-file-refused"
        event = AuditEvent(file.received_at, _ACTIONS.get(file.format, action), header, said)
        self.history.add(file, event)
        return file


_ACTIONS = {ROLLED_BACK: "feed-rolled-back", SUSPENDED: "feed-suspended"}


def offered(feed: str, now: int, id_: int | None = None) -> FeedFile:
    """Return what goes on record of a file of which nothing is known yet."""
    return FeedFile(
        id=ids.new_id(now) if id_ is None else id_,
        feed=feed,
        received_at=now,
        sha256="",
        format="",
        rows=0,
        accepted=0,
        rejected=0,
        rejects=(),
        added=0,
        changed=0,
        withdrawn=0,
        version=None,
    )
