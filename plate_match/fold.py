"""Text in any script and case -> the upper-case ASCII that stands for the same symbols."""

import re
import unicodedata

from plate_match.errors import UnreadablePlate
from plate_match.plate import SYMBOLS, UNKNOWN

LONGEST_TEXT = 500
"""Characters; a longer text is refused unread."""

ALPHABETS = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0405\u0406\u0408"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
    "ABEKMHOPCTYXSIJABEZHIKMNOPTYX",
)
"""Capitals of Cyrillic and Greek that look like ours."""

_LOOK_ALIKES = (
    ALPHABETS
    | str.maketrans("\u00d8\u0110\u0141\u0126", "ODLH")
    | {ord("\u00c6"): "AE", ord("\u0152"): "OE", ord("\u1e9e"): "SS"}
)
"""The same, and the Latin letters that no decomposition takes apart."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_BRACKETS = re.compile(r"\[([^\[\]]*)\]|\(([A-Z0-9](?:/[A-Z0-9])+)\)|[\[\]]")
_DOTS = dict.fromkeys(map(ord, "\u00b7\u2022\u2027\u2219\u22c5"), ".") | {0x2212: "-"}


def folded(text: str) -> str:
    """Return the text in upper-case ASCII, doubts as `[8B]`, `_` and `#` as `?`."""
    if len(text) > LONGEST_TEXT:
        raise UnreadablePlate(
            f"longer than {LONGEST_TEXT} characters: type only what was read of one plate"
        )
    if _CONTROL.search(text):
        raise UnreadablePlate("a control character: take it out, and type one plate on one line")
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).upper().translate(_LOOK_ALIKES).translate(_DOTS)
        text = "".join(map(_in_ascii, text))
    text = text.upper().replace("_", UNKNOWN).replace("#", UNKNOWN)
    return _BRACKETS.sub(_doubt, text)


def _in_ascii(character: str) -> str:
    """Return what a character stands for on a plate: itself, a digit, a separator or nothing."""
    category = unicodedata.category(character)
    if character.isascii():
        return character
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category in ("Mn", "Me", "Cf", "Lm"):
        return ""
    if category[0] not in "PSZ":
        raise UnreadablePlate(
            "a character that is on no plate: use A-Z, 0-9, and ? for a symbol not seen"
        )
    return "-" if category == "Pd" else " "


def _doubt(brackets: re.Match[str]) -> str:
    """Return the symbols in brackets in the one canonical way: "[8/B]" is "[8B]".

    A bracket without its other half separates.
    """
    inside = brackets[1] or brackets[2] or ""
    symbols = sorted(set(inside) & set(SYMBOLS))
    if UNKNOWN in inside:
        return UNKNOWN
    return f"[{''.join(symbols)}]" if len(symbols) > 1 else "".join(symbols) or " "
