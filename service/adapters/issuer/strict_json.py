"""JSON of strangers: one meaning, or none."""

import json
from typing import Any


def read_object(body: bytes) -> dict[str, Any]:
    """Return an object of JSON.

    Raises:
        ValueError: it is none, names something twice, or holds a number that is not finite.
    """
    try:
        found = json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - one kind of error for all faults
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def _refuse(_: str) -> None:
    raise ValueError("a number is not finite")
