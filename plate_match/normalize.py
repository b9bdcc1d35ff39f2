"""Text as somebody typed it -> Plate or Pattern, or `UnreadablePlate` and nothing else.

The steps: fold (one alphabet, upper case), take out the words, drop the country, tell marks
that separate from marks that stand for a symbol, read place by place.
"""

import re
from collections.abc import Iterator
from itertools import accumulate

from plate_match.errors import UnreadablePlate
from plate_match.fold import folded
from plate_match.layouts import BY_SHAPE, PLACES, SIDECODES, Sidecode, layouts_of, shape
from plate_match.plate import (
    GAP,
    LONGEST_PLATE,
    SHORTEST_PLATE,
    SYMBOLS,
    UNKNOWN,
    Pattern,
    Plate,
)
from plate_match.spelling import Cue, without_words

LONGEST_PATTERN = 64
"""Places."""

_PLAIN = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")
_PLACE = re.compile(r"\[([A-Z0-9]+)\]|([A-Z0-9?*])|[^A-Z0-9?*]")
_COUNTRY = re.compile(r"^([^A-Z0-9?\[]*)NL[^A-Z0-9?*\[]+(?=.*[A-Z0-9])")
_NL = re.compile(r"N[^A-Z0-9]*L[^A-Z0-9*?\[]*")
_GROUP = 2
"""Symbols of NL, and of XX for symbols not seen."""
_SEPARATOR = re.compile(r"[^A-Z0-9?*\[\]]")
_AFTER_A_PLACE = re.compile(r"(?<=[A-Z0-9?\]])[^A-Z0-9?*\[\]]")
_UNSEEN_FRONT = re.compile(r"^XX +(?=\S)")
_UNSEEN_BACK = re.compile(r"(?<=\S) +XX$")
_ELLIPSIS = re.compile(r"\.{2,}|^-{2,}|-{2,}$")

_NATURAL = frozenset(
    part
    for layout in SIDECODES
    for cut in range(1, len(layout.layout))
    for part in (layout.layout[:cut], layout.layout[cut:])
    if part.strip("-") == part
)
"""Beginnings and endings of layouts with their dashes where they belong: "99-XXX", "XX-99"."""


_COMPACT = re.compile(r"(?=[A-Z]*[0-9])[0-9A-Z]{6}")
"""Six symbols, one a digit, cannot be a word or the beginning of one: a plate as it stands."""


def normalize(text: str) -> Plate | Pattern:
    """Return the plate this text spells, or the pattern if only a part is known.

    A `Plate` is 3 to 10 known symbols; nothing says that it exists, or is Dutch. Idempotent:
    `normalize(str(normalize(text)))` is the same again.

    Raises:
        UnreadablePlate: nothing in the text can be looked for; the message says what to change.
    """
    if _COMPACT.fullmatch(text):
        return Plate(text)
    pattern = parse(text)
    if pattern.is_plain and SHORTEST_PLATE <= len(pattern.symbols) <= LONGEST_PLATE:
        return Plate(pattern.compact)
    return pattern


def parse(text: str, *, by_machine: bool = False) -> Pattern:
    """Return what this text says of a plate, place by place, with the separators that were read.

    `?`, `_` and `#` are one unknown symbol, `*` any number of them, `[8B]` a doubt between two.
    `.` and `-` separate. They stand for one unknown symbol each where that, and not separating,
    makes six places of a Dutch layout ("12-X?-..", "3TH-50"); two or more dots, or dashes at an
    end, are an ellipsis otherwise ("GS 426..."). A reader `by_machine` types no words, and the
    dashes it reads are dashes.

    Raises:
        UnreadablePlate: nothing in the text can be looked for; the message says what to change.
    """
    plain = _plain(text.upper()) if text.isascii() and len(text) <= LONGEST_PATTERN else None
    if plain:
        return plain
    clean = folded(text)
    if by_machine:
        return _checked(_by_place(_without_country(clean)))
    told = without_words(clean)
    if _is_scattered(told.text, told.cue):
        return _checked(_scattered(told.text))
    before = GAP if Cue.ENDING in told.cue else ""
    after = GAP if Cue.BEGINNING in told.cue else ""
    return _checked(_read(_without_country(_unseen_to_gaps(before + told.text + after))))


def _plain(text: str) -> Pattern | None:
    """Return the pattern of a whole plate in plain symbols and single dashes, quickly.

    The same as the long way makes of it, which most reads need not go.
    """
    if not _PLAIN.fullmatch(text):
        return None
    groups = text.split("-")
    compact = "".join(groups)
    if len(compact) < PLACES or (compact.startswith("NL") and shape(compact) not in BY_SHAPE):
        return None
    return Pattern(tuple(compact), tuple(accumulate(map(len, groups[:-1]))))


def _checked(pattern: Pattern) -> Pattern:
    """Refuse a pattern that nothing can be looked for with."""
    if not pattern.known:
        raise UnreadablePlate(
            "nothing was read: type at least one letter or digit, and ? for a symbol not seen"
        )
    if len(pattern.symbols) > LONGEST_PATTERN:
        raise UnreadablePlate(
            f"more than {LONGEST_PATTERN} symbols: type only what was read of one plate"
        )
    return pattern


def _is_scattered(text: str, cue: Cue) -> bool:
    """Whether the symbols are said to be all of one kind, and are: then others lie between."""
    kinds = set(shape(text)) & {"X", "9"}
    return Cue.SCATTERED in cue and len(kinds) == 1 and GAP not in text


def _scattered(text: str) -> Pattern:
    """Return symbols of one kind with room between them; letters alone come in any order.

    Who has kept only the letters of a plate has often lost their order; digits are said as
    numbers, which keep it.
    """
    symbols = [symbol for symbol in text if symbol in SYMBOLS]
    if symbols and symbols[0].isalpha():
        symbols = ["".join(sorted(set(symbols)))] * len(symbols)
    return Pattern((GAP, *(place for symbol in symbols for place in (symbol, GAP))))


def _unseen_to_gaps(text: str) -> str:
    """Make a gap of an `XX` that stands apart, unless it is a group of a whole Dutch plate.

    "XX 37 ZM" is a plate; "xx MV-72" and "xx B05T" are endings.
    """
    if "XX" not in text:
        return text
    dashes = {place for layout in _whole(text) for place in layout.dashes}
    text = text if _GROUP in dashes else _UNSEEN_FRONT.sub(GAP, text)
    return text if PLACES - _GROUP in dashes else _UNSEEN_BACK.sub(GAP, text)


def _without_country(text: str) -> str:
    """Drop a leading NL, unless NL is part of a whole Dutch plate.

    Set apart it is dropped from a part of a plate too: "NL-42x.." is far more often 42-X than
    a plate that begins with NL.
    """
    if "N" not in text or "L" not in text or _whole(text):
        return text
    rest = _COUNTRY.sub(r"\1", text)
    if rest != text:
        return _without_country(rest)
    symbols = _by_place(text).symbols
    joined = symbols[:_GROUP] == ("N", "L") and layouts_of(Pattern(symbols[_GROUP:]))
    return _NL.sub("", text, count=1) if joined else text


def _whole(text: str) -> tuple[Sidecode, ...]:
    """Return the layouts of a text that is a whole plate as it stands.

    Where the first group is set apart by another separator than the rest, it is none.
    """
    separators = _AFTER_A_PLACE.findall(text)
    if len(separators) > 1 and separators[0] not in separators[1:]:
        return ()
    return layouts_of(_by_place(text))


def _read(text: str) -> Pattern:
    """Read place by place; what is between two places and is none of them separates."""
    pattern = _by_place(_unseen_by_marks(text))
    if len(pattern.symbols) + len(pattern.separators) != PLACES:
        return pattern
    canonical = str(pattern)
    # Where separators would be taken for symbols not seen, they are better lost than misread.
    return pattern if _unseen_by_marks(canonical) == canonical else Pattern(pattern.symbols)


def _by_place(text: str) -> Pattern:
    symbols: list[str] = []
    separators: list[int] = []
    separated = False
    for place in _PLACE.finditer(text):
        symbol = place[1] or place[2]
        if symbol is None:
            separated = True
        elif symbol != GAP or symbols[-1:] != [GAP]:
            if separated and symbols:
                separators.append(len(symbols))
            symbols.append(symbol)
            separated = False
    return Pattern(tuple(symbols), tuple(separators))


def _unseen_by_marks(text: str) -> str:
    """Write `?` for every dot or dash that stands for one symbol, `*` for an ellipsis."""
    if GAP not in text:
        if layouts_of(_by_place(text)):
            return text
        for marks in _marks_to_doubt(text):
            unseen = text.translate(dict.fromkeys(map(ord, marks), UNKNOWN))
            if layouts_of(_by_place(unseen)):
                return unseen
    return _ELLIPSIS.sub(GAP, text)


def _marks_to_doubt(text: str) -> Iterator[str]:
    """Yield the marks of this text that may stand for symbols not seen.

    Dashes only where nothing else separates, and none that stands where a plate shows it.
    """
    if "." in text and not _is_natural(text):
        yield "."
    spaced = " " in text.strip() or "/" in text
    if "-" in text and not spaced and not _is_natural(text.strip(".")):
        yield ".-" if "." in text else "-"


def _is_natural(text: str) -> bool:
    """Whether each separator is where a beginning or an ending of a Dutch plate has one."""
    return _SEPARATOR.sub("-", shape(text)) in _NATURAL
