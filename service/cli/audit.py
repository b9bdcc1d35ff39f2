"""`plate-match audit verify` and `head`: is the record of what was done still what was written."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from service import clock
from service.adapters.db import Database
from service.adapters.witness_folder import head_document, heads_of
from service.cli.store import existing_database, settings_of
from service.cli.terminal import Progress, Refused, WrongUse, page, progress, say, say_json
from service.cli.workers import cores, in_order
from service.ports import StorageUnavailable
from service.records import Head
from service.settings import Settings
from service.usecases.audit import Verdict, spans_of
from service.usecases.audit import verify as verify_trail
from service.usecases.check_records import PROGRESS_EVERY, Checked, Span, check

SPAN = 50_000
"""Records that a process checks in one go, where several check them."""


def verify(*, witness: Path | None, data: Path | None, as_json: bool) -> None:
    """Walk the whole chain, beside what a witness was told of it, and print what was found.

    Raises:
        WrongUse: what the witness was told cannot be read.
        Refused: a record does not fit; the message names the first.
    """
    desk = _Desk(settings_of(data=data), _heads(witness))
    heads = desk.heads
    with progress() as shown:
        checked = desk.side_by_side(shown)
        with existing_database(desk.settings) as database:
            issued = _are_issued(database)
            verdict = verify_trail(
                database.audit,
                lambda _: shown.advance(PROGRESS_EVERY),
                heads=heads,
                checked=checked,
            )
    if as_json:
        say_json(_document(verdict))
    else:
        erased = f", the personal part of {verdict.erased:,} erased" if verdict.erased else ""
        page().print(f"{verdict.records:,} records are as they were written{erased}")
        if witness is not None and verdict.fault is None:
            last = max(one.seq for one in heads)
            page().print(f"a witness was told {len(heads):,} heads, the last of record {last:,}")
    if verdict.fault is None and not verdict.records and issued:
        raise Refused("the audit is empty, but keys were issued, each of which leaves a record")
    if verdict.fault is not None:
        fault = verdict.fault
        raise Refused(f"the chain is broken at record {fault.seq}: {fault.reason}")


@dataclass(frozen=True, slots=True)
class _Desk:
    """What checks spans of records; one is given to every worker when it starts."""

    settings: Settings
    heads: Sequence[Head]

    def side_by_side(self, shown: Progress) -> list[tuple[Span, Checked]]:
        """Check what is long on every core; no database is open while they start."""
        with existing_database(self.settings) as database:
            shown.phase("verifying", _last(database))
            spans = _spans(database)
        workers = min(cores(), len(spans))
        if workers <= 1:
            return []
        checked = []
        with closing(in_order(self.check, spans, workers=workers)) as all_found:
            for span, found in zip(spans, all_found, strict=True):
                checked.append((span, found))
                shown.advance(found.records)
        return checked

    def check(self, span: Span) -> Checked:
        """Check one; where that cannot be done now, nothing is found, and it is walked again."""
        try:
            with existing_database(self.settings) as database:
                return check(database.audit, span, heads=self.heads)
        except StorageUnavailable:
            return Checked(span.prev)


def _are_issued(database: Database) -> bool:
    """Whether keys were issued, as far as damaged rows tell."""
    try:
        return bool(database.credentials.all())
    except StorageUnavailable:
        return True


def _last(database: Database) -> int:
    """Return the place of the last record, 0 where nothing tells it."""
    try:
        last = database.audit.head()
    except StorageUnavailable:
        return 0
    return 0 if last is None else last.seq


def _spans(database: Database) -> list[Span]:
    """Return what can be checked side by side, as far as damaged rows tell."""
    try:
        return spans_of(database.audit, SPAN)
    except StorageUnavailable:
        return []


def head(*, data: Path | None) -> None:
    """Print the head of the chain, to be handed to a witness by any way there is.

    Raises:
        Refused: nothing is on record.
        StorageUnavailable: the last record is damaged.
    """
    with existing_database(settings_of(data=data)) as database:
        last = database.audit.head()
    if last is None:
        raise Refused("nothing is on record yet")
    say_json(head_document(last, clock.now()))


def _heads(witness: Path | None) -> Sequence[Head]:
    if witness is None:
        return ()
    try:
        heads, faults = heads_of(witness)
    except OSError as error:
        raise WrongUse(f"the witness {witness} cannot be read: {error.strerror}") from None
    if faults:
        some = ", ".join(faults[:_SHOWN]) + (" and more" if len(faults) > _SHOWN else "")
        say(f'the witness: no {{"seq": 1, "hash": "64 hexadecimal digits"}} in {some}')
    if not heads:
        raise WrongUse(f"the witness {witness} was told nothing yet; that proves nothing")
    return heads


_SHOWN = 5
"""Faults of a witness that are told one by one."""


def _document(verdict: Verdict) -> dict[str, object]:
    fault = verdict.fault
    return {
        "records": verdict.records,
        "erased": verdict.erased,
        "fault": fault and {"seq": fault.seq, "reason": fault.reason},
    }
