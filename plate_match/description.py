"""What a vehicle looks like, seen against what an entry says -> likelihood ratios.

    P(description | the vehicle of this entry) / P(description | a vehicle of the population)

is the product over the traits that a description names, mixed with a small chance that the plate
is a false one, on another vehicle than its own. Then what is seen is that of any vehicle: a sure
read on the wrong vehicle stays a sure read, and is a possible false plate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from math import log2, prod
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from plate_match.base_rates import BaseRates
from plate_match.hotlist import Entry, Wanted
from plate_match.posterior import Evidence
from plate_match.traits import TRAITS, Profile
from plate_match.wording import NOTHING, Words, colour, kind, make_and_model, plate_colour

Floats = NDArray[np.float64]

FALSE_PLATE = 0.02
"""How often a listed plate is on another vehicle when it is seen: an assumption."""

_KEPT = 1 << 16
"""Profiles that are remembered: many entries share one."""

POSSIBLE_FALSE_PLATE = "possible-false-plate"
"""Name of the evidence by which a false plate may explain what contradicts."""


@dataclass(frozen=True, slots=True)
class Description:
    """What is said of a vehicle, in any spelling; None where nothing is said.

    `duplicate_code` is the small number on a plate that was issued again; 0 if there is none.
    """

    make: str | None = None
    model: str | None = None
    colour: str | None = None
    kind: str | None = None
    plate_colour: str | None = None
    duplicate_code: int | None = None


NOTHING_SAID = Description()


def profile_of(entry: Entry) -> Profile:
    """Return what the vehicle that carries the entry's plate should look like.

    A wanted plate is by its nature on another vehicle than its own, of which nothing is known:
    whatever is seen is no evidence, for it or against it.
    """
    return Profile() if entry.wanted is Wanted.PLATE else _profile(_SAID(entry))


_SAID = attrgetter(*(field.name for field in fields(Description)))
"""What a description or an entry says, in the order of the description."""


@lru_cache(_KEPT)
def _profile(said: tuple[str | int | None, ...]) -> Profile:
    """Bring what is said of a vehicle into the words that are compared."""
    description = Description(*said)  # type: ignore[arg-type]  # its own fields, by _SAID
    make, model = make_and_model(description.make, description.model)
    code = description.duplicate_code
    return Profile(
        make=make,
        model=model,
        colour=colour(description.colour),
        kind=kind(description.kind),
        plate_colour=plate_colour(description.plate_colour),
        duplicate_code=NOTHING if code is None else Words({str(code)}),
    )


@dataclass(frozen=True, slots=True)
class Profiles:
    """Many profiles, gathered trait by trait, so that each distinct look is weighed once.

    Attributes:
        profiles: all of them, in their order.
        looks: for each trait, profiles that differ in it, one for each way to look.
        codes: (traits, n) which of them each profile looks like.
    """

    profiles: tuple[Profile, ...]
    looks: tuple[tuple[Profile, ...], ...]
    codes: NDArray[np.intp]

    @classmethod
    def of(cls, profiles: Iterable[Profile]) -> "Profiles":
        """Gather profiles; `ratios` answers in their order."""
        everyone = tuple(profiles)
        looks, codes = [], np.zeros((len(TRAITS), len(everyone)), dtype=np.intp)
        for row, trait in enumerate(TRAITS):
            ways = dict(zip(map(trait.depends, everyone), everyone, strict=True))
            number = {way: code for code, way in enumerate(ways)}
            codes[row] = [number[trait.depends(one)] for one in everyone]
            looks.append(tuple(ways.values()))
        return cls(everyone, tuple(looks), codes)


def ratios(seen: Description, profiles: Profiles | Sequence[Profile], rates: BaseRates) -> Floats:
    """Return how much likelier the description is of each vehicle than of any other: (n,).

    For many reports, gather the profiles once.
    """
    gathered = profiles if isinstance(profiles, Profiles) else Profiles.of(profiles)
    said = _profile(_SAID(seen))
    product = np.ones(gathered.codes.shape[1])
    for trait, looks, codes in zip(TRAITS, gathered.looks, gathered.codes, strict=True):
        if trait.said(said):
            product *= np.array([trait.ratio(said, look, rates) for look in looks])[codes]
    return (1 - FALSE_PLATE) * product + FALSE_PLATE


def weigh(seen: Description, profile: Profile, rates: BaseRates) -> tuple[Evidence, ...]:
    """Return a reason for each trait that says something; the bits add up to log2 of the ratio.

    The last is what a false plate makes of them: it lifts what contradicts, since the plate may
    be on another vehicle, and takes a little from what agrees.
    """
    by_trait = _by_trait(seen, profile, rates)
    if not by_trait:
        return ()
    product = prod(by_trait.values())
    allowed = log2(((1 - FALSE_PLATE) * product + FALSE_PLATE) / product)
    reasons = (Evidence(name, log2(ratio)) for name, ratio in by_trait.items())
    return (*reasons, Evidence(POSSIBLE_FALSE_PLATE, allowed))


def is_possible_false_plate(seen: Description, profile: Profile, rates: BaseRates) -> bool:
    """Whether, if this is the plate, it is more likely on another vehicle than on its own."""
    product = prod(_by_trait(seen, profile, rates).values())
    return (1 - FALSE_PLATE) * product < FALSE_PLATE


def _by_trait(seen: Description, profile: Profile, rates: BaseRates) -> dict[str, float]:
    """Return the ratio of each trait that says something."""
    said = _profile(_SAID(seen))
    found = {trait.name: trait.ratio(said, profile, rates) for trait in TRAITS}
    return {name: ratio for name, ratio in found.items() if ratio != 1}
