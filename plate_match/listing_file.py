"""Listing <-> a file: gathered once by one process, mapped into memory by all that search it.

The entries stay where they are: of each the file has the number that it was taken with.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plate_match import sections
from plate_match.census import Census, Time
from plate_match.errors import DamagedFile
from plate_match.facts import Facts
from plate_match.index import Index
from plate_match.layers import Layers
from plate_match.listing import EntryAt, Grouped, Listing
from plate_match.partials import Partials
from plate_match.plate import Pattern
from plate_match.store import of_file, to_file
from plate_match.traits import Profile

Arrays = Mapping[str, NDArray[Any]]

_KIND = "listing"


class OtherMaker(DamagedFile):
    """The file was made by another version of this program; it is to be made again."""


def save(listing: Listing, path: Path, *, maker: str) -> None:
    """Write a listing to a file, whole or not at all, with a checksum.

    Args:
        listing: as it was gathered; with entries laid over it, it has no file.
        path: where.
        maker: the version of the program. What is kept of entries depends on its tables.

    Raises:
        OSError: it cannot be written.
    """
    plates, partials, entries = _gathered(listing)
    store, arrays = to_file(plates.store)
    facts, kept = _of_facts(listing.facts)
    header = {
        "maker": maker,
        "store": store,
        "patterns": [one.compact for one in partials.patterns],
        "unknown": partials.unknown,
        **facts,
    }
    where = {"where": entries.where, "begins": entries.begins}
    sections.write(path, _KIND, header, arrays={**arrays, **kept, **where})


def load(path: Path, entry: EntryAt, *, maker: str) -> Listing:
    """Map a listing that was saved; processes that load one file share its memory.

    Args:
        path: where it is.
        entry: returns the entry that was taken with a number; asked for when one is shown.
        maker: the version of the program.

    Raises:
        OtherMaker: it is not of this version.
        DamagedFile: it is not what was saved.
        OSError: it cannot be read.
    """
    header, arrays = sections.read(path, _KIND)
    if header["maker"] != maker:
        raise OtherMaker(f"the file was made by version {header['maker']}, this is {maker}")
    plates = Index(of_file(header["store"], arrays))
    partials = Partials(tuple(Pattern(tuple(one)) for one in header["patterns"]), header["unknown"])
    index = Layers((plates, partials)) if len(partials) else plates
    entries = Grouped(entry, arrays["where"], arrays["begins"])
    return Listing(index, entries, _to_facts(header, arrays))


def _gathered(listing: Listing) -> tuple[Index, Partials, Grouped]:
    """Return the whole plates of a listing, its other vehicles, and the entries of both.

    Raises:
        TypeError: it is not as it was gathered.
    """
    match (*listing.index.parts, listing.entries):
        case Index() as plates, Grouped() as entries:
            return plates, Partials(()), entries
        case Index() as plates, Partials() as partials, Grouped() as entries:
            return plates, partials, entries
        case _:
            raise TypeError("only a listing as it was gathered can be saved")


def _of_facts(facts: Facts) -> tuple[dict[str, Any], Arrays]:
    every = dict.fromkeys(one for kind in facts.kinds for one in kind)
    profiles = {one: number for number, one in enumerate(every)}
    paused = [(place, *time) for place, times in facts.pauses.items() for time in times]
    header = {
        "profiles": [one.words() for one in profiles],
        "kinds": [[profiles[one] for one in kind] for kind in facts.kinds],
        "countries": facts.countries,
    }
    arrays: dict[str, NDArray[Any]] = {
        "kind": facts.kind,
        "country": facts.country,
        "paused": np.array(paused, dtype=np.float64).reshape(-1, 3),
        "beginnings": facts.census.beginnings,
        "ends": facts.census.ends,
        "tests": facts.tests,
    }
    if facts.spans is not None:
        arrays["spans"] = facts.spans
    return header, arrays


def _to_facts(header: Mapping[str, Any], arrays: Arrays) -> Facts:
    profiles = [_profile(words) for words in header["profiles"]]
    pauses: dict[int, list[Time]] = {}
    for place, begin, end in arrays["paused"].tolist():
        pauses.setdefault(int(place), []).append((begin, end))
    return Facts(
        kind=arrays["kind"],
        kinds=tuple(tuple(profiles[one] for one in kind) for kind in header["kinds"]),
        country=arrays["country"],
        countries=tuple(map(tuple, header["countries"])),
        spans=arrays.get("spans"),
        pauses=pauses,
        census=Census(arrays["beginnings"], arrays["ends"]),
        tests=arrays["tests"],
    )


def _profile(words: Sequence[Sequence[str]]) -> Profile:
    return Profile(*map(frozenset, words))
