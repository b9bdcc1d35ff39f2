"""What was sent -> a sighting to report, or every fault of it at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from plate_match.channel import Source
from plate_match.description import Description
from plate_match.errors import UnreadablePlate, UnsupportedReport
from plate_match.report import Look, Report, SymbolRead, read_of, require_symbols
from service import clock
from service.api.body import OF_NAMES, model_of
from service.api.sighting_models import FurtherLook, SightingReport, Symbol
from service.api.wire import Moment, Wire
from service.errors import Fault, InvalidRequest
from service.records import Caller
from service.state import State
from service.usecases.report_sighting import Key
from service.usecases.write_down import Sighting

MOST_LATE = 7 * clock.DAY
MOST_AHEAD = 5 * clock.MINUTE


@dataclass(frozen=True, slots=True)
class Sent:
    """A sighting as it came: who sent it, its document and bytes, and the key it came under.

    `batch` is the whole of the batch it came in and its place there, None if it came alone.
    """

    caller: Caller
    document: object
    body: bytes
    key: str | None = None
    faults: Sequence[Fault] = field(default_factory=tuple)
    batch: tuple[bytes, int] | None = None


class _SoundParts(Wire, extra="ignore"):
    """Those parts of a refused sighting that are sound in themselves; None in place of others."""

    read: str | None = None
    source: Source | None = None
    seen_at: Moment | None = None
    symbols: list[Symbol] | None = None
    also_read: list[FurtherLook | None] | None = None
    follows: str | None = None


async def report_of(state: State, sent: Sent) -> SightingReport:
    """Return the model of what was sent; whether it can be taken now is not looked at.

    Raises:
        InvalidRequest: names every fault, also those of parts that are sound in themselves.
    """
    faults = list(sent.faults)
    parts: SightingReport | _SoundParts
    try:
        report = parts = model_of(sent.document, sent.body, SightingReport)
    except InvalidRequest as refused:
        faults += refused.faults
        parts = _sound_parts(sent.document, refused.faults)
    else:
        if not faults:
            return report
    _, further = await _content(state, sent.caller, parts)
    raise InvalidRequest([*faults, *further])


async def sighting_of(state: State, caller: Caller, report: SightingReport) -> Sighting:
    """Return the sighting of a model, if it can be taken now.

    Raises:
        InvalidRequest: names every fault.
    """
    looks, faults = await _content(state, caller, report)
    if faults:
        raise InvalidRequest(faults)
    place = report.location
    return Sighting(
        report=Report(looks, _description(report), report.country),
        typed=typed_of(report),
        seen_at=clock.to_micros(report.seen_at),
        purpose=report.purpose,
        request=request_of(report),
        latitude=None if place is None else place.latitude,
        longitude=None if place is None else place.longitude,
    )


def typed_of(report: SightingReport) -> tuple[str, ...]:
    """Return the read of each look as it was sent."""
    return (report.read, *(look.read for look in report.also_read or ()))


def report_of_request(request: bytes) -> Report:
    """Return the report of a request as `request_of` stored it: it was taken once."""
    model = SightingReport.model_validate_json(request)
    looks = tuple(look for look in _looks(model) if isinstance(look, Look))
    return Report(looks, _description(model), model.country)


def key_of(sent: Sent, report: SightingReport) -> Key | None:
    """Return the key of a sighting with the body it stands for: the batch, or it alone."""
    body, place = sent.batch or (request_of(report), 0)
    return None if sent.key is None else Key(sent.key, body, place)


def request_of(report: SightingReport) -> bytes:
    """Return what was sent in the one form it is stored, compared and given back in."""
    return report.model_dump_json(by_alias=True, exclude_unset=True).encode()


async def _content(
    state: State, caller: Caller, parts: SightingReport | _SoundParts
) -> tuple[tuple[Look, ...], list[Fault]]:
    found = list(_looks(parts))
    faults = [one for one in found if isinstance(one, Fault)]
    if parts.seen_at is not None:
        faults += _time_faults(parts.seen_at, state.now())
    if parts.follows is not None and not await state.read_history.may_follow(caller, parts.follows):
        faults.append(Fault("/follows", "not-there", "There is no such sighting for you to see"))
    looks = tuple(one for one in found if isinstance(one, Look))
    if looks and not faults:
        faults += _too_little(looks, state.least_symbols)
    return looks, faults


def _too_little(looks: Sequence[Look], least: int) -> Iterator[Fault]:
    try:
        require_symbols(looks, least)
    except UnreadablePlate as error:
        yield Fault("/read", "too-little", str(error))


def _looks(parts: SightingReport | _SoundParts) -> Iterator[Look | Fault]:
    """Yield each look, or what is wrong with it."""
    source = parts.source or Source.EYESIGHT
    if parts.read is not None:
        yield _look(parts.read, parts.symbols, source=source)
    for place, again in enumerate(parts.also_read or ()):
        if again is not None:
            how, at = again.source or source, f"/alsoRead/{place}"
            yield _look(again.read, again.symbols, source=how, at=at)


def _look(
    text: str, symbols: Sequence[Symbol] | None, *, source: Source, at: str = ""
) -> Look | Fault:
    if symbols is not None and [symbol.symbol for symbol in symbols] != list(text):
        message = "Give one element for each character of read as it stands, dashes included"
        return Fault(f"{at}/symbols", "symbols-differ", message)
    seen = [
        SymbolRead(symbol.symbol, symbol.confidence, tuple(symbol.alternatives))
        for symbol in symbols or ()
    ]
    try:
        return Look(read_of(text, seen, source=source), source)
    except UnreadablePlate as error:
        return Fault(f"{at}/read", "unreadable", str(error))
    except UnsupportedReport as error:
        return Fault(f"{at}/symbols", "symbols-differ", str(error))


def _description(report: SightingReport) -> Description:
    said = {} if report.vehicle is None else report.vehicle.model_dump()
    return Description(**said, duplicate_code=report.duplicate_code)


def _time_faults(seen_at: datetime, now: int) -> list[Fault]:
    late = now - clock.to_micros(seen_at)
    if late > MOST_LATE:
        return [Fault("/seenAt", "too-late", "Sightings are taken at most 7 days late")]
    if late < -MOST_AHEAD:
        return [Fault("/seenAt", "in-the-future", "Sightings are taken at most 5 minutes ahead")]
    return []


_CHECKED = ("read", "source", "seenAt", "symbols", "alsoRead", "follows")


def _sound_parts(document: object, faults: Sequence[Fault]) -> _SoundParts:
    """Return what is left of a refused document once the faulty fields are left out."""
    of_fields = (one for one in faults if one.pointer or one.code not in OF_NAMES)
    faulty = {tuple(fault.pointer.split("/")[1:]) for fault in of_fields}
    if () in faulty or not isinstance(document, dict):
        return _SoundParts()
    of_looks = {int(inner[0]) for name, *inner in faulty if name == "alsoRead" and inner}
    whole = {name for name, *inner in faulty if name != "alsoRead" or not inner}
    sound = {name: document[name] for name in _CHECKED if name in document and name not in whole}
    if of_looks and "alsoRead" in sound:
        looks = enumerate(sound["alsoRead"])
        sound["alsoRead"] = [None if place in of_looks else look for place, look in looks]
    return _SoundParts.model_validate_json(orjson.dumps(sound))
