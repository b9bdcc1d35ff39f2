"""Matches partial and misread Dutch licence plates against a hotlist.

>>> from plate_match import Matcher
>>> answer = Matcher.build(["8-XKV-41", "12-AB-34"]).match("8X-?V-41")
>>> answer.hits[0].plate
'8XKV41'
"""

from plate_match.channel import Source
from plate_match.errors import (
    PlateMatchError,
    UnreadableHotlist,
    UnreadablePlate,
    UnsupportedReport,
)
from plate_match.found import Answer
from plate_match.hit import Hit
from plate_match.hotlist import Entry, Hotlist
from plate_match.matcher import Matcher
from plate_match.normalize import normalize
from plate_match.plate import Pattern, Plate
from plate_match.policy import Disposition
from plate_match.sidecode import format_plate, sidecode

__all__ = [
    "Answer",
    "Disposition",
    "Entry",
    "Hit",
    "Hotlist",
    "Matcher",
    "Pattern",
    "Plate",
    "PlateMatchError",
    "Source",
    "UnreadableHotlist",
    "UnreadablePlate",
    "UnsupportedReport",
    "format_plate",
    "normalize",
    "sidecode",
]
