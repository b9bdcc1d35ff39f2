"""A feed file -> a hotlist version in force, or the old one and every reason why."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from plate_match.errors import UnreadableHotlist
from plate_match.feed import Loaded, Reading, read_hotlist_file
from plate_match.feed.apply import apply_delta
from plate_match.feed.read import read_pieces
from plate_match.hotlist import Entry
from service import clock
from service.declaration import NAME, Declaration
from service.errors import ServiceError
from service.feed_ports import FeedHistory, HotlistVersions
from service.feed_records import FeedFile, FeedPart, Offer
from service.manifest import Kind, Manifest
from service.usecases import gate
from service.usecases.gate import Override, Reason, Refusal, Standing
from service.usecases.put_in_force import PutInForce, offered
from service.usecases.tally import Tally, TooMany


class InvalidFeedName(ValueError):
    """A feed cannot have this name."""


class InvalidOverride(ServiceError):
    """An override that is none; the message says why."""


def check(path: Path, *, now: int, progress: Callable[[bytes], object] = len) -> Loaded:
    """Read a feed file and change nothing.

    Raises:
        UnreadableHotlist: the file cannot be read, or is in no known format.
    """
    return read_hotlist_file(path, progress, now=clock.to_datetime(now))


@dataclass(frozen=True, slots=True)
class _Case:
    """One file on its way: what was offered, what is agreed on, and what is known by now."""

    offer: Offer
    file: FeedFile
    declaration: Declaration | None
    override: Override | None
    manifest: Manifest | None = None

    @property
    def reading(self) -> Reading:
        """How the file is read."""
        now = clock.to_datetime(self.file.received_at)
        if self.declaration is None:
            return Reading(feed=self.file.feed, now=now)
        return self.declaration.reading(now)

    def reading_until(self, latest: int | None) -> Reading:
        """Return how a delta is read: its entries last no longer than those of its list."""
        reading, end = self.reading, self.reading.terms.latest_end
        if latest is None or (end is not None and end <= clock.to_datetime(latest)):
            return reading
        return replace(reading, terms=replace(reading.terms, latest_end=clock.to_datetime(latest)))


def _open(_: str) -> None:
    """Declare no feed."""


@dataclass(frozen=True, slots=True)
class LoadHotlist:
    """Loads one feed file at a time.

    Attributes:
        declared: returns the declaration of a feed, if it has one.
        progress: is called with every piece of a file as it is read.
        steps: what ends a load; others than these only try it out.
    """

    versions: HotlistVersions
    history: FeedHistory
    declared: Callable[[str], Declaration | None] = _open
    progress: Callable[[bytes], object] = len
    steps: Callable[[HotlistVersions, FeedHistory], PutInForce] = PutInForce

    def load(
        self,
        offer: Offer,
        feed: str,
        *,
        now: int,
        id_: int | None = None,
        override: Override | None = None,
    ) -> FeedFile:
        """Put what a file says of a feed in force, if the gate lets it pass.

        A file that is refused changes nothing; it is on record with every reason, under the id
        that is given.

        Raises:
            InvalidFeedName: nothing was read.
            InvalidOverride: nothing was read.
            FaultyDeclaration: nothing was read.
            UnreadableHotlist: the file is in no known format, which is on record; or it cannot be
                opened, which is not.
            HotlistDamaged: the version in force is damaged; nothing was changed.
            StorageUnavailable: disk or database failed; the old list is in force.
        """
        if not re.fullmatch(NAME, feed, re.ASCII):
            raise InvalidFeedName(
                "a feed is named by 1 to 64 letters, digits, dots, dashes and underscores, "
                "the first a letter or digit"
            )
        if override is not None and not override.reason.strip():
            raise InvalidOverride("say why: the reason goes on record")
        declaration = self.declared(feed)
        _try_to_open(offer.path)
        with self.versions.loading():
            self._steps.finish()
            return self._load(_Case(offer, offered(feed, now, id_), declaration, override))

    def finish(self) -> None:
        """Put in force what a killed load has on record as accepted.

        Raises:
            HotlistDamaged: which version is in force is not known.
            StorageUnavailable: disk or database failed.
        """
        with self.versions.loading():
            self._steps.finish()

    def refuse(self, file: FeedFile, why: str) -> FeedFile:
        """Put on record that a file could not even be looked at."""
        return self._steps.record(replace(file, refused=why), {})

    @property
    def _steps(self) -> PutInForce:
        return self.steps(self.versions, self.history)

    def _load(self, case: _Case) -> FeedFile:
        offer, feed, now = case.offer, case.file.feed, case.file.received_at
        manifest, refusals = gate.open_manifest(offer.manifest, offer.signature, case.declaration)
        if manifest is not None:
            numbered = replace(
                case.file,
                kind=manifest.kind.value,
                sequence=manifest.sequence,
                produced_at=clock.to_micros(manifest.produced_at),
            )
            case = replace(case, file=numbered, manifest=manifest)
            standing = self._standing(feed)
            refusals += gate.of_manifest(
                manifest, case.declaration, feed=feed, standing=standing, now=now
            )
        if self._steps.suspended(feed) is not None:
            refusals.append(
                Refusal(
                    Reason.SUSPENDED, "the feed is suspended; `feed resume` puts it back in force"
                )
            )
        return self._refused(case, refusals) if refusals else self._read(case)

    def _standing(self, feed: str) -> Standing:
        latest, base = self._steps.latest(feed), self._steps.base()
        part = base.part(feed) if base else None
        # Another feed may have been turned back to a damaged list's elder, and this one with it.
        stands = latest and part and part.accepted_at == latest.received_at
        return Standing(
            newest=self.history.newest_sequence(feed),
            in_force=latest.sequence if latest and stands else None,
        )

    def _refused(self, case: _Case, refusals: Sequence[Refusal]) -> FeedFile:
        """Put on record that a file was refused before it was looked into."""
        digest = sha256()
        deque(map(digest.update, read_pieces(case.offer.path, self.progress)), maxlen=0)
        file = replace(case.file, sha256=digest.hexdigest(), refused=gate.told(refusals))
        return self._on_record(case, file)

    def _read(self, case: _Case) -> FeedFile:
        most = gate.most_looked_at(case.declaration)
        tally = Tally(most=None if case.override else most)
        pieces = _pieces(case.offer.path, tally.digest.update, self.progress)
        try:
            if case.file.kind == Kind.DELTA:
                return self._read_delta(case, tally, pieces)
            found, outcomes = case.reading.outcomes(pieces)
            tally.form = found.value
            return self._judge(case, tally, tally.accepted(outcomes))
        except TooMany:
            deque(pieces, maxlen=0)
            refused = str(gate.too_long(most))
            return self._on_record(case, replace(tally.seen(case.file), refused=refused))
        except UnreadableHotlist as fault:
            deque(pieces, maxlen=0)  # read on: the digest is that of the whole file
            refused = str(Refusal(Reason.FORMAT, str(fault)))
            file = replace(case.file, sha256=tally.digest.hexdigest(), refused=refused)
            self._on_record(case, file)
            raise

    def _read_delta(self, case: _Case, tally: Tally, pieces: Iterable[bytes]) -> FeedFile:
        base = self._steps.base()
        part = base.part(case.file.feed) if base else None
        reading = case.reading_until(part.latest_end if part else None)
        delta = reading.delta(pieces, most=tally.most)
        before: Sequence[Entry] = ()
        if base is not None:
            before = self.versions.entries(base, case.file.feed)
        applied = apply_delta(before, delta)
        tally.form, tally.rows = delta.format.value, delta.rows
        for reject in applied.rejects:
            tally.reject(reject)
        return self._judge(case, tally, applied.entries)

    def _judge(self, case: _Case, tally: Tally, entries: Iterable[Entry]) -> FeedFile:
        """Write what the feed would have, and put it in force if the gate lets it pass."""
        with self._steps.draft(self._part(case), tally.entries(entries)) as draft:
            content = tally.content(draft)
            refusals = list(gate.of_content(content, case.manifest, case.declaration))
            standing = gate.upheld(refusals, case.override)
            file = tally.seen(case.file)
            if standing:
                return self._on_record(case, replace(file, refused=gate.told(standing)))
            override = case.override
            if not refusals or override is None:
                return self._steps.accept(file, draft, {})
            overridden = replace(file, overridden=gate.told(refusals))
            who = override.on_record()
            return self._steps.accept(overridden, draft, override.said(), who=who)

    def _on_record(self, case: _Case, refused: FeedFile) -> FeedFile:
        """Put on record that a file was refused, and who tried to let it pass, if anybody did."""
        if case.override is None:
            return self._steps.record(refused, {})
        who = case.override.on_record()
        return self._steps.record(refused, case.override.said(), who=who)

    def _part(self, case: _Case) -> FeedPart:
        """Return how long what comes lasts, and how long it is fresh: a delta renews no entry."""
        file, declared = case.file, case.declaration
        at = clock.to_datetime(file.received_at)
        end = fresh = None
        if declared is not None:
            end = clock.to_micros(at + declared.longest)
            if declared.fresh_for is not None:
                fresh = clock.to_micros(at + declared.fresh_for)
        if file.kind == Kind.DELTA and (base := self._steps.base()):
            (end,) = (part.latest_end for part in base.feeds if part.name == file.feed)
        return FeedPart(file.feed, file.received_at, latest_end=end, fresh_until=fresh)


def _try_to_open(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise UnreadableHotlist(f"the file cannot be read: {error.strerror}") from None


def _pieces(path: Path, *watchers: Callable[[bytes], object]) -> Iterator[bytes]:
    """Yield the bytes of a file; that it cannot be read is no fault of where versions lie."""
    try:
        yield from read_pieces(path, *watchers)
    except OSError as error:
        raise UnreadableHotlist(f"the file cannot be read: {error.strerror}") from None
