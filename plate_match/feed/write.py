"""Entries -> JSON Lines, and back: from a line, the same entry again."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from plate_match.feed.fields import FIELDS
from plate_match.hotlist import Entry

_DEFAULTS = {field.name: field.default for field in fields(Entry)}


def whole_document(entry: Entry) -> dict[str, object]:
    """Return an entry by the names and in the forms of JSON, all of its fields."""
    return {field.name: field.write(getattr(entry, field.attribute)) for field in FIELDS.values()}


def entry_document(entry: Entry) -> dict[str, object]:
    """Return an entry by the names and in the forms of JSON; what is at its default is left out."""
    document: dict[str, object] = {}
    for field in FIELDS.values():
        value = getattr(entry, field.attribute)
        if value != _DEFAULTS[field.attribute]:
            document[field.name] = field.write(value)
    return document


def entry_lines(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield each entry as one line of JSON, its end included."""
    for entry in entries:
        yield json.dumps(entry_document(entry), ensure_ascii=False).encode() + b"\n"


def entry_of_line(line: bytes, feed: str) -> Entry:
    """Return the entry of a feed that `entry_lines` wrote so, times in UTC.

    What `whole_document` says is taken, too. Nothing is checked: the line is to be as it was
    written. Reading it like the line of a stranger makes the same entry, slower, but for one that
    is too long for a file of strangers.
    """
    values: dict[str, Any] = {"plate": None, "feed": feed}
    for name, value in json.loads(line).items():
        if value is not None:
            field = FIELDS[name]
            values[field.attribute] = field.back(value)
    return Entry(**values)
