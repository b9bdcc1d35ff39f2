"""Bytes of a body -> model, or every fault of it at once."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from service.errors import Fault, InvalidRequest

_LONGEST_POINTER = 200

_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown-field",
    "json_invalid": "broken-json",
    "finite_number": "not-finite",
    "string_too_long": "too-long",
    "too_long": "too-long",
    "string_too_short": "too-short",
    "too_short": "too-short",
    "enum": "unknown-value",
    "literal_error": "unknown-value",
    "string_pattern_mismatch": "wrong-form",
    "greater_than": "out-of-range",
    "greater_than_equal": "out-of-range",
    "less_than": "out-of-range",
    "less_than_equal": "out-of-range",
}


_NOT_YET = {"vehicle", "alsoRead"}
"""Fields of the contract that cannot be weighed yet: refused by name, never ignored."""

Model = TypeVar("Model", bound=BaseModel)


class _Repeating(dict[str, Any]):
    """An object of JSON in which names came more than once."""

    repeated: tuple[str, ...] = ()


def read_json(body: bytes) -> object:
    """Return the document of a body, for a closer look; None if it is not JSON at all.

    Numbers that are not finite are kept, objects with repeated names remember them.
    """
    try:
        return json.loads(body.decode(), object_pairs_hook=_object)
    except (ValueError, RecursionError):
        return None


def read_model(body: bytes, model: type[Model]) -> Model:
    """Return the model of a body.

    Raises:
        InvalidRequest: names every fault of the body.
    """
    return model_of(read_json(body), body, model)


def model_of(document: object, body: bytes, model: type[Model]) -> Model:
    """Return the model of a body whose document has been read already.

    Raises:
        InvalidRequest: names every fault of the body.
    """
    faults = [*repeated_names(document)]
    try:
        found = model.model_validate_json(body)
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)
        raise InvalidRequest([*faults, *map(fault_of, told)]) from None
    if faults:
        raise InvalidRequest(faults)
    return found


def fault_of(error: ErrorDetails) -> Fault:
    """Return the fault that one error of pydantic tells of, without what was sent."""
    kind, place = error["type"], error["loc"]
    if kind == "extra_forbidden" and len(place) == 1 and place[0] in _NOT_YET:
        return Fault(pointer(place), "not-supported-yet", "cannot be weighed yet; leave it out")
    code = _CODES.get(kind, "wrong-type" if kind.endswith(("_type", "_parsing")) else kind)
    return Fault(pointer(place), code, _message(error))


def pointer(place: Sequence[str | int]) -> str:
    """Return the JSON pointer of a place, cut off where a name is absurdly long."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in place)
    return "".join(f"/{step}" for step in steps)[:_LONGEST_POINTER]


def _message(error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        return "There is no field of this name"
    return error["msg"]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    counts = Counter(name for name, _ in pairs)
    repeating = _Repeating(found)
    repeating.repeated = tuple(name for name, times in counts.items() if times > 1)
    return repeating


def repeated_names(value: object, path: str = "") -> Iterator[Fault]:
    """Yield a fault for each name that an object holds more than once."""
    if isinstance(value, _Repeating):
        for name in value.repeated:
            yield Fault(path + pointer((name,)), "repeated-name", "The name comes more than once")
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from repeated_names(inner, path + pointer((name,)))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from repeated_names(inner, f"{path}/{place}")
