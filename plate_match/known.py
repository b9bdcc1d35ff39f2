"""Entry -> Known: what it knows its vehicle by, so that entries of one vehicle come together."""

from collections import defaultdict
from collections.abc import Iterable

from plate_match.description import profile_of
from plate_match.hotlist import Entry
from plate_match.keys import key_of
from plate_match.partials import Partials
from plate_match.plate import Pattern, Plate
from plate_match.traits import Profile

Vehicle = tuple[Profile, str | None]
"""What is known of a vehicle without a plate: its looks and its country."""

Part = Pattern | Vehicle
"""What is known where it is no whole plate."""

Known = Plate | Part


def known_of(entry: Entry) -> Known:
    """Return what an entry knows its vehicle by: entries that know the same are of one vehicle."""
    return entry.plate if isinstance(entry.plate, Plate) else part_of(entry, entry.plate)


def part_of(entry: Entry, plate: Pattern | None) -> Part:
    """Return what an entry without a whole plate, but perhaps a pattern, knows its vehicle by."""
    return (profile_of(entry), entry.country) if plate is None else plate


def gathered(entries: Iterable[Entry]) -> dict[Known, list[Entry]]:
    """Gather the entries of each vehicle."""
    found: dict[Known, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[known_of(entry)].append(entry)
    return found


def partials_of(every: Iterable[Known]) -> tuple[Partials, list[Part]]:
    """Return those without a whole plate as what is searched, and in the order of its places."""
    some = [one for one in every if not isinstance(one, Plate)]
    patterns = sorted((one for one in some if isinstance(one, Pattern)), key=_key)
    others = sorted((one for one in some if not isinstance(one, Pattern)), key=_spelled_out)
    return Partials(tuple(patterns), len(others)), [*patterns, *others]


def _key(pattern: Pattern) -> int:
    return key_of(pattern.compact)


def _spelled_out(vehicle: Vehicle) -> str:
    """Return a text that orders vehicles alike in every process."""
    profile, country = vehicle
    return repr((*profile.words(), country))
