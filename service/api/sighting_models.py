"""Models of a sighting: what is sent, and what is answered."""

from typing import Annotated

from pydantic import Field
from pydantic.config import JsonDict

from plate_match.channel import Source
from plate_match.hotlist import Purpose
from service.api.answers import (
    HIT_EXAMPLE,
    HOTLIST_EXAMPLE,
    MODEL_EXAMPLE,
    Hit,
    HotlistNamed,
    ModelNamed,
    Share,
)
from service.api.problem import PROBLEM_EXAMPLE, Problem
from service.api.wire import Moment, Text, Wire, example

MOST_SYMBOLS = 64
MOST_FURTHER_LOOKS = 9
MOST_DUPLICATES = 99
MOST_SIGHTINGS = 100

_LOCATION: JsonDict = {
    "latitude": 52.2215,
    "longitude": 6.8937,
    "accuracyMetres": 12,
    "place": "Enschede, Oude Markt",
}
_SYMBOL: JsonDict = {"symbol": "8", "confidence": 0.71, "alternatives": ["B"]}
_VEHICLE: JsonDict = {"make": "VW", "colour": "grijs"}
_LOOK: JsonDict = {"read": "XKV-4", "source": "memory"}
SENT_EXAMPLE: JsonDict = {
    "read": "8X-?V-41",
    "source": "eyesight",
    "seenAt": "2026-11-24T21:03:00Z",
    "purpose": "offences",
    "location": _LOCATION,
    "vehicle": _VEHICLE,
    "alsoRead": [_LOOK],
    "note": "drove off towards the station",
}
_ANSWERED: JsonDict = {
    "id": "0d5yqz4f00000",
    "receivedAt": "2026-11-24T21:03:02.317Z",
    "lateSeconds": 0,
    "hotlist": HOTLIST_EXAMPLE,
    "model": MODEL_EXAMPLE,
    "pattern": "8X-?V-41",
    "notListed": 0.0001,
    "hits": [HIT_EXAMPLE],
}


Alternative = Annotated[str, Field(pattern=r"^[A-Za-z0-9]$")]
Word = Annotated[Text, Field(max_length=100)]


class Location(Wire):
    """Where the vehicle was seen."""

    model_config = example(_LOCATION)

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    accuracy_metres: Annotated[float | None, Field(ge=0)] = None
    place: Annotated[Text | None, Field(max_length=200)] = None


class Symbol(Wire):
    """One character of `read` as it stands, dashes included, as its reader saw it.

    `confidence` is on the reader's own scale; `alternatives` are other symbols it might be.
    """

    model_config = example(_SYMBOL)

    symbol: Annotated[Text, Field(min_length=1, max_length=1)]
    confidence: Share | None = None
    alternatives: Annotated[list[Alternative], Field(max_length=36, default_factory=list)]


class FurtherLook(Wire):
    """One more look at the same vehicle; without a `source`, it has that of the sighting."""

    model_config = example(_LOOK)

    read: Annotated[str, Field(max_length=MOST_SYMBOLS)]
    source: Source | None = None
    symbols: Annotated[list[Symbol] | None, Field(max_length=MOST_SYMBOLS)] = None


class VehicleSeen(Wire):
    """What the vehicle looked like, in any words, Dutch or English; a wrong word costs little."""

    model_config = example(_VEHICLE)

    make: Word | None = None
    model: Word | None = None
    colour: Word | None = None
    kind: Word | None = None
    plate_colour: Word | None = None


class SightingReport(Wire):
    """What was seen of a vehicle and its plate, how, when and what for.

    `read` is in any spelling, `?` for a symbol that was not seen, `*` for any number of them;
    `alsoRead` holds further looks at the same vehicle. `duplicateCode` is the small number above
    the dash of a plate that was issued again, 0 if there is none.
    """

    model_config = example(SENT_EXAMPLE)

    read: Annotated[str, Field(max_length=MOST_SYMBOLS)]
    source: Source
    seen_at: Moment
    purpose: Purpose
    location: Location | None = None
    vehicle: VehicleSeen | None = None
    symbols: Annotated[list[Symbol] | None, Field(max_length=MOST_SYMBOLS)] = None
    also_read: Annotated[list[FurtherLook] | None, Field(max_length=MOST_FURTHER_LOOKS)] = None
    country: Annotated[str | None, Field(pattern=r"^[A-Z]{2}$")] = None
    duplicate_code: Annotated[int | None, Field(ge=0, le=MOST_DUPLICATES)] = None
    incident_reference: Annotated[Text | None, Field(max_length=100)] = None
    follows: Annotated[str | None, Field(max_length=64)] = None
    note: Annotated[Text | None, Field(max_length=2000)] = None


class SightingAnswer(Wire):
    """What the hotlist says of a sighting; it is on record before it is answered.

    While the hotlist is frozen nothing is said: `notListed` is null, the version of the hotlist is
    `frozen`, and the sighting is matched when it is thawed.
    """

    model_config = example(_ANSWERED)

    id: str
    received_at: Moment
    late_seconds: Annotated[int, Field(ge=0)]
    hotlist: HotlistNamed
    model: ModelNamed
    pattern: str
    not_listed: Share | None
    hits: list[Hit]


class SightingOnRecord(SightingReport, SightingAnswer):
    """A sighting as it was sent, with the answer it was given."""

    model_config = example({**SENT_EXAMPLE, **_ANSWERED})


class SightingBatch(Wire):
    """Several sightings, each taken or refused on its own."""

    model_config = example({"sightings": [SENT_EXAMPLE]})

    sightings: Annotated[list[SightingReport], Field(min_length=1, max_length=MOST_SIGHTINGS)]


class BatchElement(Wire):
    """What came of one sighting of a batch: its answer, or why it was refused."""

    model_config = example({"status": 201, "sighting": _ANSWERED})

    status: int
    sighting: SightingAnswer | None = None
    problem: Problem | None = None


class BatchAnswer(Wire):
    """What came of a batch, in the order sent."""

    model_config = example({"results": [{"status": 400, "problem": PROBLEM_EXAMPLE}]})

    results: list[BatchElement]
