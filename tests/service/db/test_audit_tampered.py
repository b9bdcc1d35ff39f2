"""Tamperings with the audit, each on a real file, and each found without a witness.

They are those of the table in docs/audit.md. The plates are synthetic.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

from service.adapters.db import Database
from service.chain import hash_record, seal
from service.records import AuditEvent
from service.usecases.audit import verify
from service.usecases.check_records import AUDIT_PAYLOADS, ERASED, Fault
from tests.service.db.synthetic import NOW, Maker

LENGTH = 9
"""One record of a credential, and eight of sightings."""

File = sqlite3.Connection


class Tampering(NamedTuple):
    """What was done, at which record it shows, and what is said of it."""

    name: str
    do: Callable[[File], object]
    seq: int
    reason: str


CHANGED = "its header, payload digest or hash was changed"
PAYLOAD = "its payload or salt was changed"
PREV = "it does not follow from the record before: prev differs from that record's hash"
UNRECORDED = "sightings have no audit record: records are missing at the end"


def flip(table: str, column: str, seq: int) -> Callable[[File], None]:
    """Change one bit in the middle of a field."""

    def change(file: File) -> None:
        read = f"SELECT {column} FROM {table} WHERE seq = ?"  # noqa: S608 - the names stand below
        (old,) = file.execute(read, (seq,)).fetchone()
        middle = len(old) // 2
        new = old[:middle] + bytes([old[middle] ^ 1]) + old[middle + 1 :]
        file.execute(f"UPDATE {table} SET {column} = ? WHERE seq = ?", (new, seq))  # noqa: S608

    return change


def take_payload(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM audit_payload WHERE seq = 5")


def remove(*seqs: int) -> Callable[[File], None]:
    """Take records out, payload and all."""

    def change(file: File) -> None:
        for table in ("audit_payload", "audit"):
            file.executemany(f"DELETE FROM {table} WHERE seq = ?", [(seq,) for seq in seqs])  # noqa: S608

    return change


def renumber(
    *steps: tuple[int, int], tables: tuple[str, ...] = ("audit_payload", "audit")
) -> Callable[[File], None]:
    """Give records other places, one after the other."""

    def change(file: File) -> None:
        for table in tables:
            for old, new in steps:
                file.execute(f"UPDATE {table} SET seq = ? WHERE seq = ?", (new, old))  # noqa: S608

    return change


def remove_and_close_up(file: File) -> None:
    remove(5)(file)
    renumber(*((seq, seq - 1) for seq in range(6, LENGTH + 1)))(file)


def insert_between(file: File) -> None:
    renumber(*((seq, seq + 1) for seq in range(LENGTH, 4, -1)))(file)
    copy = "SELECT 5, hash, header, payload_digest, hash FROM audit WHERE seq = 4"
    file.execute(f"INSERT INTO audit {copy}")


def copy_to_the_end(file: File) -> None:
    copy = f"SELECT {LENGTH + 1}, prev, header, payload_digest, hash FROM audit WHERE seq = 4"  # noqa: S608 - a number
    file.execute(f"INSERT INTO audit {copy}")


def shift_into_the_salt(file: File) -> None:
    """The digest of both together stays; nothing personal is left to be opened."""
    file.execute(
        "UPDATE audit_payload SET salt = CAST(salt || payload AS BLOB), payload = x'' WHERE seq = 5"
    )


def take_payload_and_say_it_was_due(file: File) -> None:
    """What the service itself puts on record, its end a moment that no clock has seen."""
    take_payload(file)
    prev = file.execute("SELECT hash FROM audit WHERE seq = ?", (LENGTH,)).fetchone()[0]
    told = {"kind": AUDIT_PAYLOADS, "before": "2099-01-01T00:00:00Z", "erased": 1}
    one, seq = seal(AuditEvent(NOW, ERASED, told, {})), LENGTH + 1
    own = hash_record(seq, prev, payload_digest=one.payload_digest, header=one.header)
    row = (seq, prev, one.header, one.payload_digest, own)
    file.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?)", row)
    file.execute("INSERT INTO audit_payload VALUES (?, ?, ?)", (seq, one.salt, one.payload))


def rewrite_with_its_digest(file: File) -> None:
    salt, payload = bytes(16), b'{"reads":["12-AB-34"]}'
    digest = sha256(salt + payload).digest()
    file.execute("UPDATE audit SET payload_digest = ? WHERE seq = 5", (digest,))
    write = "UPDATE audit_payload SET salt = ?, payload = ? WHERE seq = 5"
    file.execute(write, (salt, payload))


def rewrite_with_its_hash(file: File) -> None:
    read = "SELECT prev, payload_digest FROM audit WHERE seq = 5"
    prev, digest = file.execute(read).fetchone()
    header = b'{"action":"tried"}'
    own = sha256((5).to_bytes(8, "big") + prev + digest + header).digest()
    file.execute("UPDATE audit SET header = ?, hash = ? WHERE seq = 5", (header, own))


TAMPERINGS = (
    Tampering("a header is changed", flip("audit", "header", 5), 5, CHANGED),
    Tampering("a payload is changed", flip("audit_payload", "payload", 5), 5, PAYLOAD),
    Tampering("a salt is changed", flip("audit_payload", "salt", 5), 5, PAYLOAD),
    Tampering("a payload digest is changed", flip("audit", "payload_digest", 5), 5, CHANGED),
    Tampering("a hash is changed", flip("audit", "hash", 5), 5, CHANGED),
    Tampering("the hash of the record before is changed", flip("audit", "prev", 5), 5, PREV),
    Tampering(
        "a payload is replaced, with its salt and digest", rewrite_with_its_digest, 5, CHANGED
    ),
    Tampering("a header is replaced, with its hash", rewrite_with_its_hash, 6, PREV),
    Tampering(
        "the first record is removed", remove(1), 1, "record 1 is missing; the next one there is 2"
    ),
    Tampering("a record is removed", remove(5), 5, "record 5 is missing; the next one there is 6"),
    Tampering("a record is removed, the others close up", remove_and_close_up, 5, PREV),
    Tampering("two records change places", renumber((4, -1), (5, 4), (-1, 5)), 4, PREV),
    Tampering(
        "two payloads change places",
        renumber((4, -1), (5, 4), (-1, 5), tables=("audit_payload",)),
        4,
        PAYLOAD,
    ),
    Tampering("a record is copied to the end", copy_to_the_end, LENGTH + 1, PREV),
    Tampering("a record is put between", insert_between, 5, CHANGED),
    Tampering("a payload is taken away", take_payload, 5, "its personal part was taken away"),
    Tampering("a payload is moved into its salt", shift_into_the_salt, 5, PAYLOAD),
    Tampering(
        "a payload is taken away, and put on record as erased",
        take_payload_and_say_it_was_due,
        5,
        "its personal part was taken away",
    ),
    Tampering(
        "a payload is put where no record is",
        renumber((5, 99), tables=("audit_payload",)),
        99,
        "a payload is there without its record",
    ),
    Tampering(
        "the last record, that of a sighting, is cut off",
        remove(LENGTH),
        LENGTH,
        f"1 {UNRECORDED}",
    ),
    Tampering(
        "all records are removed, the sightings stay",
        remove(*range(1, LENGTH + 1)),
        1,
        f"8 {UNRECORDED}",
    ),
)


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda one: one.name)
def test_what_was_tampered_with_is_found_at_its_record(
    database: Database, maker: Maker, tmp_path: Path, tampering: Tampering
) -> None:
    async def record() -> None:
        for _ in range(LENGTH - 1):
            await database.recorder.record(maker.recording())

    asyncio.run(record())
    assert verify(database.audit).fault is None
    with closing(sqlite3.connect(tmp_path / "plate-match.sqlite")) as file, file:
        tampering.do(file)
    assert verify(database.audit).fault == Fault(tampering.seq, tampering.reason)


def test_they_are_those_of_the_table_in_the_documents() -> None:
    page = (Path(__file__).parents[3] / "docs" / "audit.md").read_text(encoding="utf-8")
    table = page.partition("| done to the file |")[2].partition("\n\n")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")]
    assert [name.removeprefix("| ") for name, *_ in rows] == [one.name for one in TAMPERINGS]
