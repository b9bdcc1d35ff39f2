"""A read with what the reader says of each symbol -> Read."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from plate_match.channel import Read
from plate_match.errors import UnsupportedReport
from plate_match.normalize import parse
from plate_match.plate import GAP, SYMBOLS, UNKNOWN, Pattern


@dataclass(frozen=True, slots=True)
class SymbolRead:
    """One character of a read, dashes included, as its reader saw it.

    `confidence` is on the reader's own scale from 0 to 1; `alternatives` are other symbols it
    might have been.
    """

    symbol: str
    confidence: float | None = None
    alternatives: tuple[str, ...] = ()


def weighed(text: str, symbols: Sequence[SymbolRead]) -> Read:
    """Return the read of a text, with the confidence and the alternatives of each symbol.

    Args:
        text: the read as it stands.
        symbols: one for each character of it; none if the reader says nothing of them.

    Raises:
        UnreadablePlate: nothing in the text can be looked for.
        UnsupportedReport: the text is not typed symbol by symbol (words, brackets), so that
            what is said of its characters belongs to no place.
    """
    pattern = parse(text)
    if not symbols:
        return Read(pattern)
    seen = [symbol for symbol in symbols if _place(symbol.symbol)]
    kept = seen[len(seen) - len(pattern.symbols) :] if len(seen) >= len(pattern.symbols) else []
    if [_place(symbol.symbol) for symbol in kept] != list(pattern.symbols):
        raise UnsupportedReport("symbols go with a read that is typed symbol by symbol")
    places = tuple(_with_alternatives(symbol) for symbol in kept)
    confidences = tuple(symbol.confidence for symbol in kept)
    return Read(Pattern(places, pattern.separators), confidences)


def _place(character: str) -> str:
    """Return the place that a character stands for, or nothing for a separator."""
    plain = unicodedata.normalize("NFKC", character).upper()
    if plain in SYMBOLS or plain == GAP:
        return plain
    return UNKNOWN if plain in {UNKNOWN, "_", "#"} else ""


def _with_alternatives(symbol: SymbolRead) -> str:
    place = _place(symbol.symbol)
    if not symbol.alternatives or place == GAP:
        return place
    others = {_place(other) for other in symbol.alternatives}
    return "".join(sorted((others | {place}) - {UNKNOWN}))
