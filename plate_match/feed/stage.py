"""Feeds -> one hotlist, and what a new file changes in its feed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from plate_match.hotlist import Entry, Hotlist
from plate_match.plate import Pattern, Plate


def stage(feeds: Mapping[str, Iterable[Entry]]) -> Hotlist:
    """Put the entries of all feeds, by name of the feed, into one hotlist.

    The order in which the feeds are given does not matter; one plate may be in several.
    """
    return Hotlist(tuple(chain.from_iterable(feeds[name] for name in sorted(feeds))))


@dataclass(frozen=True, slots=True)
class Changes:
    """How many entries a file adds to its feed, changes in it and withdraws from it."""

    added: int
    changed: int
    withdrawn: int


def changes(before: Iterable[Entry], after: Iterable[Entry]) -> Changes:
    """Count what differs between two states of one feed; the order within them does not matter.

    An entry is the same one, if changed, when reference and plate are.
    """
    old, new = set(before), set(after)
    gone, come = _by_key(old - new), _by_key(new - old)
    changed = sum(min(count, come.get(key, 0)) for key, count in gone.items())
    return Changes(sum(come.values()) - changed, changed, sum(gone.values()) - changed)


def _by_key(entries: Iterable[Entry]) -> dict[tuple[str, Plate | Pattern | None], int]:
    counts: dict[tuple[str, Plate | Pattern | None], int] = {}
    for entry in entries:
        key = entry.reference, entry.plate
        counts[key] = counts.get(key, 0) + 1
    return counts
