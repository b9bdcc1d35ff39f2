"""Plate -> the layout it follows, and the special series it may belong to: the tables.

Everything here is soft: it says what is usual, and refuses nothing. Sources and dates are the
register's (RDW) published series; what is only likely is said so beside the row.
"""

import re
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from plate_match.plate import GAP, UNKNOWN, Pattern, Plate

_TO_SHAPE = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "X" * 26 + "9" * 10)

PLACES = 6
"""Symbols of every ordinary Dutch plate."""

_VOWELLED = "ABDEFGHJKLNPRSTUVXZ"
"""1951-1978: C, I, Q never; O and W for trailers, M for motorcycles, Y for imports only."""
_WITHOUT_VOWELS = "BDFGHJKLNPRSTVXYZ"
"""1978-1991."""
_WITHOUT_K_AND_Y = "BDFGHJLNPRSTVXZ"
"""1991-1999."""
_CURRENT = "BDFGHJKLNPRSTVXZ"
"""Since 1999: the sixteen letters; any other one is a key letter, or no current Dutch plate."""

_OLD_PAIRS = ("SA", "SD", "SS")
_PAIRS = ("SD", "SS")
_TRIPLES = (*_PAIRS, "GVD", "KKK", "KVT", "NSB", "PKK", "PSV", "TBS", "PVV", "SGP")
_LATER_TRIPLES = (*_TRIPLES, "VVD")
_LATEST_TRIPLES = (*_LATER_TRIPLES, "FVD", "BBB")


@dataclass(frozen=True, slots=True)
class Sidecode:
    """One layout of a Dutch plate.

    Attributes:
        number: 1 to 14, in order of introduction.
        layout: `X` a letter, `9` a digit, dashes where a plate shows them: "9-XXX-99".
        since: year of the first plate of any kind.
        cars_until: year of the last car plate; None while cars are or may still be issued.
        letters: what may stand beside the key letter, the first letter of the plate.
        kinds: key letters with the kind of vehicle they were issued to.
        forbidden: combinations within one group that are not issued (a few slipped through).
        digits: lowest and highest number of each group of digits.
    """

    number: int
    layout: str
    since: int
    cars_until: int | None
    letters: str
    kinds: tuple[tuple[str, str], ...]
    forbidden: tuple[str, ...]
    digits: tuple[tuple[int, int], ...]

    @property
    def shape(self) -> str:
        """The layout without dashes: "9XXX99"."""
        return self.layout.replace("-", "")

    @property
    def dashes(self) -> tuple[int, int]:
        """The two places before which a dash is shown."""
        first, second, _ = self.layout.split("-")
        return len(first), len(first) + len(second)

    @property
    def key_letters(self) -> str:
        """Every letter that was issued as the first one."""
        return "".join(letters for letters, _ in self.kinds)


_COMMERCIAL = (("V", "van"), ("B", "truck"))
_MOPEDS = (("D", "moped"), ("F", "light-moped"))
_TWO, _TWO_FROM_ONE, _THREE, _ONE = (0, 99), (1, 99), (1, 999), (1, 9)

SIDECODES = (
    # In 1 to 3 the pair of letters tells the kind, not its first letter: no key letters.
    Sidecode(1, "XX-99-99", 1951, 1965, _VOWELLED, (), _OLD_PAIRS, (_TWO, _TWO)),
    Sidecode(2, "99-99-XX", 1965, 1973, _VOWELLED, (), _OLD_PAIRS, (_TWO, _TWO)),
    Sidecode(3, "99-XX-99", 1973, 1978, _VOWELLED, (), _OLD_PAIRS, (_TWO, _TWO)),
    Sidecode(
        *(4, "XX-99-XX", 1978, 1991, _WITHOUT_VOWELS),
        # B was light as well as heavy until 1994; light ones were the more.
        kinds=(
            ("DFGHJKLNPRSTXYZ", "car"),
            ("VB", "van"),
            ("M", "motorcycle"),
            ("W", "trailer"),
            ("O", "semi-trailer"),
        ),
        forbidden=_PAIRS,
        digits=(_TWO_FROM_ONE,),
    ),
    Sidecode(
        *(5, "XX-XX-99", 1991, 1999, _WITHOUT_K_AND_Y),
        kinds=(("DFGHJLNPRSTXZ", "car"), *_COMMERCIAL, ("M", "motorcycle"), ("W", "trailer")),
        forbidden=_PAIRS,
        digits=(_TWO_FROM_ONE,),
    ),
    Sidecode(
        *(6, "99-XX-XX", 1999, 2008, _CURRENT),
        # Whether K led car plates here is not known.
        kinds=(("DFGHJLNPRSTXZ", "car"), ("VB", "van"), ("M", "motorcycle"), ("W", "trailer")),
        forbidden=_PAIRS,
        digits=(_TWO_FROM_ONE,),
    ),
    Sidecode(
        *(7, "99-XXX-9", 2005, 2013, _CURRENT),
        kinds=(("GHJKLNPRSTXZ", "car"), *_COMMERCIAL, *_MOPEDS),
        forbidden=_TRIPLES,
        digits=(_TWO, _ONE),
    ),
    Sidecode(
        *(8, "9-XXX-99", 2009, 2015, _CURRENT),
        kinds=(("KSTXZ", "car"), ("V", "van")),
        forbidden=_LATER_TRIPLES,
        digits=(_ONE, _TWO),
    ),
    Sidecode(
        *(9, "XX-999-X", 2006, 2019, _CURRENT),
        kinds=(("GHJKNPRSTXZ", "car"), *_COMMERCIAL, *_MOPEDS),
        forbidden=_PAIRS,
        digits=(_THREE,),
    ),
    Sidecode(
        *(10, "X-999-XX", 2008, 2024, _CURRENT),
        kinds=(("GHJKLNPRSTXZ", "car"), ("V", "van"), *_MOPEDS),
        forbidden=_PAIRS,
        digits=(_THREE,),
    ),
    Sidecode(
        *(11, "XXX-99-X", 2015, None, _CURRENT),
        kinds=(
            ("GHJKNPRSXZ", "car"),
            ("V", "van"),
            *_MOPEDS,
            ("T", "tractor"),
            ("L", "agricultural-trailer"),
        ),
        forbidden=_LATEST_TRIPLES,
        digits=(_TWO_FROM_ONE,),
    ),
    Sidecode(
        *(12, "X-99-XXX", 2021, None, _CURRENT),
        # Cars follow when 11 is full, about 2031.
        kinds=(("V", "van"), ("T", "tractor"), ("E", "special-moped")),
        forbidden=_LATEST_TRIPLES,
        digits=(_TWO_FROM_ONE,),
    ),
    # Only GV, slow vehicles in border traffic, so far; see `SPECIAL_SERIES`.
    Sidecode(13, "9-XX-999", 2016, None, _CURRENT, (), _LATEST_TRIPLES, (_ONE, _THREE)),
    Sidecode(14, "999-XX-9", 2019, None, _CURRENT, (), _LATEST_TRIPLES, (_THREE, _ONE)),
)
"""All fourteen layouts, in order of number."""

BY_SHAPE = MappingProxyType({sidecode.shape: sidecode for sidecode in SIDECODES})
"""The layout of a shape; no two layouts share one."""


@dataclass(frozen=True, slots=True)
class SpecialSeries:
    """Plates set apart for a use.

    Attributes:
        name: the use, in one word.
        spelling: a regular expression the whole compact plate follows.
        dashes: how it is shown, in symbols a group, if it is no sidecode.
        kind: the kind of vehicle, if the series tells it.
    """

    name: str
    spelling: str
    dashes: tuple[int, ...] = ()
    kind: str | None = None


SPECIAL_SERIES = (
    SpecialSeries("royal-house", r"AA\d{1,3}", (2,)),
    SpecialSeries("international-court", r"CDJ\d{1,3}", (3,)),
    # The form of today's diplomatic plates is not published: anything of six on CD.
    SpecialSeries("diplomatic", r"CD\d{1,3}|CD[A-Z0-9]{4}", (2,)),
    SpecialSeries("tax-exempt", r"[BG]N\d{4}"),
    SpecialSeries(
        "border-traffic",
        r"GV\d{4}|\d\d\d\dGV|\d\dGV\d\d|\dGV\d{3}|\d{3}GV\d",
        kind="border-agricultural",
    ),
    SpecialSeries("exceptional-transport", r"\d{4}ZZ|ZZ\d{4}"),
    SpecialSeries("trade", r"(HA|HF|FH)\d{4}"),
    SpecialSeries("trade-moped", r"HC\d{4}", kind="moped"),
    SpecialSeries("trade-trailer", r"OA\d{4}", kind="trailer"),
    SpecialSeries("one-day", r"[AEHKLNPSTVWXZ]\d{4}", (1, 3)),
    SpecialSeries("classic-import", r"(D[EHLMRZ]|A[EHLMR]|PM|BE)\d{4}|\d\dY[ABD]\d\d"),
    SpecialSeries("classic-import", r"(NM|ZM|ZF)\d{4}", kind="motorcycle"),
    SpecialSeries("allied-forces", r"AF[A-Z]{2}\d\d|(RC|CX)\d{4}|NA\d\d[A-Z]{2}"),
    SpecialSeries("allied-forces", r"\d\dSC\d\d|SC\d{3}[A-Z]"),
    # General knowledge, no published source.
    SpecialSeries("army", r"(KL|KM|KN|LM|LO)\d{4}"),
    SpecialSeries("transit", r"[A-Z]{3}\d{3}|\d{3}[A-Z]{3}", (3,)),
)
"""In the order they are looked up: a plate is of the first series it follows."""

_COMPILED = tuple((re.compile(series.spelling), series) for series in SPECIAL_SERIES)


def sidecode(plate: Plate) -> Sidecode | None:
    """Return the layout this plate follows, by its shape alone; None if it has no Dutch shape."""
    return BY_SHAPE.get(shape(plate))


def shape(text: str) -> str:
    """Return compact text with `X` for every letter and `9` for every digit; others stay."""
    return text.translate(_TO_SHAPE)


def layouts_of(pattern: Pattern) -> tuple[Sidecode, ...]:
    """Return every layout these places can follow, taken as a whole plate.

    A pattern with a gap fits by its length only when the gap holds nothing: none is returned.
    """
    if len(pattern.symbols) != PLACES or GAP in pattern.symbols:
        return ()
    return layouts_like(kinds_of(pattern))


def kinds_of(pattern: Pattern) -> str:
    """Return `X` or `9` for every place, `?` where it can be both, `*` for a gap."""
    kinds = (shape(symbol.replace(UNKNOWN, "X9")) for symbol in pattern.symbols)
    return "".join(map(_kind, kinds))


def _kind(shapes: str) -> str:
    """Return `X`, `9`, or `?` where a place can be both."""
    return shapes[0] if len(set(shapes)) == 1 else UNKNOWN


@cache
def layouts_like(kinds: str) -> tuple[Sidecode, ...]:
    """Return the layouts that fit six kinds; asked for every read, and few are different."""
    return tuple(
        layout
        for layout in SIDECODES
        if all(kind in (UNKNOWN, want) for want, kind in zip(layout.shape, kinds, strict=True))
    )


def special_series(plate: Plate) -> SpecialSeries | None:
    """Return the special series this plate is spelled as; it may be an ordinary one all the same.

    Old pairs are reused: GN-12-34 is tax exempt or a vehicle of 1951.
    """
    return next((series for spelling, series in _COMPILED if spelling.fullmatch(plate)), None)
