"""What synthetic vehicles look like: makes and colours by the base rates.

They are spelled as in the register, some makes badly: in small letters, twice, with quotes or an
engine behind them.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COLOURS = {
    "grey": "GRIJS",
    "black": "ZWART",
    "blue": "BLAUW",
    "white": "WIT",
    "red": "ROOD",
    "green": "GROEN",
    "brown": "BRUIN",
    "beige": "BEIGE",
    "yellow": "GEEL",
    "orange": "ORANJE",
    "purple": "PAARS",
    "pink": "ROSE",
    "": "DIVERSEN",
}
"""Colour of the table -> `eerste_kleur`."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What vehicles of one `voertuigsoort` look like: makes and colours with their shares."""

    makes: tuple[str, ...]
    make_shares: Floats
    colours: tuple[str, ...]
    colour_shares: Floats

    def draw(self, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """Return what each of so many vehicles looks like, in one number: (n,)."""
        make = rng.choice(len(self.makes), count, p=self.make_shares)
        return make * len(self.colours) + rng.choice(len(self.colours), count, p=self.colour_shares)

    def told(self, look: int) -> tuple[str, str]:
        """Return the make and the colour of a look, as the register spells them."""
        make, colour = divmod(look, len(self.colours))
        return self.makes[make], self.colours[colour]


@cache
def looks_of(sort: str) -> Looks:
    """Return what vehicles of a `voertuigsoort` look like."""
    within = {
        "Personenauto": "car",
        "Bedrijfsauto": "commercial",
        "Motorfiets": "motorcycle",
        "Bromfiets": "moped",
    }.get(sort, "")
    makes = dict(_dirty(_table("make", within))) or {"SYNTHETISCH": 1.0}
    colours = {COLOURS[one]: n for one, n in _table("colour", within).items()} or {"N.v.t.": 1.0}
    colours |= {"Niet geregistreerd": 0.02 * sum(colours.values())}
    return Looks(
        *(tuple(makes), np.array(list(makes.values())) / sum(makes.values())),
        *(tuple(colours), np.array(list(colours.values())) / sum(colours.values())),
    )


def _table(field: str, within: str) -> dict[str, float]:
    text = (files("plate_match") / "tables" / "base-rates.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        row["value"]: float(row["vehicles"])
        for row in rows
        if (row["field"], row["within"]) == (field, within) and within
    }


def _dirty(makes: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Yield each make as it is usually spelled, and as it is now and then."""
    for named, vehicles in makes.items():
        make = named or "OVERIG"
        yield make, 0.97 * vehicles
        yield f"{make.title()} ", 0.01 * vehicles
        yield f"{make}, {make}", 0.01 * vehicles
        yield f'{make} "SYN"', 0.005 * vehicles
        yield make.replace("-", " ") + " 3*SYN*", 0.005 * vehicles
