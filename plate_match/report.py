"""Text as typed -> Read; several reads and how they came about -> Report."""

from collections.abc import Sequence
from dataclasses import dataclass

from plate_match.channel import Read, Source
from plate_match.errors import UnreadablePlate, UnsupportedReport
from plate_match.normalize import parse
from plate_match.plate import SYMBOLS, UNKNOWN


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody says of one vehicle: one read or several, and how they came about.

    Raises:
        UnsupportedReport: more than one read; weighing several looks together needs what they
            share, which is not modelled yet.
        UnreadablePlate: no read at all.
    """

    reads: tuple[Read, ...]
    source: Source = Source.EYESIGHT

    def __post_init__(self) -> None:
        """Refuse what could only be half weighed."""
        if not self.reads:
            raise UnreadablePlate("a report needs a read: type what was seen of the plate")
        if len(self.reads) > 1:
            raise UnsupportedReport("several reads of one vehicle cannot be weighed together yet")


def read_of(text: str, confidences: Sequence[float] = ()) -> Read:
    """Return the read of a text, with one confidence a character of it, dashes included.

    Confidences are kept where every character of the text is a symbol of its own; a text in
    words, or with marks that stand for several symbols, keeps none.

    Raises:
        UnreadablePlate: nothing in the text can be looked for, or the number of confidences
            is not the number of characters.
    """
    pattern = parse(text)
    if not confidences:
        return Read(pattern)
    if len(confidences) != len(text):
        raise UnreadablePlate("give one confidence for each character of the read, or none")
    of_symbols = tuple(
        confidence
        for character, confidence in zip(text, confidences, strict=True)
        if character.upper() in SYMBOLS or character == UNKNOWN
    )
    kept = of_symbols if len(of_symbols) == len(pattern.symbols) else ()
    return Read(pattern, kept)
