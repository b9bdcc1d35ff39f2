"""One trait of a vehicle, as seen against as known -> its likelihood ratio.

The reporter is right, or else says by base rates what somebody might see. So the base rates are
also those of what is reported, and the ratio of one trait is

    (1 - e) * B(seen and known) / (B(seen) * B(known)) + e

with e how often the reporter is wrong and B the base rate of a set of words: (1 - e) / B + e
where the two are the same word, e where they have none in common. It is neither zero nor
infinite, and averages 1 over the population. Where one of the two is unknown, it is 1.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from operator import attrgetter

from plate_match.base_rates import BaseRates, Shares
from plate_match.wording import NOTHING, Words

WRONG_MAKE = 0.10
WRONG_MODEL = 0.20
WRONG_COLOUR = 0.10
WRONG_KIND = 0.05
WRONG_PLATE_COLOUR = 0.05
WRONG_DUPLICATE_CODE = 0.10
"""How often a reporter is wrong: assumptions. Registers spell models worse than people see them."""

BLENDED = 0.10
"""How often light makes grey, black, blue and white look alike, as at night: an assumption."""

_BLEND = Words({"grey", "black", "blue", "white"})


@dataclass(frozen=True, slots=True)
class Profile:
    """What a vehicle looks like, in the words that are compared; empty where nothing is known.

    Many entries share one.
    """

    make: Words = NOTHING
    model: Words = NOTHING
    colour: Words = NOTHING
    kind: Words = NOTHING
    plate_colour: Words = NOTHING
    duplicate_code: Words = NOTHING

    def words(self) -> list[list[str]]:
        """Return the words of each trait, alike in every process."""
        return [sorted(getattr(self, name)) for name in self.__slots__]


def _alike(seen: Words, known: Words, shares: Shares, *, wrong: float) -> float:
    """Return the ratio of one trait by the base rates of its words."""
    if not seen or not known:
        return 1.0
    expected = shares.of(seen) * shares.of(known)
    return (1 - wrong) * shares.of(seen & known) / expected + wrong


def _make(seen: Profile, known: Profile, rates: BaseRates) -> float:
    shares = rates.makes_of(seen.kind)
    return _alike(seen.make, known.make, shares, wrong=WRONG_MAKE) if shares else 1.0


def _model(seen: Profile, known: Profile, rates: BaseRates) -> float:
    """Weigh models of one make; of different makes, the make has said it all."""
    if not seen.make or seen.make != known.make:
        return 1.0
    shares = rates.models_of("".join(seen.make))
    return _alike(seen.model, known.model, shares, wrong=WRONG_MODEL)


def _colour(seen: Profile, known: Profile, rates: BaseRates) -> float:
    """Weigh colours where both kinds have registered ones; some looks blend four of them."""
    shares = rates.colours_of(seen.kind)
    if not shares or not rates.colours_of(known.kind) or not seen.colour or not known.colour:
        return 1.0
    expected = shares.of(seen.colour) * shares.of(known.colour)
    blended = shares.of(seen.colour & _BLEND) * shares.of(known.colour & _BLEND)
    plain = shares.of((seen.colour & known.colour) - _BLEND)
    in_bad_light = (blended / shares.of(_BLEND) + plain) / expected
    clearly = _alike(seen.colour, known.colour, shares, wrong=WRONG_COLOUR)
    return clearly + BLENDED * (in_bad_light - shares.of(seen.colour & known.colour) / expected)


def _kind(seen: Profile, known: Profile, rates: BaseRates) -> float:
    return _alike(seen.kind, known.kind, rates.kinds, wrong=WRONG_KIND)


def _plate_colour(seen: Profile, known: Profile, rates: BaseRates) -> float:
    shares = rates.plate_colours
    return _alike(seen.plate_colour, known.plate_colour, shares, wrong=WRONG_PLATE_COLOUR)


def _duplicate_code(seen: Profile, known: Profile, rates: BaseRates) -> float:
    shares = rates.duplicate_codes
    return _alike(seen.duplicate_code, known.duplicate_code, shares, wrong=WRONG_DUPLICATE_CODE)


@dataclass(frozen=True, slots=True)
class Trait:
    """One trait that a description can name.

    Attributes:
        said: what is said of it.
        depends: all of an entry's profile that its ratio depends on.
        ratio: of what is seen, for a profile.
    """

    name: str
    said: Callable[[Profile], Words]
    depends: Callable[[Profile], Hashable]
    ratio: Callable[[Profile, Profile, BaseRates], float]


def _trait(name: str, ratio: Callable[[Profile, Profile, BaseRates], float], *also: str) -> Trait:
    attribute = name.replace("-", "_")
    return Trait(name, attrgetter(attribute), attrgetter(attribute, *also), ratio)


TRAITS = (
    _trait("make", _make),
    _trait("model", _model, "make"),
    _trait("colour", _colour, "kind"),
    _trait("kind", _kind),
    _trait("plate-colour", _plate_colour),
    _trait("duplicate-code", _duplicate_code),
)
