"""Whatever the rows of the database hold: commands of the audit say so in one line.

Rows are changed as somebody does who dropped every constraint. All plates are synthetic.
"""

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from service.adapters.db import open_database
from service.cli.app import run
from service.records import SIGHTING_REPORTED, AuditEvent, Role
from service.usecases.credentials import issue
from service.usecases.judge_act import Opinion, judge
from tests.service.folk import write_key
from tests.service.loose import COLUMNS, LOOSE

OCTOBER, NOVEMBER = 1_790_812_800_000_000, 1_793_491_200_000_000
NAME = "plate-match.sqlite"
ASKED = ("--by", "A. Uditor", "--reason", "a check")
HEADER = {"credential": "0000000000001", "organisation": "Synthetic Security", "role": "guard"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an audit of October, in tables without a constraint, and a key."""
    folder = tmp_path_factory.mktemp("whole")
    with open_database(data=folder) as database:
        for number in range(9):
            person = {"person": f"G. {number % 3}"}
            told = {**person, "reads": ["8-XKV-41"], "shown": [{"plate": "8XKV41"}]}
            header = {**HEADER, "subject": "0000000000001"}
            database.audit.add(AuditEvent(OCTOBER + number, SIGHTING_REPORTED, header, told))
        _, key = issue(
            database.credentials, Role.AUDITOR, "Synthetic Police", person="A. K.", now=NOVEMBER
        )
        auditor = database.credentials.identify(key)
        assert auditor is not None
        opinion = Opinion(seq=1, lawful=True, by="A. Uditor", reason="a check")
        judge(database.audit, auditor, opinion, now=NOVEMBER)
    write_key(folder / "auditor.key", key)
    with closing(sqlite3.connect(folder / NAME)) as file:
        file.execute("PRAGMA foreign_keys = OFF")
        file.execute("PRAGMA legacy_alter_table = ON")
        file.executescript(LOOSE)
        file.execute("PRAGMA journal_mode = DELETE")
    said(folder, *COMMANDS[4])
    return folder


COMMANDS: Sequence[tuple[str, ...]] = (
    ("audit", "verify"),
    ("audit", "head"),
    ("audit", "export", *ASKED, "--plate", "8XKV41", "--person", "G. 1"),
    ("audit", "export", *ASKED, "--csv"),
    ("audit", "review", "--month", "2026-10", "--word", "w"),
    ("audit", "review", "--month", "2026-10", "--json"),
    ("subject", "8XKV41", *ASKED),
    ("subject", "8XKV41", *ASKED, "--json"),
)


def said(folder: Path, *words: str) -> tuple[int, str, str]:
    """What a command says: its exit code, and both streams."""
    out, err = StringIO(), StringIO()
    key = ("--key-file", str(folder / "auditor.key")) if words[1] not in {"verify", "head"} else ()
    asked = ["plate-match", *words, *key, "--data", str(folder)]
    with patch("sys.argv", asked), redirect_stdout(out), redirect_stderr(err):
        code = run()
    return code, out.getvalue(), err.getvalue()


TEXTS = ["", "\0", "\x1b[2J", "8XKV41", "audit-judged", "audit-reviewed", "2026-10", "erased"]
ANY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(TEXTS),
    st.text(max_size=5),
    st.lists(st.integers(0, 3), max_size=2),
    st.dictionaries(st.sampled_from(["a", "plate"]), st.text(max_size=3), max_size=1),
)
WHO = ["credential", "organisation", "role", "purpose", "person", "by", "name", "subject"]
WHAT = ["at", "action", "judged", "lawful", "month", "seed", "head", "reads", "shown", "word"]
NAMES = st.sampled_from([*WHO, *WHAT])
DOCUMENTS = st.dictionaries(NAMES, ANY).map(
    lambda told: orjson.dumps({"at": OCTOBER + 5, "action": SIGHTING_REPORTED, **told})
)
DEEP = [b'{"at":1,"action":"a","b":' + b"[" * depth + b"]" * depth + b"}" for depth in (250, 900)]
VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-2, 15),
    st.floats(allow_nan=False),
    st.text(max_size=9),
    st.text(max_size=9).map(lambda text: f"{text}\0"),
    st.binary(max_size=40),
    st.binary(min_size=32, max_size=32),
    st.sampled_from([b"{", b"[]", b"null", b'{"at":1}', b'{"at":1e400,"action":"a"}', *DEEP]),
    DOCUMENTS,
    DOCUMENTS,
    DOCUMENTS,
)
PLACES = st.sampled_from([(table, one) for table, names in COLUMNS.items() for one in names])


@pytest.mark.parametrize("value", ["x" * 32, b"", bytes(31), bytes(33), None, 7, 1.5])
def test_a_head_that_is_no_hash_is_handed_to_nobody_and_linked_to_by_nothing(
    whole: Path, tmp_path: Path, value: object
) -> None:
    for name in (NAME, "auditor.key"):
        shutil.copy(whole / name, tmp_path)
    with closing(sqlite3.connect(tmp_path / NAME)) as file, file:
        (last,) = file.execute("SELECT max(seq) FROM audit").fetchone()
        file.execute("UPDATE audit SET hash = ? WHERE seq = ?", (value, last))
    for words in COMMANDS[1:]:
        code, out, err = said(tmp_path, *words)
        assert (code, out) == (1, "")
        assert err.splitlines()[-1].startswith("plate-match: ")
        assert f"record {last} of the audit is damaged" in err
    assert f"broken at record {last}: " in said(tmp_path, *COMMANDS[0])[2]


@given(
    place=PLACES | st.sampled_from([("audit", "header"), ("audit_payload", "payload")]),
    seq=st.integers(1, 12),
    value=VALUES,
    words=st.sampled_from(COMMANDS),
)
@example(place=("audit", "seq"), seq=4, value=-1, words=COMMANDS[4])
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_value_in_any_field_ends_no_command_in_a_traceback(
    whole: Path,
    tmp_path_factory: pytest.TempPathFactory,
    *,
    place: tuple[str, str],
    seq: int,
    value: object,
    words: tuple[str, ...],
) -> None:
    table, column = place
    folder = tmp_path_factory.mktemp("tampered")
    for name in (NAME, "auditor.key"):
        shutil.copy(whole / name, folder)
    with closing(sqlite3.connect(folder / NAME)) as file, file:
        change = f"UPDATE {table} SET {column} = ? WHERE seq = ?"  # noqa: S608 - the names stand above
        file.execute(change, (value, seq))
    code, _, err = said(folder, *words)
    shutil.rmtree(folder)
    assert code in {0, 1, 2}
    if code:
        last = err.splitlines()[-1]
        assert last.startswith("plate-match: ")
        assert "record" in last or "--word" in last
