"""Ids that grow with time: 64-bit integers inside, opaque strings outside."""

import itertools
import os
import secrets

from service.errors import NotThere

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_SYMBOLS = frozenset(_ALPHABET)
_DIGITS = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_LENGTH = 13
_WORKER = os.getpid() & 0x3F
_COUNTER = itertools.count()


def new_id(now: int) -> int:
    """Return a new id for this moment (microseconds since 1970).

    44 bits of milliseconds, 6 of the process, 13 of a counter: unique unless one process makes
    more than 8,192 a millisecond or two share the low bits of their process number and collide.
    Storage refuses an id that is there already; whoever drew it draws again.
    """
    return (now // 1000) << 19 | _WORKER << 13 | (next(_COUNTER) & 0x1FFF)


def scattered_id(now: int) -> int:
    """Return a new id for this moment that leaves no gap among the others.

    Who sees ids can count those that were drawn between. Two of one moment may be the same.
    """
    return (now // 1000) << 19 | secrets.randbits(19)


def least_id(at: int) -> int:
    """Return a number that no id of an earlier moment reaches."""
    return (at // 1000) << 19


def to_text(id_: int) -> str:
    """Return the opaque form of an id: 13 characters of base 32."""
    return "".join(_ALPHABET[id_ >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))


def from_text(text: str) -> int | None:
    """Return the id of an opaque form, or None if it is none."""
    if len(text) != _LENGTH or not _SYMBOLS.issuperset(text):
        return None
    id_ = int(text.translate(_DIGITS), 32)
    return id_ if id_ < 1 << 63 else None


def number(text: str) -> int:
    """Return the id of an opaque form.

    Raises:
        NotThere: it is none: it stands for nothing, and may even be a plate.
    """
    found = from_text(text)
    if found is None:
        raise NotThere
    return found
