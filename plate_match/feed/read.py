"""A hotlist file of any known format -> the entries it holds and the rows it does not."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from plate_match.errors import UnreadableHotlist
from plate_match.feed.delta import Delta, Step, steps_of
from plate_match.feed.mapping import Columns
from plate_match.feed.parse import Format, parse
from plate_match.feed.terms import OPEN, Terms
from plate_match.feed.validate import Reject, validate
from plate_match.hotlist import Entry, Hotlist

PIECE = 1 << 20
"""Bytes read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the files of one feed are read.

    Attributes:
        feed: the feed the entries are of; empty: the one each names, if any.
        now: entries that have ended by then are rejects; None: none has.
        form: what a file is; None: found by content.
        mapping: where the fields are in a file of none of our formats; in place of a form.
        terms: what holds for every entry.
    """

    feed: str = ""
    now: datetime | None = None
    form: Format | None = None
    mapping: Columns | None = None
    terms: Terms = OPEN

    def outcomes(self, pieces: Iterable[bytes]) -> tuple[Format, Iterator[Entry | Reject]]:
        """Return the format of a whole list, and an entry or a reject of every row in order.

        Rows are read as they are asked for, and none is kept.

        Raises:
            UnreadableHotlist: the file as a whole is in no known format, or not in the one named.
            ValueError: a form and a mapping are both given.
        """
        found, rows = parse(pieces, form=self.form, mapping=self.mapping)
        return found, validate(rows, feed=self.feed, now=self.now, terms=self.terms)

    def delta(self, pieces: Iterable[bytes], *, most: int | None = None) -> Delta:
        """Read changes to a list; every row says by its `action` what it does.

        Only JSON Lines, CSV and mapped files can say so. What is raised is that of `outcomes`, of
        a file with more than `most` rows, too: all are kept.
        """
        found, rows = parse(pieces, form=self.form, mapping=self.mapping, delta=True)
        steps: list[Step] = []
        rejects: list[Reject] = []
        for outcome in steps_of(rows, feed=self.feed, now=self.now, terms=self.terms):
            if isinstance(outcome, Step):
                steps.append(outcome)
            else:
                rejects.append(outcome)
            if most is not None and len(steps) + len(rejects) > most:
                raise UnreadableHotlist(f"a delta has at most {most} rows; send a full list")
        return Delta(found, tuple(steps), tuple(rejects))


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file that was read: `rows` is as many as entries and rejects together."""

    format: Format
    hotlist: Hotlist
    rejects: tuple[Reject, ...]

    @property
    def rows(self) -> int:
        """How many rows the file has; blank lines, comments and a header are none."""
        return len(self.hotlist) + len(self.rejects)


def read_hotlist(
    pieces: Iterable[bytes],
    *,
    feed: str = "",
    now: datetime | None = None,
    form: Format | None = None,
    mapping: Columns | None = None,
) -> Loaded:
    """Read a whole list from its bytes.

    Args:
        pieces: the bytes of the file, cut anywhere.
        feed: the feed the entries are of; empty: the one each names, if any.
        now: entries that have ended by then are rejects; None: none has.
        form: what the file is; None: found by content.
        mapping: where the fields are in a file of none of our formats; in place of a form.

    Raises:
        UnreadableHotlist: the file as a whole is in no known format, or not in the one named. A
            row that cannot be read is a reject, and a file without any acceptable row is an
            empty hotlist.
        ValueError: a form and a mapping are both given.
    """
    reading = Reading(feed=feed, now=now, form=form, mapping=mapping)
    found, outcomes = reading.outcomes(pieces)
    entries: list[Entry] = []
    rejects: list[Reject] = []
    for outcome in outcomes:
        if isinstance(outcome, Entry):
            entries.append(outcome)
        else:
            rejects.append(outcome)
    return Loaded(found, Hotlist(tuple(entries)), tuple(rejects))


def read_delta(
    pieces: Iterable[bytes],
    *,
    feed: str = "",
    now: datetime | None = None,
    form: Format | None = None,
    mapping: Columns | None = None,
) -> Delta:
    """Read changes to a list from their bytes, as `Reading.delta` does.

    Arguments and what is raised are those of `read_hotlist`.
    """
    return Reading(feed=feed, now=now, form=form, mapping=mapping).delta(pieces)


def read_hotlist_file(
    path: Path,
    *watchers: Callable[[bytes], object],
    feed: str = "",
    now: datetime | None = None,
) -> Loaded:
    """Read a file as `read_hotlist` does; watchers are called as by `read_pieces`.

    Raises:
        UnreadableHotlist: also, the file cannot be opened or read; the message has no path.
    """
    try:
        return read_hotlist(read_pieces(path, *watchers), feed=feed, now=now)
    except OSError as error:
        raise UnreadableHotlist(f"the file cannot be read: {error.strerror}") from None


def read_pieces(path: Path, *watchers: Callable[[bytes], object]) -> Iterator[bytes]:
    """Yield the bytes of a file in pieces; each watcher is called with every piece first."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            for watch in watchers:
                watch(piece)
            yield piece
