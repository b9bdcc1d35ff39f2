"""Models of what is answered: the same for a sighting, a hit and a page of hits."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.config import JsonDict

from plate_match.hotlist import Category, Wanted
from plate_match.policy import Disposition
from service.api.wire import Moment, Wire, example
from service.stand_down import Ended

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
_STEP: JsonDict = {"read": "?", "plate": "K", "kind": "unread", "bits": -2.3887}
_PRIOR: JsonDict = {"name": "prior", "bits": -19.9316}
_EXPLANATION: JsonDict = {
    "alignment": [
        {"read": "8", "plate": "8", "kind": "same", "bits": -0.4048},
        {"read": "X", "plate": "X", "kind": "same", "bits": -0.5745},
        {"read": "-", "plate": "", "kind": "inserted", "bits": -3.1215},
        _STEP,
        {"read": "V", "plate": "V", "kind": "same", "bits": -0.5752},
        {"read": "-", "plate": "", "kind": "inserted", "bits": -3.1303},
        {"read": "4", "plate": "4", "kind": "same", "bits": -0.5634},
        {"read": "1", "plate": "1", "kind": "same", "bits": -0.5484},
        {"read": "", "plate": "8", "kind": "missing", "bits": -3.431},
        {"read": "X", "plate": "X", "kind": "same", "bits": -0.4576},
        {"read": "K", "plate": "K", "kind": "same", "bits": -0.442},
        {"read": "V", "plate": "V", "kind": "same", "bits": -0.5047},
        {"read": "-", "plate": "", "kind": "inserted", "bits": -3.125},
        {"read": "4", "plate": "4", "kind": "same", "bits": -0.5808},
        {"read": "", "plate": "1", "kind": "missing", "bits": -3.4067},
    ],
    "evidence": [
        _PRIOR,
        {"name": "alignment", "bits": -23.2546},
        {"name": "other-alignments", "bits": -3.9058},
        {"name": "shared-looks", "bits": -1.0},
        {"name": "make", "bits": 3.1537},
        {"name": "colour", "bits": 1.3601},
        {"name": "possible-false-plate", "bits": -0.0279},
        {"name": "population", "bits": 56.6965},
        {"name": "other-entries", "bits": -0.3795},
    ],
    "vehiclesThatFit": 0.0019,
    "twins": [],
}
HIT_EXAMPLE: JsonDict = {
    "id": "0d5yqz4f00001",
    "rank": 1,
    "plate": "8XKV41",
    "country": "NL",
    "confidence": 0.9999,
    "similarity": 0.8333,
    "disposition": "alert",
    "sensitive": False,
    "entries": [_ENTRY],
    "explanation": _EXPLANATION,
}
"""What was answered of a synthetic entry among 10,000, its numbers rounded."""

_STAND_DOWN: JsonDict = {"reason": "withdrawn", "at": "2026-11-24T21:30:00Z"}
_CORRECTION: JsonDict = {
    "at": "2026-11-25T09:00:00Z",
    "statement": "The owner was not the driver.",
}
HIT_ON_RECORD_EXAMPLE: JsonDict = {
    **HIT_EXAMPLE,
    "standDown": _STAND_DOWN,
    "correction": _CORRECTION,
    "restrictedAt": None,
    "sightingId": "0d5yqz4f00000",
    "seenAt": "2026-11-24T21:03:00Z",
    "receivedAt": "2026-11-24T21:03:02.317Z",
    "lateSeconds": 0,
    "foundAt": None,
}

HOTLIST_EXAMPLE: JsonDict = {
    "version": "20261124T210000000000Z-1f0c27aa81b4d6e3",
    "builtAt": "2026-11-24T21:00:00Z",
    "stale": False,
}
MODEL_EXAMPLE: JsonDict = {
    "version": "channel-5d397199+series-2026-11-25",
    "baseRate": 0.01,
    "basis": "assumed",
}

Share = Annotated[float, Field(ge=0, le=1)]

StepKind = Literal[
    "retold",
    "same",
    "confused",
    "unread",
    "swapped",
    "missing",
    "cut",
    "inserted",
    "gap",
    "separator",
]
"""What became of a symbol of the plate, or where one of the read came from.

`retold` comes before the others of its look: what stands in `read` was said of what stands in
`plate`, as when a number is turned round, and the steps after it are of that.
"""

EvidenceName = Literal[
    "prior",
    "alignment",
    "other-alignments",
    "shared-looks",
    "any-plate",
    "country",
    "make",
    "model",
    "colour",
    "kind",
    "plate-colour",
    "duplicate-code",
    "description",
    "possible-false-plate",
    "population",
    "other-entries",
]
"""The additive reasons, in this order; one that says nothing of this hit is left out.

`shared-looks` takes back what several looks share. Where an entry knows a part of its plate, these
are of the likeliest plate that fits, and `any-plate` is what it makes of them that it may be
another; where it knows none, that it may be any.
`description` stands for all traits together
where entries of the plate describe the vehicle differently. `possible-false-plate` is what the
chance makes of the traits that the plate is on another vehicle than its own: 1 bit and more say
that it is likelier there.
"""


class HotlistNamed(Wire):
    """Which hotlist an answer was given from."""

    model_config = example(HOTLIST_EXAMPLE)

    version: str
    built_at: Moment
    stale: bool


class ModelNamed(Wire):
    """Which model an answer was given by, and the base rate it took for granted."""

    model_config = example(MODEL_EXAMPLE)

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
    kind: StepKind
    bits: float


class EvidenceShown(Wire):
    """One additive reason, in bits of log-odds."""

    model_config = example(_PRIOR)

    name: EvidenceName
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

    `plate` has `?` for each symbol that the entries do not know, and `*` for any number of them;
    it is empty where they describe a vehicle without a plate.

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


class StoodDown(Wire):
    """Why and when all who were told of a hit were stood down: what it was for has ended."""

    model_config = example(_STAND_DOWN)

    reason: Ended
    at: Moment


class CorrectionShown(Wire):
    """What is stated beside a hit, since what it says is contested."""

    model_config = example(_CORRECTION)

    at: Moment
    statement: str


class HitOnRecord(Hit):
    """A hit as it stands in the history, weighed over all entries.

    `foundAt` is when a hit was found that was not answered at once, since its entry came on the
    list only later; null for others. `standDown` is null while an entry of it is in force, as it
    was when the hit was made. `restrictedAt` is when it was restricted; such a hit is shown to an
    auditor alone.
    """

    model_config = example(HIT_ON_RECORD_EXAMPLE)

    sighting_id: str
    seen_at: Moment
    received_at: Moment
    late_seconds: Annotated[int, Field(ge=0)]
    found_at: Moment | None
    stand_down: StoodDown | None
    correction: CorrectionShown | None
    restricted_at: Moment | None
