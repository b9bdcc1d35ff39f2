"""Whether a feed file may change what is in force: every reason why not, before anything moves."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from plate_match.feed.difference import Changes
from service import clock, ids
from service.declaration import Declaration, Size
from service.errors import FaultyManifest
from service.manifest import Kind, Manifest, is_signed, read_manifest
from service.records import Caller

AHEAD = 5 * clock.MINUTE
"""How far the clock of a feed's owner may run ahead, in microseconds."""


class Reason(StrEnum):
    """Why a file is refused; a name that stays."""

    SUSPENDED = "suspended"
    KILLED = "killed"
    MANIFEST = "manifest"
    SIGNATURE = "signature"
    FEED = "feed"
    SEQUENCE = "sequence"
    BASE = "base"
    TOO_OLD = "too-old"
    AHEAD = "ahead"
    DIGEST = "digest"
    ROWS = "rows"
    FORMAT = "format"
    EMPTY = "empty"
    CANARIES = "canaries"
    REJECTS = "rejects"
    SIZE = "size"
    LOST = "lost"
    CHANGED = "changed"


OF_SIZE = frozenset({Reason.SIZE, Reason.LOST, Reason.CHANGED, Reason.REJECTS})
"""What two people who know better may override."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a file changes nothing; `detail` says what was found and what to do."""

    reason: Reason
    detail: str

    def __str__(self) -> str:
        """Return it as one sentence."""
        return f"{self.reason}: {self.detail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a feed has had so far.

    `newest` is the highest sequence that was ever accepted, `in_force` that of the file in force;
    None without one.
    """

    newest: int | None = None
    in_force: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a file turned out to hold, and what it would make of its feed.

    `before` and `after` count the entries of the feed, `tests` has the references of those after
    it that are tests.
    """

    sha256: str
    rows: int
    rejected: int
    before: int
    after: int
    changes: Changes
    tests: Collection[str]


def open_manifest(
    body: bytes | None, signature: bytes | None, declaration: Declaration | None
) -> tuple[Manifest | None, list[Refusal]]:
    """Return the manifest of a file, and why the file cannot be trusted to be what it says."""
    refusals = _untrusted(body, signature, declaration)
    if refusals or body is None:
        return None, refusals
    try:
        return read_manifest(body), []
    except FaultyManifest as fault:
        return None, [Refusal(Reason.MANIFEST, str(fault))]


def _untrusted(
    body: bytes | None, signature: bytes | None, declaration: Declaration | None
) -> list[Refusal]:
    """Return why nothing is believed of a manifest that is asked for."""
    if declaration is None or not declaration.asks_manifest:
        return []
    key = declaration.signature_key
    missing = f"is missing; the declaration asks for {'one' if key is None else 'a signed one'}"
    if body is None:
        return [Refusal(Reason.MANIFEST, missing)]
    if key is None or (signature is not None and is_signed(body, signature, key)):
        return []
    wrong = "is not that of the key that is declared" if signature else missing
    return [Refusal(Reason.SIGNATURE, wrong)]


def of_manifest(
    manifest: Manifest, declaration: Declaration | None, *, feed: str, standing: Standing, now: int
) -> Iterator[Refusal]:
    """Yield why a file is not the one that is awaited; its content is not looked at."""
    if manifest.feed != feed:
        yield Refusal(Reason.FEED, "the manifest is of another feed")
    if standing.newest is not None and manifest.sequence <= standing.newest:
        yield Refusal(
            Reason.SEQUENCE,
            f"{manifest.sequence} is not newer than {standing.newest}, which was accepted",
        )
    if manifest.base is not None and manifest.base != standing.in_force:
        yield Refusal(Reason.BASE, _base(manifest.base, standing.in_force))
    age = now - clock.to_micros(manifest.produced_at)
    oldest = declaration.oldest_hours if declaration else None
    if oldest is not None and age > oldest * clock.HOUR:
        hours = age / clock.HOUR
        yield Refusal(Reason.TOO_OLD, f"made {hours:.1f} hours ago, {oldest:g} are allowed")
    if age < -AHEAD:
        yield Refusal(Reason.AHEAD, "made in the future; set the clock of whoever makes the files")


def _base(base: int, in_force: int | None) -> str:
    there = "no numbered file is" if in_force is None else f"{in_force} is"
    return f"the delta follows {base}, but {there} in force; send a full list"


def of_content(
    content: Content, manifest: Manifest | None, declaration: Declaration | None
) -> Iterator[Refusal]:
    """Yield why what a file holds is not to be put in force."""
    if manifest is not None:
        yield from _unlike(content, manifest)
    if content.rows == content.rejected and not _says_nothing_changed(content, manifest):
        yield Refusal(Reason.EMPTY, "the file has no row that can be accepted")
    if declaration is not None:
        yield from _out_of_bounds(content, declaration)


def most_looked_at(declaration: Declaration | None) -> int:
    """Return how many entries of a file are looked at, to say by how many it is too long."""
    return 2 * (declaration.size if declaration else Size()).most


def too_long(most: int) -> Refusal:
    """Return why a file is refused of which no more than so many entries were looked at."""
    return Refusal(Reason.SIZE, f"more than {most} entries; the rest was not looked at")


def _says_nothing_changed(content: Content, manifest: Manifest | None) -> bool:
    return content.rows == 0 and manifest is not None and manifest.kind is Kind.DELTA


def _unlike(content: Content, manifest: Manifest) -> Iterator[Refusal]:
    if content.sha256 != manifest.sha256:
        yield Refusal(Reason.DIGEST, "the file is not the one whose SHA-256 the manifest has")
    if content.rows != manifest.rows:
        yield Refusal(Reason.ROWS, f"{content.rows} are there, {manifest.rows} in the manifest")


def _out_of_bounds(content: Content, declared: Declaration) -> Iterator[Refusal]:
    missing = len(set(declared.canaries) - set(content.tests))
    if missing:
        yield Refusal(
            Reason.CANARIES, f"{missing} of {len(declared.canaries)} are not there as test entries"
        )
    size = declared.size
    if not size.least <= content.after <= size.most:
        yield Refusal(
            Reason.SIZE, f"{content.after} entries, declared are {size.least} to {size.most}"
        )
    lost, changed = content.changes.withdrawn, content.changes.changed
    shares = (
        (Reason.REJECTS, content.rejected, content.rows, declared.largest_share_rejected),
        (Reason.LOST, lost, content.before, declared.largest_share_lost),
        (Reason.CHANGED, changed, content.before, declared.largest_share_changed),
    )
    for reason, some, of_all, most in shares:
        if some > most * of_all:
            yield Refusal(reason, f"{some} of {of_all}, at most {most:.1%} are allowed")


@dataclass(frozen=True, slots=True)
class Override:
    """Two people who let a file pass that is refused for its size, and why.

    Both were proven by their keys to be different people. `file` is the id of the file if it was
    refused before.
    """

    reason: str
    first: Caller
    second: Caller
    file: int | None = None

    def on_record(self) -> Mapping[str, object]:
        """Return what stays on record for ever: the keys they were proven by."""
        return {
            "credential": self.first.credential,
            "organisation": self.first.organisation,
            "secondCredential": self.second.credential,
            "secondOrganisation": self.second.organisation,
            "refusedBefore": None if self.file is None else ids.to_text(self.file),
        }

    def said(self) -> Mapping[str, object]:
        """Return what is personal of it."""
        return {
            "reason": self.reason,
            "person": self.first.person,
            "secondPerson": self.second.person,
        }


def told(refusals: Iterable[Refusal]) -> str:
    """Return refusals as they go on record."""
    return "; ".join(map(str, refusals))


def may_pass(refused: str) -> bool:
    """Whether two people may let a file pass that was refused so on record: for its size alone.

    What is told in details of size holds none of our reasons.
    """
    parts = [part.partition(": ")[0] for part in refused.split("; ")]
    return parts[0] in OF_SIZE and OF_SIZE.issuperset(set(parts) & set(Reason))


def upheld(refusals: Collection[Refusal], override: Override | None) -> Collection[Refusal]:
    """Return the refusals that stand: all, unless they are all of size and overridden."""
    if override is None or any(refusal.reason not in OF_SIZE for refusal in refusals):
        return refusals
    return ()
