"""`plate-match audit verify`: is the record of what was done still what was written."""

from pathlib import Path

from service.cli.store import existing_database, settings_of
from service.cli.terminal import Refused, page, progress, say_json
from service.usecases.audit import PROGRESS_EVERY, Verdict
from service.usecases.audit import verify as verify_trail


def verify(*, data: Path | None, as_json: bool) -> None:
    """Walk the whole chain and print what was found.

    Raises:
        Refused: a record does not fit; the message names the first.
    """
    with existing_database(settings_of(data=data)) as database, progress() as shown:
        shown.phase("verifying", database.audit.length())
        verdict = verify_trail(database.audit, lambda _: shown.advance(PROGRESS_EVERY))
    if as_json:
        say_json(_document(verdict))
    else:
        erased = f", the personal part of {verdict.erased:,} erased" if verdict.erased else ""
        page().print(f"{verdict.records:,} records are as they were written{erased}")
    if verdict.fault is not None:
        fault = verdict.fault
        raise Refused(f"the chain is broken at record {fault.seq}: {fault.reason}")


def _document(verdict: Verdict) -> dict[str, object]:
    fault = verdict.fault
    return {
        "records": verdict.records,
        "erased": verdict.erased,
        "fault": fault and {"seq": fault.seq, "reason": fault.reason},
    }
