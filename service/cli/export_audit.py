"""`plate-match audit export`: records of the audit for a privacy audit, as lines of JSON or CSV."""

import csv
import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from plate_match.errors import UnreadablePlate
from plate_match.normalize import normalize
from plate_match.plate import spelled
from service import clock
from service.cli.auditor import auditor_of
from service.cli.outputs import places, written
from service.cli.store import existing_database, settings_of
from service.cli.terminal import WrongUse, line_of_stdin, say
from service.usecases.export_audit import Asked, Document, Opening, export

COLUMNS = ("seq", "at", "action", "organisation", "credential", "person", "purpose", "subject",
           "listVersion", "modelVersion", "more", "personal", "hash")  # fmt: skip

Write = Callable[[Document], object]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would carry out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was typed: whose records, of which plate, of which time, for whom and why."""

    person: str | None
    plate: str | None
    since: str | None
    until: str | None
    by: str
    reason: str
    key_file: Path | None = None


def export_audit(wish: Wish, *, as_csv: bool, output: Path | None, data: Path | None) -> None:
    """Write the records that are asked for; that it was done is on record before.

    Raises:
        WrongUse: a time, the plate or a name is none; the message names every fault.
        Refused: the key is not that of an auditor.
    """
    asked, count = _asked(wish), 0
    place = places({"--output": output}, {})["--output"] if output else None
    with existing_database(settings_of(data=data)) as database:
        auditor = auditor_of(database, wish.key_file, "audit export")
        opening = Opening(
            by=wish.by.strip(), reason=wish.reason.strip(), now=clock.now(), auditor=auditor
        )
        found = export(database.audit, asked, opening)
        with written(place, mode=0o600) if place else nullcontext(sys.stdout) as file:
            write = _csv_writer(file) if as_csv else _line_writer(file)
            for document in found:
                write(document)
                count += 1
    if auditor is None:
        say("nothing personal is shown without --key-file, the key of an auditor")
    say(f"{count:,} {'record' if count == 1 else 'records'}; the export is on record itself")


def _asked(wish: Wish) -> Asked:
    faults: list[str] = []
    for option, text in (("--by", wish.by), ("--reason", wish.reason)):
        if not text.strip():
            faults.append(f"{option}: goes on record and cannot be empty")
    if wish.key_file is None:
        for option, asked_for in (("--person", wish.person), ("--plate", wish.plate)):
            if asked_for is not None:
                faults.append(f"{option}: is personal; give --key-file, the key of an auditor")
    since, until = (
        _moment(option, text, faults)
        for option, text in (("--since", wish.since), ("--until", wish.until))
    )
    asked = Asked(person=wish.person, plate=_plate(wish.plate, faults), since=since, until=until)
    if faults:
        raise WrongUse("; ".join(faults))
    return asked


def _moment(option: str, text: str | None, faults: list[str]) -> int | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        faults.append(f"{option}: must be a time with its offset, as 2026-01-31T23:59:59Z")
        return None
    return clock.to_micros(moment)


def _plate(text: str | None, faults: list[str]) -> str | None:
    if text is None:
        return None
    try:
        return spelled(normalize(line_of_stdin("--plate") if text == "-" else text))
    except UnreadablePlate as fault:
        faults.append(f"--plate: {fault}")
        return None


def _line_writer(file: TextIO) -> Write:
    return lambda document: file.write(json.dumps(document, ensure_ascii=False) + "\n")


def _csv_writer(file: TextIO) -> Write:
    # all in quotes: a lone carriage return in a cell would end its row for whoever reads it
    out = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    out.writerow(COLUMNS)
    return lambda document: out.writerow(map(_cell, _row(document)))


def _row(document: Document) -> list[object]:
    personal = document["personal"]
    row = {**document, "person": (personal or {}).get("person")}
    row["more"] = {name: value for name, value in document.items() if name not in COLUMNS}
    return [row.get(name) for name in COLUMNS]


def _cell(value: Any) -> str:  # noqa: ANN401 - whatever JSON has
    if value is None or value == {}:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(_FORMULA) else text
