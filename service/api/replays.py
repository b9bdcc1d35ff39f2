"""POST /v1/sightings/{id}/replay: would this be answered again as it was."""

from typing import Annotated

from pydantic import Field
from pydantic.config import JsonDict
from starlette.requests import Request
from starlette.responses import Response

from plate_match.policy import Disposition
from service import ids
from service.api.answers import Share
from service.api.exchange import caller_of, json_response
from service.api.wire import Wire, example
from service.state import State
from service.usecases.replay_sighting import ReplayedHit

_HIT: JsonDict = {
    "rank": 1,
    "plate": "8XKV41",
    "confidence": 0.9999,
    "disposition": "alert",
    "references": ["SYN-0042"],
}


class HitReplayed(Wire):
    """A hit as it comes out now, with the references of its entries."""

    model_config = example(_HIT)

    rank: Annotated[int, Field(ge=1)]
    plate: str
    confidence: Share
    disposition: Disposition
    references: list[str]


class ReplayShown(Wire):
    """The answer again, from the version of the hotlist, and the entries, that it was given by.

    `same` says that hits, their order, entries and dispositions are those that were answered, and
    confidences to one in a thousand million; `differences` are JSON pointers into that answer.
    `sameModel` is false after an update of the model, when differences are to be expected. Where
    the list is no more, or was frozen, `why` says so, and everything else is null.
    """

    model_config = example(
        {
            "sightingId": "0d5yqz4f00000",
            "listVersion": "20261124T210000000000Z-1f0c27aa81b4d6e3",
            "modelVersion": "channel-5d397199+series-2026-11-25",
            "why": None,
            "sameModel": True,
            "same": True,
            "differences": [],
            "notListed": 0.0001,
            "hits": [_HIT],
        }
    )

    sighting_id: str
    list_version: str
    model_version: str
    why: str | None
    same_model: bool | None
    same: bool | None
    differences: list[str] | None
    not_listed: Share | None
    hits: list[HitReplayed] | None


async def post_replay(state: State, request: Request) -> Response:
    """Answer a sighting again, as of then. The look itself is put on record."""
    replay = await state.replay_sighting(caller_of(request), request.path_params["id"])
    differences = replay.differences
    shown = ReplayShown.model_construct(
        sighting_id=ids.to_text(replay.sighting),
        list_version=replay.list_version,
        model_version=replay.model_version,
        why=replay.why,
        same_model=replay.same_model,
        same=None if differences is None else not differences,
        differences=None if differences is None else list(differences),
        not_listed=replay.not_listed,
        hits=None if replay.hits is None else [_shown(hit) for hit in replay.hits],
    )
    return json_response(shown.model_dump_json(by_alias=True).encode())


def _shown(hit: ReplayedHit) -> HitReplayed:
    return HitReplayed.model_construct(
        rank=hit.rank,
        plate=hit.plate,
        confidence=hit.confidence,
        disposition=hit.disposition,
        references=list(hit.references),
    )
