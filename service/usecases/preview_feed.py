"""A feed file -> what loading it would do, with nothing changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from plate_match.channel import Source
from plate_match.false_alerts import FalseAlerts, false_alerts
from plate_match.hotlist import Entry, Hotlist
from plate_match.matcher import Matcher
from service import clock
from service.declaration import Declaration
from service.feed_ports import FeedHistory, HotlistVersions
from service.feed_records import Draft, FeedFile, HotlistVersion, Offer
from service.usecases.load_hotlist import LoadHotlist
from service.usecases.put_in_force import PutInForce

Alerts = Mapping[Source, FalseAlerts]

SOURCES = (Source.CAMERA, Source.EYESIGHT)
"""What false alerts are reckoned for."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do: its `file` as it would go on record, and the alerts then and now.

    `before` is None without a list in force, `after` if the gate would refuse the file.
    """

    file: FeedFile
    before: Alerts | None
    after: Alerts | None


@dataclass(frozen=True, slots=True)
class _TryOut(PutInForce):
    """The last steps of a load, without any effect; `drafted` is told of what would be."""

    drafted: Callable[[Draft], object] = lambda _: None

    def finish(self) -> None:
        """Leave what a killed load left to the next one."""

    def accept(
        self, file: FeedFile, draft: Draft, said: Mapping[str, object], **_: Mapping[str, object]
    ) -> FeedFile:
        """Return what would go on record."""
        self.drafted(draft)
        return self.record(replace(_counted(file, draft), version=None), said)

    def record(
        self,
        file: FeedFile,
        said: Mapping[str, object],  # noqa: ARG002 - nothing is recorded
        **_: Mapping[str, object],
    ) -> FeedFile:
        """Record nothing."""
        return file


def _counted(file: FeedFile, draft: Draft) -> FeedFile:
    change = draft.changes
    return replace(file, added=change.added, changed=change.changed, withdrawn=change.withdrawn)


@dataclass(frozen=True, slots=True)
class PreviewFeed:
    """Tries a file out; `progress` is called with every piece of it as it is read."""

    versions: HotlistVersions
    history: FeedHistory
    declared: Callable[[str], Declaration | None]
    base_rate: float
    progress: Callable[[bytes], object] = len

    def __call__(self, offer: Offer, feed: str, *, now: int) -> Preview:
        """Return what loading the file would do.

        Raises:
            What `LoadHotlist.load` raises of a file that cannot be looked at.
        """
        moment = clock.to_datetime(now)
        found: list[Alerts] = []

        def drafted(draft: Draft) -> None:
            entries = self.versions.drafted(draft)
            found.append(self._alerts(chain(self._others(draft.base, feed), entries), moment))

        loading = LoadHotlist(
            self.versions,
            self.history,
            self.declared,
            self.progress,
            lambda versions, history: _TryOut(versions, history, drafted),
        )
        file = loading.load(offer, feed, now=now)
        current = self.versions.current()
        before = None
        if current is not None:
            before = self._alerts(self._others(self.versions.version(current), ""), moment)
        return Preview(file, before, found[0] if found else None)

    def _others(self, base: HotlistVersion | None, feed: str) -> Iterable[Entry]:
        """Return the entries in force of all feeds but one."""
        parts = () if base is None else base.feeds
        return chain.from_iterable(
            self.versions.entries(base, part.name)
            for part in parts
            if base is not None and part.name != feed
        )

    def _alerts(self, entries: Iterable[Entry], at: datetime) -> Alerts:
        matcher = Matcher.build(Hotlist(tuple(entries)))
        return {
            source: false_alerts(matcher, source, at=at, base_rate=self.base_rate)
            for source in SOURCES
        }
