"""What is counted of a feed file while its entries go by, none of which is kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from plate_match.feed import Reject
from plate_match.hotlist import Entry
from service.feed_records import Draft, FeedFile
from service.usecases.gate import Content

MOST_REJECTS = 1_000
"""Rejects that are kept in the history; all are counted."""


class TooMany(Exception):
    """A file has so many more entries than it may that the rest is not looked at."""


@dataclass(slots=True)
class Tally:
    """What was seen of a file while its entries went on.

    With more than `most` entries it is given up: what is kept of each to find it again, should it
    come twice, would fill the memory.
    """

    form: str = ""
    most: int | None = None
    digest: Any = field(default_factory=sha256)
    rows: int = 0
    rejected: int = 0
    rejects: list[Reject] = field(default_factory=list)
    tests: set[str] = field(default_factory=set)

    def accepted(self, outcomes: Iterable[Entry | Reject]) -> Iterator[Entry]:
        """Pass the entries on and count what comes by.

        Raises:
            TooMany: there are more than `most`.
        """
        for outcome in outcomes:
            self.rows += 1
            if isinstance(outcome, Entry):
                if self.most is not None and self.rows - self.rejected > self.most:
                    raise TooMany
                yield outcome
            else:
                self.reject(outcome)

    def reject(self, reject: Reject) -> None:
        """Count a reject, and keep it if it is one of the first."""
        self.rejected += 1
        if len(self.rejects) < MOST_REJECTS:
            self.rejects.append(reject)

    def entries(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Pass entries on and note those that are tests."""
        for entry in entries:
            if entry.test:
                self.tests.add(entry.reference)
            yield entry

    def content(self, draft: Draft) -> Content:
        """Return what the file turned out to hold, once all of it went by."""
        return Content(
            sha256=self.digest.hexdigest(),
            rows=self.rows,
            rejected=self.rejected,
            before=draft.before,
            after=draft.part.entries,
            changes=draft.changes,
            tests=self.tests,
        )

    def seen(self, file: FeedFile) -> FeedFile:
        """Return what goes on record of the file."""
        return replace(
            file,
            sha256=self.digest.hexdigest(),
            format=self.form,
            rows=self.rows,
            accepted=self.rows - self.rejected,
            rejected=self.rejected,
            rejects=tuple((reject.row, reject.reason) for reject in self.rejects),
        )
