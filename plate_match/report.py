"""Text as typed, and what its reader says of each symbol -> Read; reads -> Report."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from plate_match.channel import Read, Source
from plate_match.description import NOTHING_SAID, Description
from plate_match.errors import UnreadablePlate, UnsupportedReport
from plate_match.normalize import parse
from plate_match.plate import GAP, SYMBOLS, UNKNOWN, Pattern


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a vehicle: what was read, and how that came about."""

    read: Read
    source: Source = Source.EYESIGHT


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody says of one vehicle: looks at its plate, and what it looked like.

    `country` is the one its plate is said to be of: an ISO 3166 code of two capitals, or None.

    Raises:
        UnreadablePlate: no look at all.
    """

    looks: tuple[Look, ...]
    description: Description = NOTHING_SAID
    country: str | None = None

    def __post_init__(self) -> None:
        """Refuse what says nothing."""
        if not self.looks:
            raise UnreadablePlate("a report needs a read: type what was seen of the plate")


def require_symbols(looks: Sequence[Look], least: int) -> None:
    """Refuse looks that together say too little: none has read so many symbols of the plate.

    Raises:
        UnreadablePlate: says how many are needed.
    """
    if max(look.read.pattern.known for look in looks) < least:
        raise UnreadablePlate(f"too little was read: {least} symbols of the plate are needed")


@dataclass(frozen=True, slots=True)
class SymbolRead:
    """One character of a read, dashes included, as its reader saw it.

    `confidence` is on the reader's own scale from 0 to 1; `alternatives` are other symbols it
    might have been.
    """

    symbol: str
    confidence: float | None = None
    alternatives: tuple[str, ...] = ()


def read_of(
    text: str, symbols: Sequence[SymbolRead] = (), *, source: Source = Source.EYESIGHT
) -> Read:
    """Return the read of a text, with the confidence and the alternatives of each symbol.

    Args:
        text: the read as it stands.
        symbols: one for each character of it; none if the reader says nothing of them.
        source: a camera types no words, and a dash that it reads is a dash.

    Raises:
        UnreadablePlate: nothing in the text can be looked for.
        UnsupportedReport: the text is not typed symbol by symbol (words, brackets), so that
            what is said of its characters belongs to no place.
    """
    pattern = parse(text, by_machine=source is Source.CAMERA)
    if not symbols:
        return Read(pattern)
    seen = [symbol for symbol in symbols if _place(symbol.symbol)]
    kept = seen[len(seen) - len(pattern.symbols) :] if len(seen) >= len(pattern.symbols) else []
    if [_place(symbol.symbol) for symbol in kept] != list(pattern.symbols):
        raise UnsupportedReport("symbols go with a read that is typed symbol by symbol")
    places = tuple(_with_alternatives(symbol) for symbol in kept)
    confidences = tuple(symbol.confidence for symbol in kept)
    return Read(Pattern(places, pattern.separators), confidences)


def symbols_of(text: str, confidences: Sequence[float]) -> tuple[SymbolRead, ...]:
    """Return the symbols of a text whose reader gives one confidence a character, or none.

    Raises:
        UnreadablePlate: there are confidences, but not as many as characters.
    """
    if confidences and len(confidences) != len(text):
        raise UnreadablePlate("give one confidence for each character of the read, or none")
    return tuple(map(SymbolRead, text, confidences))


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
