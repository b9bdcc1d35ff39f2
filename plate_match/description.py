"""What a vehicle looks like, as a report says it or as an entry does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Description:
    """What is said of a vehicle, in any spelling; None where nothing is said.

    `duplicate_code` is the small number on a plate that was issued again.
    """

    make: str | None = None
    model: str | None = None
    colour: str | None = None
    kind: str | None = None
    plate_colour: str | None = None
    duplicate_code: int | None = None


NOTHING_SAID = Description()
