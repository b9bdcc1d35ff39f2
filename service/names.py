"""One form of a name, whoever gives it: a key, a token, a manager or the operator."""

import unicodedata

from plate_match.names import alike

LONGEST_NAME = 200

CANARY = "canary"
"""The organisation of the service itself; nobody else can be of it."""


def tidy(name: str) -> str:
    """Return a name as it is kept: composed (NFC), with single spaces and none at its ends.

    Upper and lower case stay as they are given; of organisations `alike` tells which are one.
    """
    return " ".join(part for part in unicodedata.normalize("NFC", name).split(" ") if part)


def faults_of(name: str) -> list[str]:
    """Return what is wrong with a name; nothing if it can be kept."""
    told = (
        (not name.strip(), "is empty"),
        (len(name) > LONGEST_NAME, f"is longer than {LONGEST_NAME} characters"),
        (not name.isprintable(), "holds characters that cannot be printed"),
    )
    return [fault for wrong, fault in told if wrong]


def is_own(name: str | None) -> bool:
    """Whether a name is that of the service itself, in any spelling."""
    return name is not None and alike(name) == CANARY
