"""Models of what is answered: the same for a sighting, a hit and a page of hits."""

from typing import Annotated

from pydantic import Field
from pydantic.config import JsonDict

from plate_match.hotlist import Category, Wanted
from plate_match.policy import Disposition
from service.api.wire import Moment, Wire, example

_VEHICLE: JsonDict = {
    "make": "Volkswagen",
    "model": "Golf",
    "colour": "grey",
    "kind": "car",
    "plateColour": None,
}
_ENTRY: JsonDict = {
    "reference": "SYN-0042",
    "feed": "synthetic",
    "wanted": "vehicle",
    "category": "burglary",
    "priority": 10,
    "instruction": "Keep your distance and call the control room.",
    "warnings": ["may flee"],
    "vehicle": _VEHICLE,
    "validUntil": "2026-12-31T23:00:00Z",
}
_STEP: JsonDict = {"read": "8", "plate": "8", "kind": "match", "bits": 4.9}
_PRIOR: JsonDict = {"name": "prior", "bits": -19.9}
_EXPLANATION: JsonDict = {
    "alignment": [_STEP],
    "evidence": [_PRIOR, {"name": "read", "bits": 23.4}],
    "vehiclesThatFit": 1.2,
    "twins": [],
}
HIT_EXAMPLE: JsonDict = {
    "id": "0d5yqz4f00001",
    "rank": 1,
    "plate": "8XKV41",
    "country": "NL",
    "confidence": 0.92,
    "similarity": 0.83,
    "disposition": "alert",
    "sensitive": False,
    "entries": [_ENTRY],
    "explanation": _EXPLANATION,
}


HIT_ON_RECORD_EXAMPLE: JsonDict = {
    **HIT_EXAMPLE,
    "sightingId": "0d5yqz4f00000",
    "seenAt": "2026-11-24T21:03:00Z",
    "receivedAt": "2026-11-24T21:03:02.317Z",
}

Share = Annotated[float, Field(ge=0, le=1)]


class HotlistNamed(Wire):
    """Which hotlist an answer was given from."""

    model_config = example(
        {"version": "20261124T210000Z-1f0c", "builtAt": "2026-11-24T21:00:00Z", "stale": False}
    )

    version: str
    built_at: Moment
    stale: bool


class ModelNamed(Wire):
    """Which model an answer was given by, and the base rate it took for granted."""

    model_config = example({"version": "1", "baseRate": 0.01, "basis": "assumed"})

    version: str
    base_rate: Share
    basis: str


class VehicleDescription(Wire):
    """What an entry says of the vehicle; null where it says nothing."""

    model_config = example(_VEHICLE)

    make: str | None
    model: str | None
    colour: str | None
    kind: str | None
    plate_colour: str | None


class EntryShown(Wire):
    """One reason why a plate is wanted, as it is shown with a hit."""

    model_config = example(_ENTRY)

    reference: str
    feed: str
    wanted: Wanted
    category: Category
    priority: int
    instruction: str
    warnings: list[str]
    vehicle: VehicleDescription
    valid_until: Moment | None


class Step(Wire):
    """One step of the best alignment of read and plate, with its evidence in bits."""

    model_config = example(_STEP)

    read: str
    plate: str
    kind: str
    bits: float


class EvidenceShown(Wire):
    """One additive reason, in bits of log-odds."""

    model_config = example(_PRIOR)

    name: str
    bits: float


class ExplanationShown(Wire):
    """Why a confidence is what it is: the bits of `evidence` add up to its log-odds."""

    model_config = example(_EXPLANATION)

    alignment: list[Step]
    evidence: list[EvidenceShown]
    vehicles_that_fit: Annotated[float, Field(ge=0)]
    twins: list[str]


class Hit(Wire):
    """One plate that may be the one seen, with the entries that name it.

    `confidence` is the probability that the vehicle seen carries this plate; `similarity` only
    compares two texts.
    """

    model_config = example(HIT_EXAMPLE)

    id: str
    rank: Annotated[int, Field(ge=1)]
    plate: str
    country: str | None
    confidence: Share
    similarity: Share
    disposition: Disposition
    sensitive: bool
    entries: list[EntryShown]
    explanation: ExplanationShown


class HitOnRecord(Hit):
    """A hit as it stands in the history, weighed over all entries."""

    model_config = example(HIT_ON_RECORD_EXAMPLE)

    sighting_id: str
    seen_at: Moment
    received_at: Moment
