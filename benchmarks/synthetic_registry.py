"""A synthetic export of the vehicle register, or straight a registry, of any size.

    python -m benchmarks.synthetic_registry --vehicles N --output FILE [--registry] [--seed S]

Plates lie as real ones do: in the series of the table, whole letter series issued and in each so
many vehicles left as its age has left. Makes and colours follow the base rates, some spelled as
badly as in the register; vehicles that were exported are among them, as are quotes and blank
lines. No vehicle of it exists: the export has a column `synthetisch`, and says so on stderr.
"""

import argparse
import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic_looks import Looks, looks_of
from plate_match import grammar
from plate_match.layouts import SIDECODES
from plate_match.plate import SYMBOLS
from plate_match.registration import Counts, Registration
from plate_match.registry import Registry
from plate_match.series import columns

Ints = NDArray[np.int64]

SEED = 20261124

EXPORTED = 0.058
"""Exported vehicles the register still names, for one that is registered (RDW, 2026-10)."""

SPREAD = 20.0
"""How alike the letter series of one series are: pseudo-counts of their share still alive."""

FULL = 0.985
"""Most of a letter series that can still be alive."""

KINDS = {
    "car": "Personenauto",
    "van": "Bedrijfsauto",
    "truck": "Bedrijfsauto",
    "motorcycle": "Motorfiets",
    "trailer": "Aanhangwagen",
    "semi-trailer": "Oplegger",
    "moped": "Bromfiets",
    "light-moped": "Bromfiets",
    "special-moped": "Bromfiets",
    "tractor": "Land- of bosbouwtrekker",
    "agricultural-trailer": "Land- of bosb aanhw of getr uitr stuk",
    "border-agricultural": "Motorrijtuig met beperkte snelheid",
}
"""Kind of a series -> `voertuigsoort`."""

SORTS = sorted(set(KINDS.values()))

HEADER = b"kenteken,voertuigsoort,merk,eerste_kleur,export_indicator,synthetisch\n"

_PIECE = 200_000
"""Rows written at a time."""


@dataclass(frozen=True, slots=True)
class Vehicles:
    """Synthetic vehicles in no order: n of them.

    Attributes:
        codes: (n,) of their plates, all different.
        sorts: (n,) places in `SORTS`.
        exported: (n,) whether they have left the country.
    """

    codes: Ints
    sorts: NDArray[np.uint8]
    exported: NDArray[np.bool_]

    def take(self, which: NDArray[np.intp]) -> "Vehicles":
        return Vehicles(self.codes[which], self.sorts[which], self.exported[which])


def draw(vehicles: int, *, seed: int = SEED) -> Vehicles:
    """Draw vehicles, so many of them registered, in as many letter series as that takes.

    Raises:
        ValueError: it is no vehicle, or more than the series hold.
    """
    if vehicles < 1:
        raise ValueError("at least one vehicle is drawn")
    rng = np.random.default_rng(seed)
    rows = _rows()
    share = vehicles / sum(float(row["registered"]) for row in rows)
    parts = [_issue(row, share, rng) for row in rows]
    everything = Vehicles(
        *(np.concatenate(part) for part in zip(*map(_fields, parts), strict=True))
    )
    _, first = np.unique(everything.codes, return_index=True)  # series share some plates
    everything = everything.take(first)
    order = _by_letter_series(everything.codes, rng)
    registered = np.cumsum(~everything.exported[order])
    if vehicles > registered[-1]:
        raise ValueError(f"the series hold {registered[-1]:,} vehicles")
    chosen = order[: int(np.searchsorted(registered, vehicles)) + 1]
    return everything.take(rng.permutation(chosen))


def _fields(part: Vehicles) -> tuple[Ints, NDArray[np.uint8], NDArray[np.bool_]]:
    return part.codes, part.sorts, part.exported


@cache
def _rows() -> list[dict[str, str]]:
    text = (files("plate_match") / "tables" / "series.csv").read_text(encoding="utf-8")
    return [row for row in csv.DictReader(text.splitlines()) if row["sidecode"]]


def _issue(row: Mapping[str, str], part: float, rng: np.random.Generator) -> Vehicles:
    """Return the vehicles of one series that are left, and those that were exported.

    For a part of all vehicles as many letter series are taken, and some to spare; for more
    vehicles than there are, letter series are fuller.
    """
    letters, numbers = _grid(row)
    share = float(row["registered"]) / (len(letters) * len(numbers))
    share = min(share * max(1.0, 1.03 * part), FULL)
    letters = rng.permutation(letters)[: ceil(len(letters) * 1.2 * part)]
    alive = rng.beta(share * SPREAD, (1 - share) * SPREAD, size=len(letters))
    lots = rng.random((len(letters), len(numbers)), dtype=np.float32)
    registered = lots < alive[:, None]
    exported = ~registered & (lots > 1 - EXPORTED * share)
    codes = letters[:, None] + numbers
    chosen = registered | exported
    sort = SORTS.index(KINDS[row["kind"]])
    found = codes[chosen]
    return Vehicles(found, np.full(len(found), sort, dtype=np.uint8), exported[chosen])


def _grid(row: Mapping[str, str]) -> tuple[Ints, Ints]:
    """Return what the letters and what the digits add to a code: each plate is a sum of both."""
    number = int(row["sidecode"])
    layout, places = grammar.LAYOUTS[number - 1], next(columns(row)).places
    letters = numbers = np.zeros(1, dtype=np.int64)
    for symbols, alphabet, weight in zip(places, layout.alphabets, layout.weights, strict=True):
        steps = weight * np.array([alphabet.index(symbol) for symbol in symbols])
        if alphabet.isalpha():
            letters = np.add.outer(letters, steps).ravel()
        else:
            numbers = np.add.outer(numbers, steps).ravel()
    issued = [not _is_forbidden(text, number) for text in _letter_series(row["pattern"], places)]
    return layout.offset + letters[issued], numbers


def _letter_series(pattern: str, places: Sequence[str]) -> Iterator[str]:
    """Yield the letters of each letter series, with a dash between those that stand apart."""
    shape = pattern.replace("-", "")
    groups = [group.count("X") for group in pattern.split("-")]
    ends = {sum(groups[:end]) for end in range(len(groups))}
    for one in product(
        *(symbols for symbols, kind in zip(places, shape, strict=True) if kind == "X")
    ):
        yield "".join("-" * (place in ends) + letter for place, letter in enumerate(one))


def _is_forbidden(letters: str, number: int) -> bool:
    return any(word in letters for word in SIDECODES[number - 1].forbidden)


def _by_letter_series(codes: Ints, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return an order in which letter series come one by one, at random."""
    symbols = grammar.symbols_at(codes)
    series = np.zeros(len(codes), dtype=np.int64)
    for symbol in symbols:
        series = series * 27 + np.where(symbol < 10, 0, symbol - 9)
    _, which = np.unique(series, return_inverse=True)
    return np.argsort(rng.permutation(which.max() + 1)[which], kind="stable")


def write_export(drawn: Vehicles, path: Path, *, seed: int = SEED) -> None:
    """Write the vehicles as the register exports them."""
    rng = np.random.default_rng(seed)
    tails = [_tails(looks_of(sort), sort) for sort in SORTS]
    looks = [looks_of(sort) for sort in SORTS]
    with path.open("wb") as file:
        file.write(HEADER)
        for begin in range(0, len(drawn.codes), _PIECE):
            part = drawn.take(np.arange(begin, min(begin + _PIECE, len(drawn.codes))))
            ends = np.empty(len(part.codes), dtype=object)
            for sort, (here, there) in enumerate(tails):
                for exported, texts in ((False, here), (True, there)):
                    which = np.flatnonzero((part.sorts == sort) & (part.exported == exported))
                    ends[which] = texts[looks[sort].draw(len(which), rng)]
            plates = _CHARACTERS[grammar.symbols_at(part.codes).T].copy().view("S6").ravel()
            file.writelines(map(bytes.__add__, plates.tolist(), ends.tolist()))


def _tails(looks: Looks, sort: str) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Return all that follows the plate, by look: of vehicles that are here, and exported."""
    rows = []
    for exported in ("Nee", "Ja"):
        texts = np.empty(len(looks.makes) * len(looks.colours), dtype=object)
        for look in range(len(texts)):
            fields = (sort, *looks.told(look), exported, "ja")
            # Every seventh look is quoted throughout, every eleventh leaves a blank line behind.
            quoted = [_field(one, always=look % 7 == 0) for one in fields]
            texts[look] = f",{','.join(quoted)}\n{chr(10) * (look % 11 == 0)}".encode()
        rows.append(texts)
    here, there = rows
    return here, there


def _field(text: str, *, always: bool) -> str:
    if not always and not set(text) & set(',"'):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def registry_of(drawn: Vehicles, *, seed: int = SEED) -> Registry:
    """Return the registry that an export of these vehicles would give, but for the counts' luck."""
    rng = np.random.default_rng(seed)
    makes: dict[str, dict[str, int]] = {}
    colours: dict[str, dict[str, int]] = {}
    for place, sort in enumerate(SORTS):
        count = int(((drawn.sorts == place) & ~drawn.exported).sum())
        if count:
            makes[sort], colours[sort] = _counts(looks_of(sort), count, rng)
    registered = np.sort(drawn.codes[~drawn.exported])
    nothing = np.empty(0, dtype=np.uint64)
    exported = int(drawn.exported.sum())
    told: tuple[Counts, Counts] = (makes, colours)
    return Registry.of(Registration(registered, nothing, *told, len(drawn.codes), exported))


def _counts(
    looks: Looks, count: int, rng: np.random.Generator
) -> tuple[dict[str, int], dict[str, int]]:
    makes: dict[str, int] = {}
    colours: dict[str, int] = {}
    drawn = np.bincount(looks.draw(count, rng))
    for look in np.flatnonzero(drawn).tolist():
        make, colour = looks.told(look)
        make = make.strip()
        makes[make] = makes.get(make, 0) + int(drawn[look])
        colours[colour] = colours.get(colour, 0) + int(drawn[look])
    return makes, colours


_CHARACTERS = np.array(list(SYMBOLS), dtype="S1")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the arguments, draw, and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--vehicles", type=int, required=True, help="registered ones, to 16,000,000"
    )
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--registry", action="store_true", help="write a registry, no export")
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args(arguments)
    try:
        drawn = draw(chosen.vehicles, seed=chosen.seed)
    except ValueError as error:
        parser.error(str(error))
    if chosen.registry:
        registry_of(drawn, seed=chosen.seed).save(chosen.output)
    else:
        write_export(drawn, chosen.output, seed=chosen.seed)
    sys.stderr.write(f"{len(drawn.codes):,} synthetic vehicles written to {chosen.output}\n")


if __name__ == "__main__":
    main()
