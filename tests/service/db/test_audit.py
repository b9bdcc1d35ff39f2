import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import clock
from service.adapters.db import Database, engine, open_database
from service.chain import seal
from service.ports import StorageUnavailable
from service.records import AuditEvent, AuditRow
from service.usecases import check_records
from service.usecases.audit import Verdict, spans_of, verify
from service.usecases.check_records import AUDIT_PAYLOADS, ERASED, Fault, Span, check
from tests.service.db.synthetic import NOW, Maker, event, records

ROOT = Path(__file__).parents[3]
LENGTH = 12
YEARS_LATER = NOW + 1 + check_records.LAWFUL
"""Whatever was recorded at NOW may have been erased by then."""

APPENDING = """
import asyncio, pathlib, sys
from service.adapters.db import open_database
from tests.service.db.synthetic import event

async def append():
    database = open_database(data=pathlib.Path(sys.argv[1]))
    for _ in range(30):
        await asyncio.gather(*(database.recorder.audit(event()) for _ in range(5)))
    await database.close()

asyncio.run(append())
"""


def append(database: Database, count: int) -> None:
    async def together() -> None:
        events = (database.recorder.audit(event(number=number)) for number in range(count))
        await asyncio.gather(*events)

    asyncio.run(together())


@contextmanager
def tampering(file: Path) -> Iterator[sqlite3.Connection]:
    """The file as somebody sees it who cares for no constraint."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA foreign_keys = OFF")
    yield connection
    connection.commit()
    connection.close()


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with a chain of LENGTH records, to be copied."""
    folder = tmp_path_factory.mktemp("chain")
    database = open_database(data=folder)
    append(database, LENGTH)
    asyncio.run(database.close())
    return folder / "plate-match.sqlite"


def verify_copy(
    chain: Path,
    tmp_path_factory: pytest.TempPathFactory,
    tamper: Callable[[sqlite3.Connection], None],
    *,
    said: AuditEvent | None = None,
    now: int = YEARS_LATER,
) -> Verdict:
    """What verification says of a copy after something was put on record, and tampered with.

    It says the same where spans were checked side by side before.
    """
    folder = tmp_path_factory.mktemp("copy")
    copy = shutil.copy(chain, folder / chain.name)
    if said is not None:
        with Database(None, folder) as database:
            database.audit.add(said)
    with tampering(Path(copy)) as connection:
        tamper(connection)
    with Database(None, folder) as database:
        verdict = verify(database.audit, now=now)
        for size in (1, 5, LENGTH):
            spans: list[Span] = []
            with suppress(StorageUnavailable):  # the last of all is damaged: walked in turn
                spans = spans_of(database.audit, size)
            checked = [(span, check(database.audit, span)) for span in spans]
            assert verify(database.audit, checked=checked, now=now) == verdict
    return verdict


FIELDS = st.sampled_from(
    [
        ("audit", "prev"),
        ("audit", "header"),
        ("audit", "payload_digest"),
        ("audit", "hash"),
        ("audit_payload", "salt"),
        ("audit_payload", "payload"),
    ]
)

CHANGES = st.sampled_from(
    [
        lambda old: old[:-1],
        lambda old: old + b" ",
        lambda old: bytes([old[0] ^ 1]) + old[1:],
        lambda old: old[:-1] + bytes([old[-1] ^ 128]),
        lambda _: b"",
        lambda _: "text where bytes belong",
    ]
)


@given(field=FIELDS, seq=st.integers(1, LENGTH), change=CHANGES)
def test_any_changed_field_is_found_at_its_record(
    chain: Path,
    tmp_path_factory: pytest.TempPathFactory,
    *,
    field: tuple[str, str],
    seq: int,
    change: Callable[[bytes], object],
) -> None:
    table, column = field

    def tamper(connection: sqlite3.Connection) -> None:
        read = f"SELECT {column} FROM {table} WHERE seq = ?"  # noqa: S608 - the names stand above
        (old,) = connection.execute(read, (seq,)).fetchone()
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE seq = ?", (change(old), seq))  # noqa: S608

    verdict = verify_copy(chain, tmp_path_factory, tamper)
    assert verdict.fault is not None
    assert verdict.fault.seq == seq
    assert verdict.records == seq - 1


@given(seq=st.integers(1, LENGTH - 1))
def test_a_removed_record_is_found(
    chain: Path, tmp_path_factory: pytest.TempPathFactory, seq: int
) -> None:
    def tamper(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM audit_payload WHERE seq = ?", (seq,))
        connection.execute("DELETE FROM audit WHERE seq = ?", (seq,))

    verdict = verify_copy(chain, tmp_path_factory, tamper)
    assert verdict.fault == Fault(seq, f"record {seq} is missing; the next one there is {seq + 1}")


@given(seq=st.integers(1, LENGTH), to=st.integers(LENGTH + 1, 99))
def test_a_renumbered_record_is_found(
    chain: Path, tmp_path_factory: pytest.TempPathFactory, *, seq: int, to: int
) -> None:
    def tamper(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE audit SET seq = ? WHERE seq = ?", (to, seq))
        connection.execute("UPDATE audit_payload SET seq = ? WHERE seq = ?", (to, seq))

    fault = verify_copy(chain, tmp_path_factory, tamper).fault
    assert fault is not None
    assert fault.seq == seq


@given(pair=st.lists(st.integers(1, LENGTH), min_size=2, max_size=2, unique=True).map(sorted))
def test_two_records_that_changed_places_are_found(
    chain: Path, tmp_path_factory: pytest.TempPathFactory, pair: list[int]
) -> None:
    first, second = pair

    def tamper(connection: sqlite3.Connection) -> None:
        for table in ("audit_payload", "audit"):
            for old, new in ((first, -1), (second, first), (-1, second)):
                connection.execute(f"UPDATE {table} SET seq = ? WHERE seq = ?", (new, old))  # noqa: S608

    fault = verify_copy(chain, tmp_path_factory, tamper).fault
    assert fault is not None
    assert fault.seq == first


@given(seq=st.integers(1, LENGTH), to=st.integers(LENGTH + 1, 99))
def test_a_payload_put_where_no_record_is_does_not_pass_for_an_erased_one(
    chain: Path, tmp_path_factory: pytest.TempPathFactory, *, seq: int, to: int
) -> None:
    def tamper(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE audit_payload SET seq = ? WHERE seq = ?", (to, seq))

    verdict = verify_copy(chain, tmp_path_factory, tamper)
    assert verdict == Verdict(LENGTH, 1, Fault(to, "a payload is there without its record"))


@given(erased=st.sets(st.integers(1, LENGTH)))
def test_erased_payloads_leave_the_proof_whole(
    chain: Path, tmp_path_factory: pytest.TempPathFactory, erased: set[int]
) -> None:
    def tamper(connection: sqlite3.Connection) -> None:
        connection.executemany(
            "DELETE FROM audit_payload WHERE seq = ?", [(seq,) for seq in erased]
        )

    told = {"kind": AUDIT_PAYLOADS, "before": clock.to_text(NOW + 1)}
    said = AuditEvent(NOW + 1, ERASED, told, {})
    verdict = verify_copy(chain, tmp_path_factory, tamper, said=said)
    assert verdict == Verdict(LENGTH + 1, len(erased), None)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"kind": "entries", "before": clock.to_text(NOW + 1)},
        {"kind": AUDIT_PAYLOADS, "before": clock.to_text(NOW)},
        {"kind": AUDIT_PAYLOADS, "before": "soon"},
    ],
)
def test_a_personal_part_that_nobody_erased_is_missed(
    chain: Path, tmp_path_factory: pytest.TempPathFactory, told: dict[str, object]
) -> None:
    def tamper(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM audit_payload WHERE seq IN (5, 9)")

    said = AuditEvent(NOW + 1, ERASED, told, {})
    verdict = verify_copy(chain, tmp_path_factory, tamper, said=said)
    assert verdict == Verdict(LENGTH + 1, 2, Fault(5, "its personal part was taken away"))


def test_a_fault_in_a_span_counts_even_where_all_its_records_fit(
    chain: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As where something stands at its last place twice."""
    copy = shutil.copy(chain, tmp_path_factory.mktemp("copy") / chain.name)
    with Database(None, Path(copy).parent) as database:
        checked = [(one, check(database.audit, one)) for one in spans_of(database.audit, 5)]
        checked[0][1].fault = Fault(5, "a record stands at 5")
        with tampering(Path(copy)) as connection:
            connection.execute("UPDATE audit SET header = x'00' WHERE seq = 5")
        found = verify(database.audit, checked=checked).fault
    assert found == Fault(5, "its header, payload digest or hash was changed")


def test_what_the_law_keeps_is_missed_whatever_was_erased(
    chain: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def tamper(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM audit_payload WHERE seq IN (5, 9)")

    told = {"kind": AUDIT_PAYLOADS, "before": "2099-01-01T00:00:00Z"}
    said = AuditEvent(NOW + 1, ERASED, told, {})
    early = verify_copy(chain, tmp_path_factory, tamper, said=said, now=YEARS_LATER - 1)
    assert early == Verdict(LENGTH + 1, 2, Fault(5, "its personal part was taken away"))
    assert verify_copy(chain, tmp_path_factory, tamper, said=said).fault is None


def test_records_cut_off_at_the_end_are_not_seen_from_within(
    chain: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def tamper(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM audit_payload WHERE seq > 5")
        connection.execute("DELETE FROM audit WHERE seq > 5")

    assert verify_copy(chain, tmp_path_factory, tamper) == Verdict(5, 0, None)


CUT_OFF = "have no audit record: records are missing at the end"


@pytest.mark.parametrize("keep", range(6))
def test_records_cut_off_at_the_end_are_seen_by_the_sightings_they_leave_behind(
    tmp_path: Path, maker: Maker, database: Database, keep: int
) -> None:
    newer, older = maker.recording(at=NOW + 9_000_000), maker.recording()
    recorded = [newer, older, *(maker.recording() for _ in range(3))]

    async def story() -> None:
        for recording in recorded:
            await database.recorder.record(recording)
        await database.recorder.audit(event("looked"))

    asyncio.run(story())
    assert verify(database.audit) == Verdict(7, 0, None)  # the first is of the credential
    with tampering(tmp_path / "plate-match.sqlite") as connection:
        connection.execute("DELETE FROM audit_payload WHERE seq > ?", (1 + keep,))
        connection.execute("DELETE FROM audit WHERE seq > ?", (1 + keep,))
    fault = Fault(2 + keep, f"{5 - keep} sightings {CUT_OFF}") if keep < 5 else None
    assert verify(database.audit) == Verdict(1 + keep, 0, fault)


def test_an_audit_that_is_gone_as_a_whole_is_seen(
    tmp_path: Path, maker: Maker, database: Database
) -> None:
    asyncio.run(database.recorder.record(maker.recording()))
    with tampering(tmp_path / "plate-match.sqlite") as connection:
        connection.execute("DELETE FROM audit_payload")
        connection.execute("DELETE FROM audit")
    assert verify(database.audit) == Verdict(0, 0, Fault(1, f"1 sightings {CUT_OFF}"))


def test_a_purged_sighting_breaks_no_proof(
    tmp_path: Path, maker: Maker, database: Database
) -> None:
    first, second = maker.recording(hits=0), maker.recording(hits=0)

    async def story() -> None:
        for recording in (first, second):
            await database.recorder.record(recording)

    asyncio.run(story())
    with tampering(tmp_path / "plate-match.sqlite") as connection:
        connection.execute("DELETE FROM sighting WHERE id = ?", (first.sighting.id,))
    assert verify(database.audit) == Verdict(3, 0, None)


def test_an_empty_chain_is_whole(database: Database) -> None:
    assert verify(database.audit) == Verdict(0, 0, None)
    assert records(database) == 0


def test_progress_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    append(database, 5)
    told: list[int] = []
    monkeypatch.setattr(check_records, "PROGRESS_EVERY", 2)
    assert verify(database.audit, told.append) == Verdict(5, 0, None)
    assert told == [2, 4]
    assert records(database) == 5


def test_a_chain_that_cannot_be_read_is_no_verdict(database: Database) -> None:
    with engine.writing(database._engine) as connection:
        connection.exec_driver_sql("DROP TABLE audit_payload")
    with pytest.raises(StorageUnavailable):
        verify(database.audit)


def test_the_same_event_leaves_another_digest_each_time() -> None:
    first, second = seal(event(read="8XKV41")), seal(event(read="8XKV41"))
    assert first.payload_digest != second.payload_digest


def test_two_processes_append_to_one_chain(tmp_path: Path) -> None:
    with open_database(data=tmp_path) as database:
        command = [sys.executable, "-c", APPENDING, str(tmp_path)]
        others = [subprocess.Popen(command, stderr=subprocess.PIPE, cwd=ROOT) for _ in range(2)]
        errors = [other.communicate()[1].decode() for other in others]
        assert errors == ["", ""]
        assert verify(database.audit) == Verdict(300, 0, None)
        with database.audit.rows() as rows:
            assert isinstance(next(rows), AuditRow)
