"""Plate and Pattern: the two things a text can be once it has been normalised."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Every symbol a plate can hold, in the order their tables are laid out."""

_ALL = frozenset(SYMBOLS)

UNKNOWN = "?"
"""One symbol that was there and could not be read."""

GAP = "*"
"""Any number of symbols, none included, that were not read."""

LONGEST_PLATE = 10
"""Symbols; no plate of a country known here is longer."""

SHORTEST_PLATE = 3
"""Symbols; fewer are a part of a plate, a `Pattern`."""


class Plate(str):
    """A whole plate: 3 to 10 symbols of `SYMBOLS`, compact and upper case.

    Made by `plate_match.normalize`. Any country; says nothing of validity.

    Raises:
        ValueError: the text is not compact upper case, or of another length.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the text and wrap it."""
        if not SHORTEST_PLATE <= len(text) <= LONGEST_PLATE or not _ALL.issuperset(text):
            raise ValueError("a plate is 3 to 10 symbols A-Z and 0-9; use normalize()")
        return super().__new__(cls, text)


@dataclass(frozen=True, slots=True)
class Pattern:
    """What was read of a plate, symbol by symbol.

    Attributes:
        symbols: one item a place: a symbol of `SYMBOLS`, `UNKNOWN`, `GAP`, or several
            symbols in alphabetical order where the reader doubts between them ("8B").
        separators: places p, ascending, 0 < p < len(symbols), where a separator was read
            before symbols[p]. Evidence only: plates are compared compact.

    `str()` gives the one canonical spelling, from which `normalize` makes the same pattern
    again: "8X-?V-41", "12*", "[8B]X-KV-41".
    """

    symbols: tuple[str, ...]
    separators: tuple[int, ...] = ()

    def __str__(self) -> str:
        """Return the canonical spelling, separators as dashes."""
        parts: list[str] = []
        for place, symbol in enumerate(self.symbols):
            parts.append("-" if place in self.separators else "")
            parts.append(f"[{symbol}]" if len(symbol) > 1 else symbol)
        return "".join(parts)

    @property
    def compact(self) -> str:
        """The canonical spelling without separators."""
        return str(Pattern(self.symbols))

    @property
    def known(self) -> int:
        """How many places hold one or more symbols that were read."""
        return sum(symbol not in (UNKNOWN, GAP) for symbol in self.symbols)

    @property
    def is_plain(self) -> bool:
        """Whether every place holds exactly one known symbol."""
        return set(self.symbols) <= set(SYMBOLS)


def spelled(plate: Plate | Pattern | None) -> str:
    """Return what is known of a plate as compact text; nothing where nothing is."""
    return plate.compact if isinstance(plate, Pattern) else plate or ""


def symbols_of(plates: Sequence[Plate]) -> NDArray[np.intp]:
    """Return the places in `SYMBOLS` of the symbols of plates of one length: (length, n)."""
    text = np.array(plates, dtype=f"S{len(plates[0])}").view(np.uint8).reshape(len(plates), -1)
    return _NUMBERS[text].T


_NUMBERS = np.zeros(256, dtype=np.intp)
_NUMBERS[[ord(symbol) for symbol in SYMBOLS]] = np.arange(len(SYMBOLS))
