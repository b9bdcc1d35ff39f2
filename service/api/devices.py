"""/v1/devices: with what the people of a partner may take part."""

from pydantic.config import JsonDict
from starlette.requests import Request
from starlette.responses import Response

from service.api.body import read_model
from service.api.exchange import caller_of, json_response, page_response, paging
from service.api.organisations import EndTold, FirmName, Grounds
from service.api.people import firm_of
from service.api.wire import Moment, Wire, example
from service.state import State

_DEVICE: JsonDict = {
    "id": "0000000000001",
    "organisation": "Synthetic Security",
    "name": "phone 12",
    "addedAt": "2026-11-24T02:14:00Z",
    "dropped": None,
}


class DeviceAdded(Wire):
    """A device to put on record. A manager adds those of the own firm."""

    model_config = example({"name": "phone 12"})

    name: FirmName
    organisation: FirmName | None = None


class DeviceOnRecord(Wire):
    """A device as it is on record; keys are issued for it by its id."""

    model_config = example(_DEVICE)

    id: str
    organisation: str
    name: str | None
    added_at: Moment
    dropped: EndTold | None


class DevicePage(Wire):
    """A page of devices, newest first."""

    model_config = example({"items": [_DEVICE], "next": None})

    items: list[DeviceOnRecord]
    next: str | None


async def post_device(state: State, request: Request) -> Response:
    """Put a device on record, so that keys can be issued for it."""
    sent = read_model(await request.body(), DeviceAdded)
    caller = caller_of(request)
    firm = firm_of(caller, sent.organisation)
    return json_response(await state.keep_people.add_device(caller, firm, sent.name), 201)


async def post_device_drop(state: State, request: Request) -> Response:
    """Drop a device: keys that were issued for it are refused from the next request on."""
    caller, id_ = caller_of(request), request.path_params["id"]
    reason = read_model(await request.body(), Grounds).reason
    return json_response(await state.keep_people.drop_device(caller, id_, reason), 201)


async def get_devices(state: State, request: Request) -> Response:
    """Read which devices there are: a manager those of the own firm. The look is recorded."""
    limit, cursor = paging(request)
    return page_response(
        await state.keep_people.devices(caller_of(request), limit=limit, cursor=cursor)
    )
