"""Confidence -> disposition: what a missed hit and a wrong alert cost decides, per category.

The costs are assumptions of this service, written down so that they can be argued with; only
their ratios matter. They are explained in `docs/model.md`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from plate_match.hotlist import Category


class Disposition(StrEnum):
    """What a hit asks for: tell the control room, show it only, or keep it back."""

    ALERT = "alert"
    SHOW = "show"
    WITHHOLD = "withhold"


@dataclass(frozen=True, slots=True)
class Costs:
    """What goes wrong costs, in any one unit.

    Attributes:
        missed: a wanted vehicle was seen and nobody was told.
        wrong_alert: the control room was told of an innocent vehicle.
        wrong_show: the person who reported was shown a plate that it was not.
    """

    missed: float
    wrong_alert: float
    wrong_show: float

    def disposition(self, confidence: float) -> Disposition:
        """Return the cheapest thing to do at this confidence."""
        loss = confidence * self.missed
        if loss >= (1 - confidence) * self.wrong_alert:
            return Disposition.ALERT
        if loss >= (1 - confidence) * self.wrong_show:
            return Disposition.SHOW
        return Disposition.WITHHOLD


_GRAVE = Costs(missed=20, wrong_alert=10, wrong_show=0.2)
_SERIOUS = Costs(missed=10, wrong_alert=10, wrong_show=0.2)
_ORDINARY = Costs(missed=5, wrong_alert=10, wrong_show=0.25)
_LIGHT = Costs(missed=1, wrong_alert=9, wrong_show=0.25)

COSTS: Mapping[Category, Costs] = {
    Category.ROBBERY: _GRAVE,
    Category.VIOLENCE: _GRAVE,
    Category.WEAPONS: _GRAVE,
    Category.MISSING_PERSON: _GRAVE,
    Category.BURGLARY: _SERIOUS,
    Category.DRUGS: _SERIOUS,
    Category.WANTED_PERSON: _SERIOUS,
    Category.STOLEN_VEHICLE: _ORDINARY,
    Category.STOLEN_PLATE: _ORDINARY,
    Category.PUBLIC_ORDER: _ORDINARY,
    Category.OTHER: _ORDINARY,
    Category.FINES: _LIGHT,
}

_ORDER = (Disposition.ALERT, Disposition.SHOW, Disposition.WITHHOLD)


def disposition(categories: Iterable[Category], confidence: float) -> Disposition:
    """Return what a hit asks for: the most that any of its entries' categories asks.

    Without any it is kept back: what is there for a test concerns nobody.
    """
    asked = {COSTS[category].disposition(confidence) for category in categories}
    return next((one for one in _ORDER if one in asked), Disposition.WITHHOLD)


SENSITIVE_FACTOR = 3.0
"""A base rate is a stated assumption; a hit that flips within this factor of it says so."""
