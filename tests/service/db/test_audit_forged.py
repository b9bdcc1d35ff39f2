"""Whoever can write to the file and knows the arithmetic still leaves a trace.

The arithmetic stands here a second time, so that a change of the first one shows.
"""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from service.adapters.db import Database
from service.chain import seal
from service.records import AuditEvent
from service.usecases.audit import Verdict, verify
from service.usecases.check_records import Fault
from tests.service.db.synthetic import NOW, event

LENGTH = 4


@contextmanager
def forging(file: Path) -> Iterator[sqlite3.Connection]:
    """The file as somebody sees it who may write to it."""
    with closing(sqlite3.connect(file)) as connection, connection:
        yield connection


@pytest.fixture
def file(database: Database, tmp_path: Path) -> Path:
    """The database file of a chain of LENGTH records."""

    async def append() -> None:
        for number in range(1, LENGTH + 1):
            await database.recorder.audit(event(number=number))

    asyncio.run(append())
    assert verify(database.audit) == Verdict(LENGTH, 0, None)
    return tmp_path / "plate-match.sqlite"


@pytest.mark.parametrize("seq", range(1, LENGTH + 1))
def test_a_payload_replaced_with_its_salt_and_digest_is_found(
    database: Database, file: Path, seq: int
) -> None:
    salt, payload = bytes(16), b'{"read":"another"}'
    digest = sha256(salt + payload).digest()
    with forging(file) as connection:
        connection.execute("UPDATE audit SET payload_digest = ? WHERE seq = ?", (digest, seq))
        connection.execute(
            "UPDATE audit_payload SET salt = ?, payload = ? WHERE seq = ?", (salt, payload, seq)
        )
    fault = Fault(seq, "its header, payload digest or hash was changed")
    assert verify(database.audit) == Verdict(seq - 1, 0, fault)


@pytest.mark.parametrize("seq", range(1, LENGTH))
def test_a_header_rewritten_with_its_own_hash_is_found_at_the_next_record(
    database: Database, file: Path, seq: int
) -> None:
    header = b'{"action":"another"}'
    with forging(file) as connection:
        read = "SELECT prev, payload_digest FROM audit WHERE seq = ?"
        prev, digest = connection.execute(read, (seq,)).fetchone()
        own = sha256(seq.to_bytes(8, "big") + prev + digest + header).digest()
        write = "UPDATE audit SET header = ?, hash = ? WHERE seq = ?"
        connection.execute(write, (header, own, seq))
    verdict = verify(database.audit)
    assert verdict.records == seq
    assert verdict.fault is not None
    assert verdict.fault.seq == seq + 1
    assert "does not follow from the record before" in verdict.fault.reason


def test_a_header_that_brings_a_time_and_an_action_overrides_neither() -> None:
    sealed = seal(AuditEvent(NOW, "looked", {"at": 1, "action": "nothing", "subject": "s"}, {}))
    assert json.loads(sealed.header) == {"at": NOW, "action": "looked", "subject": "s"}


def test_a_salt_is_too_long_to_be_guessed() -> None:
    assert len(seal(event()).salt) >= 16
