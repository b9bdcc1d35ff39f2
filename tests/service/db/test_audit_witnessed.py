"""What the operator itself rewrote is seen by what a witness was told."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import clock
from service.adapters.db import Database, open_database
from service.adapters.witness_folder import WitnessFolder, heads_of
from service.chain import GENESIS, hash_record, seal
from service.ports import StorageUnavailable
from service.records import Head
from service.usecases.audit import Verdict, verify
from service.usecases.check_records import Fault
from service.usecases.tell_witness import TellWitness
from tests.service.db.synthetic import NOW, event

LENGTH = 12
TOLD = (4, 9)
"""The records at which the witness was told."""

Row = tuple[bytes, bytes, bytes, bytes]
"""Header, payload digest, salt and payload of a record."""


@dataclass(frozen=True)
class Chain:
    """A database file with a chain, and what a witness was told of it."""

    file: Path
    heads: tuple[Head, ...]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    folder = tmp_path_factory.mktemp("chain")
    heads = []
    database = open_database(data=folder)
    for number in range(1, LENGTH + 1):
        database.audit.add(event(number=number))
        head = database.audit.head()
        if number in TOLD and head is not None:
            heads.append(head)
    asyncio.run(database.close())
    return Chain(folder / "plate-match.sqlite", tuple(heads))


def written_anew(file: Path, change: Callable[[list[Row]], list[Row]]) -> None:
    """Change the records as an operator would: every hash fits afterwards."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(
            "SELECT header, payload_digest, salt, payload FROM audit JOIN audit_payload USING (seq)"
        ).fetchall()
        connection.execute("DELETE FROM audit_payload")
        connection.execute("DELETE FROM audit")
        prev = GENESIS
        for seq, (header, digest, salt, payload) in enumerate(change(rows), start=1):
            hash_ = hash_record(seq, prev, payload_digest=digest, header=header)
            connection.execute(
                "INSERT INTO audit (seq, prev, header, payload_digest, hash) VALUES (?,?,?,?,?)",
                (seq, prev, header, digest, hash_),
            )
            connection.execute("INSERT INTO audit_payload VALUES (?,?,?)", (seq, salt, payload))
            prev = hash_
        connection.commit()


def forged(number: int) -> Row:
    sealed = seal(replace(event(number=number), action="nothing-to-see"))
    return sealed.header, sealed.payload_digest, sealed.salt, sealed.payload


def verdicts(chain: Chain, folder: Path, change: Callable[[list[Row]], list[Row]]) -> list[Verdict]:
    """Return what is found without the witness, and with it."""
    file = folder / chain.file.name
    shutil.copy(chain.file, file)
    written_anew(file, change)
    with Database(None, folder) as database:
        return [verify(database.audit, heads=heads) for heads in ((), chain.heads)]


AT = st.integers(0, TOLD[-1] - 1)


@given(at=AT)
def test_a_record_that_was_changed(
    chain: Chain, tmp_path_factory: pytest.TempPathFactory, at: int
) -> None:
    unseen, seen = verdicts(
        chain,
        tmp_path_factory.mktemp("copy"),
        lambda rows: [*rows[:at], forged(at), *rows[at + 1 :]],
    )
    assert unseen == Verdict(LENGTH, 0, None)
    assert seen.fault == rewritten(at)


@given(at=AT)
def test_a_record_that_was_taken_out(
    chain: Chain, tmp_path_factory: pytest.TempPathFactory, at: int
) -> None:
    unseen, seen = verdicts(
        chain, tmp_path_factory.mktemp("copy"), lambda rows: [*rows[:at], *rows[at + 1 :]]
    )
    assert unseen == Verdict(LENGTH - 1, 0, None)
    assert seen.fault == rewritten(at)


@given(at=AT.filter(bool))
def test_records_that_changed_places(
    chain: Chain, tmp_path_factory: pytest.TempPathFactory, at: int
) -> None:
    unseen, seen = verdicts(
        chain,
        tmp_path_factory.mktemp("copy"),
        lambda rows: [*rows[: at - 1], rows[at], rows[at - 1], *rows[at + 1 :]],
    )
    assert unseen == Verdict(LENGTH, 0, None)
    assert seen.fault == rewritten(at - 1)


@given(left=st.integers(0, TOLD[-1] - 1))
def test_an_end_that_was_cut_off(
    chain: Chain, tmp_path_factory: pytest.TempPathFactory, left: int
) -> None:
    unseen, seen = verdicts(chain, tmp_path_factory.mktemp("copy"), lambda rows: rows[:left])
    assert unseen == Verdict(left, 0, None)
    cut = f"the witness was told of record {TOLD[-1]}: the end was cut off"
    assert seen == Verdict(left, 0, Fault(left + 1, cut))


@given(length=st.integers(TOLD[0], 2 * LENGTH))
def test_a_chain_that_was_built_anew(
    chain: Chain, tmp_path_factory: pytest.TempPathFactory, length: int
) -> None:
    unseen, seen = verdicts(
        chain, tmp_path_factory.mktemp("copy"), lambda _: list(map(forged, range(length)))
    )
    assert unseen == Verdict(length, 0, None)
    assert seen.fault == rewritten(0)


def test_what_the_witness_was_not_told_of_yet_is_not_seen(
    chain: Chain, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _, seen = verdicts(
        chain, tmp_path_factory.mktemp("copy"), lambda rows: [*rows[: TOLD[-1]], forged(1)]
    )
    assert seen == Verdict(TOLD[-1] + 1, 0, None)


def rewritten(at: int) -> Fault:
    """Return what is said of a chain where something was written anew behind so many records."""
    told = next(one for one in TOLD if one > at)
    before = max((one for one in TOLD if one <= at), default=0)
    reason = (
        "the witness was told another hash of it: some of the records after "
        f"{before} were written anew"
    )
    return Fault(told, reason)


def test_a_folder_keeps_every_head_it_was_told(tmp_path: Path) -> None:
    witness = WitnessFolder(tmp_path)
    heads = [Head(3, bytes(32)), Head(3, bytes(32)), Head(7, b"\1" * 32)]
    for step, head in enumerate(heads):
        witness.tell(head, NOW + step)
    assert heads_of(tmp_path) == (heads, [])
    with pytest.raises(StorageUnavailable, match="cannot be told: File exists"):
        witness.tell(heads[0], NOW)
    lines = tmp_path / "all"
    lines.write_text("".join(path.read_text() for path in sorted(tmp_path.glob("*.json"))))
    assert heads_of(lines) == (heads, [])
    told = json.loads(lines.read_text().splitlines()[0])
    assert told == {"seq": 3, "hash": "00" * 32, "toldAt": clock.to_text(NOW)}


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="cannot be told: No such file"):
        WitnessFolder(tmp_path / "unmounted").tell(Head(1, bytes(32)), NOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "line",
    [
        b"x",
        b"{}",
        b"[]",
        b"\xff",
        b'{"seq": 12, "ha',
        b'{"seq": 0, "hash": ""}',
        b'{"seq": true, "hash": "00"}',
        b'{"seq": 1, "hash": "zz"}',
        b"[" * 100_000,
    ],
    ids=range(9),
)
def test_what_is_no_head_is_named_and_hides_no_other(tmp_path: Path, line: bytes) -> None:
    WitnessFolder(tmp_path).tell(Head(3, bytes(32)), NOW)
    (tmp_path / "one.json").write_bytes(b"\n" + line + b"\n")
    (tmp_path / "lost+found").mkdir()
    assert heads_of(tmp_path) == ([Head(3, bytes(32))], ["one.json, line 2"])


def test_a_clock_that_was_set_ahead_does_not_silence_the_witness() -> None:
    told, passed = Mock(), iter(range(0, 36_000, 1_800))
    wall = iter([NOW, *(NOW - 9 * clock.DAY + step for step in range(99))])
    telling = TellWitness(
        trail=Mock(**{"head.return_value": Head(1, bytes(32))}),
        witness=told,
        metrics=Mock(),
        pause=timedelta(minutes=60),
        now=lambda: next(wall),
        passed=lambda: next(passed),
    )
    for _ in range(9):
        telling.look()
    assert told.tell.call_count >= 3
