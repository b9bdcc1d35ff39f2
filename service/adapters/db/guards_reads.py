"""What guards read, and who has to wait for it, in their tables."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Engine, Row, Select, delete, select

from plate_match.errors import UnreadablePlate
from plate_match.normalize import normalize
from plate_match.plate import Plate
from service import clock, ids
from service.adapters.db import audit
from service.adapters.db.caller_tables import CREDENTIAL, ORGANISATION, PERSON
from service.adapters.db.engine import reading, writing
from service.adapters.db.spending import put
from service.adapters.db.tables import SIGHTING, SPENDING
from service.chain import seal
from service.limit_ports import GuardsRead
from service.records import AuditEvent, Caller, Role
from service.spending import SLOWED, Level

LENGTH = 6
"""Symbols of a Dutch plate."""

_UNREAD = re.compile(r"[*?]")
"""What stands for symbols that were not read: of a plate that was read whole, for none."""

LIKELIEST = 2
"""Alternatives of a symbol that are looked at: a camera names several of one car."""

FIRST_SECONDS = 60.0
LONGEST_SECONDS = 86_400.0
FORGOTTEN = 30 * clock.DAY

_READS: Select[Any] = (
    select(
        SIGHTING.c.id,
        SIGHTING.c.received_at,
        SIGHTING.c.request,
        CREDENTIAL.c.id.label("credential"),
        ORGANISATION.c.name.label("firm"),
        PERSON.c.name.label("person"),
    )
    .join(CREDENTIAL, CREDENTIAL.c.id == SIGHTING.c.credential)
    .join(ORGANISATION, ORGANISATION.c.id == SIGHTING.c.organisation)
    .outerjoin(PERSON, PERSON.c.id == CREDENTIAL.c.person)
    .where(CREDENTIAL.c.role == Role.GUARD.value)
    .order_by(SIGHTING.c.id)
)


class SqlGuardsReads:
    """`service.limit_ports.GuardsReads` over the tables. Every call may block."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def since(self, after: int, limit: int) -> Sequence[GuardsRead]:
        """Return what guards read in sightings with a higher id, rising."""
        with reading(self._engine) as connection:
            rows = connection.execute(_READS.where(SIGHTING.c.id > after).limit(limit)).all()
        return [_read(row) for row in rows]

    def slow(self, holders: Sequence[str], event: AuditEvent) -> None:
        """Let holders wait, each twice as long as the last time in a month."""
        with writing(self._engine) as connection:
            of_them = SPENDING.c.holder.in_(holders), SPENDING.c.kind == SLOWED
            connection.execute(
                delete(SPENDING).where(*of_them, SPENDING.c.at < event.at - FORGOTTEN)
            )
            found = connection.execute(select(SPENDING.c.holder, SPENDING.c.times).where(*of_them))
            times = {row.holder: row.times for row in found}
            put(
                connection,
                [
                    (holder, SLOWED, Level(_seconds(times.get(holder, 0)), event.at))
                    for holder in dict.fromkeys(holders)
                ],
            )
            audit.append(connection, [seal(event)])


def _seconds(times: int) -> float:
    return min(FIRST_SECONDS * 2.0 ** min(times, 20), LONGEST_SECONDS)


def _read(row: Row[Any]) -> GuardsRead:
    caller = Caller(ids.to_text(row.credential), Role.GUARD, row.firm, row.person)
    plates = tuple(dict.fromkeys(_plates(row.request)))
    return GuardsRead(row.id, row.received_at, caller, plates)


def _plates(request: bytes) -> Iterator[Plate]:
    sent = orjson.loads(request)
    for look in (sent, *(sent.get("alsoRead") or ())):
        for text in _meant(look):
            try:
                read = normalize(_UNREAD.sub("", text).strip(".- "))
            except UnreadablePlate:
                continue
            if isinstance(read, Plate):
                yield read


def _meant(look: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a look asks about: its read, without one symbol too many, and its alternatives."""
    text: str = look["read"]
    yield text
    whole = re.sub(r"[^0-9A-Za-z]", "", text)
    if len(whole) == LENGTH + 1:
        yield from (whole[:place] + whole[place + 1 :] for place in range(len(whole)))
    for place, symbol in enumerate(look.get("symbols") or ()):
        for other in (symbol.get("alternatives") or ())[:LIKELIEST]:
            yield text[:place] + other + text[place + 1 :]
