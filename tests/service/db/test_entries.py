"""Entries that were put in, as they are read for the list. All plates are synthetic."""

from dataclasses import replace

import pytest

from service import clock
from service.adapters.db import Database
from service.records import EntryRecord
from tests.service.db.synthetic import FIRM, NOW, Maker, event

DOCUMENT = b'{"plate": "8XKV41", "reference": "R-1", "make": null, "purpose": "offences"}'


def record(maker: Maker, document: bytes) -> EntryRecord:
    return EntryRecord(
        id=1,
        organisation=FIRM,
        credential=maker.credential.id,
        put_in_at=NOW,
        change=0,
        plate="8XKV41",
        reference="R-1",
        category="other",
        valid_from=None,
        valid_until=NOW + clock.DAY,
        document=document,
    )


@pytest.mark.parametrize(
    "broken", [b"{", b'{"plate": null}', b'{"plate": "8XKV42", "colours": "red"}', b"[1]"]
)
def test_one_entry_that_cannot_be_read_is_told_of_and_hides_no_other(
    database: Database, maker: Maker, caplog: pytest.LogCaptureFixture, broken: bytes
) -> None:
    database.entries.add(record(maker, DOCUMENT), event("entry-put-in"))
    database.entries.add(replace(record(maker, broken), id=2), event("entry-put-in"))
    changes, entries = database.entries.in_force(NOW)
    assert (changes, [entry.reference for entry in entries]) == (2, ["R-1"])
    (told,) = caplog.records
    assert "cannot be read" in told.getMessage()
    assert "8XKV" not in told.getMessage()
