"""What a record of the audit says -> whether it names a plate, in whatever spelling.

Reading a text as a plate is slow; most of what is on record needs no reading. A text of letters,
digits and marks without a space spells a plate only if it ends with its symbols, the marks left
out. Where words, doubts in brackets or other alphabets may stand for symbols the text is read.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

import orjson

from plate_match.errors import UnreadablePlate
from plate_match.fold import LONGEST_TEXT
from plate_match.normalize import normalize
from plate_match.plate import SYMBOLS, spelled

_MARKS = {code: None for code in range(128) if chr(code).upper() not in SYMBOLS}


def names(told: object, plate: str) -> bool:
    """Whether a text in this document spells a plate; that is given as `spelled` has it."""
    plain = plate.isascii() and plate.isalnum()
    return any(
        _spelled(text) == plate
        for text in _texts(told)
        if len(text) <= LONGEST_TEXT and (not plain or _may_spell(text, plate))
    )


def reads_of(request: bytes) -> list[str]:
    """Return the read of each look of a sighting, as it was typed."""
    sent = orjson.loads(request)
    return [look["read"] for look in (sent, *(sent.get("alsoRead") or ()))]


def _may_spell(text: str, plate: str) -> bool:
    """Whether a text has to be read: if not, it spells another plate, or none."""
    if not text.isascii() or "[" in text or "(" in text:
        return True
    if " " in text:
        # a word that stands for a letter begins with it
        upper = text.upper()
        return all(symbol in upper for symbol in plate if symbol.isalpha())
    return text.translate(_MARKS).upper().endswith(plate)


def _texts(told: object) -> Iterator[str]:
    waiting = [told]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


@lru_cache(maxsize=1 << 14)
def _spelled(text: str) -> str | None:
    """Return a text as a plate is spelled; of names and notes many stand on record often."""
    try:
        return spelled(normalize(text))
    except UnreadablePlate:
        return None
