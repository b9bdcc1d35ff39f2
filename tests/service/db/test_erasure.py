"""What has been kept long enough is gone from the file, and every proof stays."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from plate_match.feed.write import entry_lines
from plate_match.hotlist import Entry
from plate_match.plate import Plate
from service import clock, ids
from service.adapters.db import Database, erasure
from service.adapters.db.engine import reading
from service.adapters.db.tables import ALERT, AUDIT_PAYLOAD, CLAIM, HIT, HIT_CATEGORY, SIGHTING
from service.errors import NotThere
from service.queries import EntryQuery
from service.records import AuditEvent, EntryRecord, MatchedBack, Recording
from service.stand_down import FROZEN, Ended, StandDown
from service.usecases.audit import verify
from service.usecases.check_records import AUDIT_PAYLOADS, ERASED, LAWFUL
from tests.service.db.synthetic import FIRM, NOW, Maker, event, records

DAY = clock.DAY


def record(database: Database, *recordings: Recording) -> None:
    async def story() -> None:
        for one in recordings:
            await database.recorder.record(one)

    asyncio.run(story())


def rows(database: Database, *tables: object) -> list[int]:
    with reading(database.erasure._engine) as connection:
        counted = (select(func.count()).select_from(table) for table in tables)  # type: ignore[arg-type]  # tables
        return [connection.execute(one).scalar_one() for one in counted]


def left(database: Database) -> Sequence[int]:
    return [one.id for one in database.past_sightings.sightings(after=0, before=2**62, limit=99)]


def test_sightings_go_after_their_time_and_those_with_a_hit_later(
    database: Database, maker: Maker
) -> None:
    old, found = maker.recording(hits=0), maker.recording(hits=2)
    young = maker.recording(hits=0, at=NOW + 2 * DAY)
    record(database, old, found, young)
    assert database.erasure.sightings_without_hit(NOW + DAY, event("erased")) == 1
    assert left(database) == [found.sighting.id, young.sighting.id]
    assert database.erasure.sightings_with_hit(NOW + DAY, event("erased")) == 1
    assert left(database) == [young.sighting.id]
    assert rows(database, HIT, HIT_CATEGORY, ALERT) == [0, 0, 0]
    assert verify(database.audit).fault is None


def test_a_hit_goes_with_its_stand_down(database: Database, maker: Maker) -> None:
    found = maker.recording(hits=1)
    record(database, found)
    end = StandDown(found.hits[0].id, NOW, Ended.WITHDRAWN)
    database.open_hits.stand_down([end], [event("hit-stood-down")])
    assert database.erasure.sightings_with_hit(NOW + DAY, event("erased")) == 1
    assert rows(database, HIT, SIGHTING) == [0, 0]


def test_each_batch_is_on_record_with_its_size_and_an_empty_one_is_not(
    database: Database, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "BATCH", 2)
    record(database, *(maker.recording(hits=0) for _ in range(3)))
    before = records(database)
    done = AuditEvent(NOW, "erased", {"kind": "sightings"}, {})
    counts = [database.erasure.sightings_without_hit(NOW + DAY, done) for _ in range(3)]
    assert counts == [2, 1, 0]
    with database.audit.rows() as audited:
        headers = [row.header for row in audited][before:]
    assert [b'"erased":2' in headers[0], b'"erased":1' in headers[1]] == [True, True]
    assert len(headers) == 2


def test_a_sighting_taken_while_frozen_stays_until_it_was_matched(
    database: Database, maker: Maker
) -> None:
    taken = maker.recording(hits=0, list_version=FROZEN)
    record(database, taken)
    for mark, count in ((None, 0), (NOW - 1, 0), (NOW + 1, 1)):
        if mark is not None:
            database.past_sightings.set_matched_back(MatchedBack("v", mark))
        assert database.erasure.sightings_without_hit(NOW + DAY, event("erased")) == count


def test_what_a_key_stood_for_goes_when_it_is_free_again(database: Database, maker: Maker) -> None:
    old, young = maker.recording(key="old"), maker.recording(key="young", at=NOW + DAY)
    record(database, old, young)
    assert database.erasure.claims(NOW + 1) == 1
    assert rows(database, CLAIM) == [1]
    assert database.erasure.claims(NOW + 1) == 0


def put_in(database: Database, maker: Maker, number: int, *, until: int) -> EntryRecord:
    entry = Entry(plate=Plate(f"8XKV4{number}"), reference=f"R-{number}",
        valid_until=clock.to_datetime(until))  # fmt: skip
    return database.entries.add(
        EntryRecord(
            id=ids.new_id(NOW + number * clock.SECOND),
            organisation=FIRM,
            credential=maker.credential.id,
            put_in_at=NOW,
            change=0,
            plate=str(entry.plate),
            reference=entry.reference,
            category="other",
            valid_from=None,
            valid_until=until,
            document=next(entry_lines([entry])),
        ),
        event("entry-put-in"),
    )


def test_of_an_entry_that_is_over_only_its_place_is_kept(
    tmp_path: Path, database: Database, maker: Maker
) -> None:
    over, withdrawn, standing = (
        put_in(database, maker, number, until=NOW + days * DAY)
        for number, days in ((1, 1), (2, 9), (3, 9))
    )
    database.entries.withdraw(withdrawn.id, "found again", event("entry-withdrawn"))
    changes = database.entries.changes()
    assert database.erasure.entries(NOW + 2 * DAY, event("erased")) == 2
    assert database.entries.changes() == changes == 4
    assert [one.id for one in database.entries.entries(EntryQuery())] == [standing.id]
    assert [database.entries.entry(one.id) for one in (over, withdrawn)] == [None, None]
    assert [entry.reference for entry in database.entries.as_of(3)] == ["R-3"]
    assert database.erasure.entries(NOW + 2 * DAY, event("erased")) == 0
    assert put_in(database, maker, 4, until=NOW + 9 * DAY).change == changes + 1
    with pytest.raises(NotThere):
        database.entries.withdraw(over.id, "again", event("x"))
    assert b"R-1" not in files(tmp_path, database)


def test_the_personal_part_of_the_audit_goes_and_the_chain_stays(
    tmp_path: Path, database: Database
) -> None:
    for number in range(5):
        said = AuditEvent(NOW + number * DAY, "tried", {}, {"person": f"guard {number}"})
        database.audit.add(said)
    told = {"kind": AUDIT_PAYLOADS, "before": clock.to_text(NOW + 2 * DAY)}
    done = AuditEvent(NOW + 9 * DAY, ERASED, told, {})
    assert database.erasure.audit_payloads(NOW, done) == 0
    assert database.erasure.audit_payloads(NOW + 2 * DAY, done) == 2
    assert rows(database, AUDIT_PAYLOAD) == [4]
    verdict = verify(database.audit, now=NOW + 2 * DAY + LAWFUL)
    assert (verdict.records, verdict.erased, verdict.fault) == (6, 2, None)
    assert database.erasure.audit_payloads(NOW + 99 * DAY, done) == 4
    assert b"guard 1" not in files(tmp_path, database)


def test_a_clock_that_was_wrong_once_takes_no_record_along(database: Database) -> None:
    for number, at in enumerate((NOW, NOW + 1, 1, NOW + 2, NOW + 9 * DAY)):
        database.audit.add(AuditEvent(at, "tried", {}, {"person": f"guard {number}"}))
    done = AuditEvent(NOW + 9 * DAY, "erased", {}, {})
    assert database.erasure.audit_payloads(NOW, done) == 1
    assert database.erasure.audit_payloads(NOW, done) == 0


def test_records_of_a_wrong_clock_in_front_keep_none_from_going(database: Database) -> None:
    for at in (*[NOW + 99 * DAY] * (erasure.BATCH + 5), *[NOW] * 3):
        database.audit.add(AuditEvent(at, "tried", {}, {}))
    done = AuditEvent(NOW + 9 * DAY, "erased", {}, {})
    assert database.erasure.audit_payloads(NOW + 1, done) == 3


def test_nothing_that_was_erased_is_left_in_the_journal(tmp_path: Path, database: Database) -> None:
    database.audit.add(AuditEvent(NOW, "tried", {}, {"person": "guard 1"}))
    done = AuditEvent(NOW + DAY, "erased", {}, {})
    assert database.erasure.audit_payloads(NOW + 1, done) == 1
    database.erasure.settle()
    left_over = b"".join(path.read_bytes() for path in tmp_path.glob("plate-match.sqlite*"))
    assert b"guard 1" not in left_over


def test_of_nothing_nothing_is_erased(database: Database) -> None:
    done = event("erased")
    assert database.erasure.audit_payloads(NOW, done) == 0
    assert database.erasure.sightings_with_hit(NOW, done) == 0
    assert records(database) == 0


def files(folder: Path, database: Database) -> bytes:
    """Everything that lies on disk, once the journal was written back."""
    with database.erasure._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return b"".join(path.read_bytes() for path in folder.glob("plate-match.sqlite*"))
