"""Country as reported -> how likely that report is, for a plate of these countries.

Who names a country has seen the blue band, the colour or the spelling. The three chances are
assumptions; only their ratios matter.
"""

from collections.abc import Sequence

from plate_match.foreign import countries
from plate_match.hotlist import Entry
from plate_match.plate import Plate

RIGHT, PERHAPS, WRONG = 0.95, 0.3, 0.02


def agreement(said: str | None, possible: Sequence[str]) -> float:
    """Return P(said | a plate that can be of these countries, the likeliest first).

    1 if nothing was said; `possible` may be empty, where a plate's country is not known.
    """
    if said is None:
        return 1.0
    if not possible:
        return PERHAPS
    if said == possible[0]:
        return RIGHT
    return PERHAPS if said in possible else WRONG


def possible_countries(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return the countries a listed plate can be of: as its entries have it, or by spelling.

    Nothing where it is not spelled out.
    """
    named = tuple(entry.country for entry in entries if entry.country)
    plate = entries[0].plate
    return named or (countries(plate) if isinstance(plate, Plate) else ())
