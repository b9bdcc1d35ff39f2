"""Names of organisations: two that nobody could tell apart are one."""

import unicodedata
from functools import lru_cache

from plate_match.fold import ALPHABETS

_MARKS = str.maketrans(
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2018\u2019\u201c\u201d", "-------''\"\""
)
"""Dashes and quotation marks, as a keyboard has them."""


@lru_cache(maxsize=8192)
def alike(name: str) -> str:
    """Return what is the same for names that differ only in case, spacing or look-alikes.

    Widths and ligatures are one (NFKC), letters of Greek and Cyrillic are the Latin ones they look
    like as capitals, what cannot be seen is left out. Accents and digits stay: they are read.
    """
    seen = "".join(one for one in name if unicodedata.category(one) != "Cf")
    plain = unicodedata.normalize("NFKC", seen).translate(_MARKS)
    capitals = unicodedata.normalize("NFC", plain.casefold().upper()).translate(ALPHABETS)
    return " ".join(unicodedata.normalize("NFC", capitals).casefold().split())
