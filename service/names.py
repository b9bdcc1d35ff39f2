"""One form of a name, whoever gives it: a key, a token, a manager or the operator."""

import unicodedata

LONGEST_NAME = 200


def tidy(name: str) -> str:
    """Return a name as it is kept: composed (NFC), with single spaces and none at its ends.

    What looks the same is the same name then; upper and lower case stay apart.
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
