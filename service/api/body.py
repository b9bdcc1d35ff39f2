"""Bytes of a body -> model, or every fault of it at once."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from service.errors import Fault, InvalidRequest

OF_NAMES = frozenset({"unknown-field", "repeated-name"})
"""Codes of faults that may be about names which are not repeated, only counted."""

Place = tuple[str | int, ...]
"""Where something stands in a document: names of fields and numbers of elements."""

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


_WORD = re.compile(r"[a-z][A-Za-z_]{2,39}")
"""No digit: nothing that is spelled so is a plate."""

_MOST_NAMED = 20

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
    faults = repeated_faults(repeated_names(document), model)
    try:
        found = model.model_validate_json(body)
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)
        raise InvalidRequest([*faults, *_faults(told, model)]) from None
    if faults:
        raise InvalidRequest(faults)
    return found


def repeated_faults(places: Iterable[Place], model: type[BaseModel]) -> list[Fault]:
    """Return the faults of names that came more than once, told by names of the model alone."""
    pointers = dict.fromkeys(_pointer(place, model) for place in places)
    return [Fault(one, "repeated-name", "A name is given more than once") for one in pointers]


def _faults(errors: Iterable[ErrorDetails], model: type[BaseModel]) -> Iterator[Fault]:
    """Yield the faults that errors of pydantic tell of, without what was sent.

    A field that is not known is told by its name if that is a word; made up by the caller, it
    may hold a plate, and is then counted where it stands and not repeated.
    """
    unknown: Counter[Place] = Counter()
    named = 0
    for error in errors:
        kind, place = error["type"], error["loc"]
        if kind != "extra_forbidden":
            code = _CODES.get(kind, "wrong-type" if kind.endswith(("_type", "_parsing")) else kind)
            yield Fault(_pointer(place, model), code, error["msg"])
        elif _WORD.fullmatch(str(place[-1])) and named < _MOST_NAMED:
            named += 1
            message = "This field is not known here"
            yield Fault(f"{_pointer(place[:-1], model)}/{place[-1]}", "unknown-field", message)
        else:
            unknown[place[:-1]] += 1
    for place, count in unknown.items():
        names = ", ".join(_fields_at(place, model))
        fields = "1 field is" if count == 1 else f"{count} fields are"
        message = f"{fields} not known here; these are: {names}"
        yield Fault(_pointer(place, model), "unknown-field", message)


def _pointer(place: Place, model: type[BaseModel]) -> str:
    """Return the JSON pointer of a place, up to where its names are fields of the model."""
    known = ""
    for depth, step in enumerate(place):
        if isinstance(step, str) and step not in _fields_at(place[:depth], model):
            break
        known += f"/{step}"
    return known


def _fields_at(place: Place, model: type[BaseModel]) -> dict[str, Any]:
    """Return the fields by the names they travel under, with their types; none of no model."""
    kind: Any = model
    for step in place:
        if isinstance(step, str):
            kind = _fields(kind).get(step)
    return _fields(kind)


def _fields(kind: object) -> dict[str, Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {info.alias or name: info.annotation for name, info in kind.model_fields.items()}
    return next(filter(None, map(_fields, get_args(kind))), {})


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    counts = Counter(name for name, _ in pairs)
    repeating = _Repeating(found)
    repeating.repeated = tuple(name for name, times in counts.items() if times > 1)
    return repeating


def repeated_names(value: object, above: Place = ()) -> Iterator[Place]:
    """Yield the place of each name that an object holds more than once."""
    if isinstance(value, _Repeating):
        for name in value.repeated:
            yield (*above, name)
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from repeated_names(inner, (*above, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from repeated_names(inner, (*above, place))
