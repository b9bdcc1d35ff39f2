"""Whatever the rows or the file of the audit hold: one line names the first bad record.

Rows are changed as somebody does who dropped every constraint; the file as a disk does.
"""

import asyncio
import shutil
import sqlite3
from contextlib import closing, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.db import open_database
from service.cli.app import run
from tests.service.db.synthetic import Maker, issue
from tests.service.loose import COLUMNS, LOOSE

LENGTH = 8
NAME = "plate-match.sqlite"
Row = list[tuple[type, object]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an audit of LENGTH records, in tables without a constraint."""
    folder = tmp_path_factory.mktemp("whole")
    database = open_database(data=folder)
    maker = Maker(issue(database))

    async def record() -> None:
        for _ in range(LENGTH - 1):
            await database.recorder.record(maker.recording())
        await database.close()

    asyncio.run(record())
    with closing(sqlite3.connect(folder / NAME)) as file:
        file.execute("PRAGMA foreign_keys = OFF")
        file.execute("PRAGMA legacy_alter_table = ON")
        file.executescript(LOOSE)
        file.execute("PRAGMA journal_mode = DELETE")
    return folder


def verified(folder: Path) -> tuple[int, str, str]:
    """What `plate-match audit verify` says: its exit code, and both streams."""
    out, err = StringIO(), StringIO()
    asked = ["plate-match", "audit", "verify", "--data", str(folder)]
    with patch("sys.argv", asked), redirect_stdout(out), redirect_stderr(err):
        code = run()
    return code, out.getvalue(), err.getvalue()


VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-2, LENGTH + 2),
    st.floats(allow_nan=False),
    st.integers(0, LENGTH).map(float),
    st.text(max_size=9).filter(lambda text: "\0" not in text),
    st.binary(max_size=40),
    st.just(bytes(3_000_000)),
    st.sampled_from([b"{", b"[]", b"null", b'{"at":1}', b'{"action":"sighting-reported"}']),
)

PLACES = st.sampled_from([(table, one) for table, names in COLUMNS.items() for one in names])


READ = (
    "SELECT audit.*, salt, payload FROM audit LEFT JOIN audit_payload"
    " ON audit_payload.seq = audit.seq ORDER BY audit.seq"
)


def rows_of(folder: Path) -> list[Row]:
    """Every record with its payload, in order, as it is in the file, types told apart."""
    with closing(sqlite3.connect(folder / NAME)) as file:
        return [[(type(one), one) for one in row] for row in file.execute(READ)]


def first_spoilt(whole: Path, folder: Path) -> int | None:
    """Return the place of the first record that is not as it was written, None if all are."""
    before, after = rows_of(whole), rows_of(folder)
    for number, (old, new) in enumerate(zip(before, after, strict=False), start=1):
        if old != new:
            _, place = new[0]
            return place if isinstance(place, int) and place in range(1, number) else number
    return None if len(before) == len(after) else len(before) + 1


@given(place=PLACES, seq=st.integers(1, LENGTH), value=VALUES)
def test_any_value_in_any_field_is_named_by_the_first_record_it_spoils(
    whole: Path,
    tmp_path_factory: pytest.TempPathFactory,
    *,
    place: tuple[str, str],
    seq: int,
    value: object,
) -> None:
    table, column = place
    folder = tmp_path_factory.mktemp("fuzzed")
    shutil.copy(whole / NAME, folder)
    with closing(sqlite3.connect(folder / NAME)) as file, file:
        file.execute(f"UPDATE {table} SET {column} = ? WHERE seq = ?", (value, seq))  # noqa: S608 - the names stand above
    first = first_spoilt(whole, folder)
    if first is None:
        assert verified(folder)[0] == 0
    else:
        if table == "audit_payload" and column == "seq":
            first = misplaced(value)
        code, _, err = verified(folder)
        assert (code, err.count("\n")) == (1, 1)
        assert f"broken at record {first}: " in err
    shutil.rmtree(folder)


@pytest.mark.parametrize(("table", "column"), [(t, one) for t in COLUMNS for one in COLUMNS[t]])
def test_text_that_is_none_is_named_by_its_record_and_not_told(
    whole: Path, tmp_path: Path, *, table: str, column: str
) -> None:
    shutil.copy(whole / NAME, tmp_path)
    with closing(sqlite3.connect(tmp_path / NAME)) as file, file:
        wrong = f"UPDATE {table} SET {column} = CAST(x'ff' || 'SYN' AS TEXT) WHERE seq = 5"  # noqa: S608
        file.execute(wrong)
    code, _, err = verified(tmp_path)
    named = 0 if (table, column) == ("audit_payload", "seq") else 5
    assert (code, f"broken at record {named}: " in err, "SYN" in err) == (1, True, False)


def misplaced(place: object) -> int:
    """Return the record named for a payload that was moved: where it came to, if to a place.

    That the place it came from has none is no proof: it may have been erased.
    """
    if isinstance(place, int | float) and place in range(1, LENGTH + 1):
        return int(place)
    return place if isinstance(place, int) else 0


@given(data=st.data())
def test_a_damaged_file_is_said_to_be_that_or_its_first_bad_record_is_named(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    content = bytearray((whole / NAME).read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=20)):
        content[at] ^= data.draw(st.integers(1, 255))
    end = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))
    (folder / NAME).write_bytes(content[:end])
    code, out, err = verified(folder)
    assert code in {0, 1}
    if code == 1:
        assert err.startswith("plate-match: ")
        assert len(err.strip().splitlines()) == 1
    elif f"{LENGTH:,} records" in out:
        assert rows_of(folder) == rows_of(whole)
    shutil.rmtree(folder)
