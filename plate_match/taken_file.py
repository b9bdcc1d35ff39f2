"""Taken <-> a file: what was kept of entries, to make the list of any audience from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from plate_match import sections
from plate_match.audience import Circle
from plate_match.hotlist import Category, Dissemination, Purpose
from plate_match.known import Part
from plate_match.listing_file import OtherMaker
from plate_match.plate import Pattern
from plate_match.taken import Taken
from plate_match.traits import Profile

_KIND = "taken"
_ARRAYS = ("keys", "where", "profile", "country", "named", "span", "circle", "known")


def save(taken: Taken, path: Path, *, maker: str) -> None:
    """Write what was taken to a file, whole or not at all, with a checksum.

    Args:
        taken: what was.
        path: where.
        maker: the version of the program.

    Raises:
        OSError: it cannot be written.
    """
    profiles = {one: number for number, one in enumerate(taken.profiles)}
    header = {
        "maker": maker,
        "profiles": [one.words() for one in profiles],
        "countries": taken.countries,
        "circles": taken.circles,
        "partials": [_told(one, profiles) for one in taken.partials],
    }
    arrays = {name: getattr(taken, name) for name in _ARRAYS}
    sections.write(path, _KIND, header, arrays={**arrays, "test": taken.test.view(np.uint8)})


def load(path: Path, *, maker: str) -> Taken:
    """Map what was saved; processes that load one file share its memory.

    Raises:
        OtherMaker: it is not of this version of the program.
        DamagedFile: it is not what was saved.
        OSError: it cannot be read.
    """
    header, arrays = sections.read(path, _KIND)
    if header["maker"] != maker:
        raise OtherMaker(f"the file was made by version {header['maker']}, this is {maker}")
    profiles = tuple(Profile(*map(frozenset, words)) for words in header["profiles"])
    return Taken(
        **{name: arrays[name] for name in _ARRAYS},
        test=arrays["test"].view(np.bool_),
        profiles=profiles,
        countries=tuple(map(tuple, header["countries"])),
        circles=tuple(map(_circle, header["circles"])),
        partials=tuple(_known(one, profiles) for one in header["partials"]),
    )


def _circle(said: Sequence[Any]) -> Circle:
    dissemination, category, partners, purpose = said
    told = None if purpose is None else Purpose(purpose)
    return Circle(Dissemination(dissemination), Category(category), tuple(partners), told)


def _told(known: Part, profiles: Mapping[Profile, int]) -> object:
    """Return what is known of a vehicle as JSON has it: a pattern, or its looks and country."""
    if isinstance(known, Pattern):
        return known.compact
    looks, country = known
    return [profiles[looks], country]


def _known(told: Any, profiles: Sequence[Profile]) -> Part:  # noqa: ANN401 - as JSON has it
    if isinstance(told, str):
        return Pattern(tuple(told))
    number, country = told
    return profiles[number], country
