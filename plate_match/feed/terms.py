"""What holds for every entry of a feed, whatever its files say: what is asked, and given."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from plate_match.feed.row import Row
from plate_match.hotlist import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of one feed.

    Attributes:
        given: fields of a row that does not have them, in the form of JSON.
        asked: fields without which no entry is taken.
        latest_end: when an entry ends at the latest; one without an end then, too.
    """

    given: Mapping[str, object] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    latest_end: datetime | None = None

    def filled(self, row: Row) -> Row:
        """Return a row with what it does not say itself; one that is broken stays as it is."""
        if not self.given or not row.fields:
            return row
        said = {name: value for name, value in row.fields.items() if value is not None}
        return row._replace(fields={**self.given, **said})

    def faults(self, row: Row, values: Mapping[str, Any]) -> Iterator[str]:
        """Yield why an entry with these values cannot be taken."""
        for name in self.asked:
            if row.fields.get(name) in (None, ""):
                yield f"{name}: is missing, and the declaration of the feed gives none"
        start = values.get("valid_from")
        if self.latest_end is not None and start is not None and start >= self.latest_end:
            yield "validFrom: is later than any entry of the feed may last"


OPEN = Terms()
"""The terms of a feed that is not declared."""


def ended_by(entry: Entry, latest: datetime | None) -> Entry:
    """Return an entry as it stands in force: over by the latest end its feed may give it."""
    if latest is None or (entry.valid_until is not None and entry.valid_until <= latest):
        return entry
    return replace(entry, valid_until=latest)
