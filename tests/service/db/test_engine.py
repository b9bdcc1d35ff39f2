import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from service.adapters.db import Database, engine, open_database
from service.adapters.db.caller_tables import ORGANISATION
from service.errors import CannotStart
from service.ports import RecordingRefused, StorageUnavailable

NAMES = select(ORGANISATION.c.name)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:hidden-word@127.0.0.1/plates",
        "sqlite+aiosqlite:///file.sqlite",
        "sqlite://",
        "sqlite:///:memory:",
        "hidden-word",
    ],
)
def test_what_is_no_sqlite_file_is_refused_without_repeating_the_url(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(CannotStart, match="sqlite:///PATH") as refused:
        open_database(url=url, data=tmp_path)
    assert "hidden-word" not in str(refused.value)


def test_a_url_names_the_file_and_the_data_folder_is_made(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.sqlite"
    with open_database(url=f"sqlite:///{file}", data=tmp_path / "new" / "data"):
        assert file.exists()
    assert list((tmp_path / "new" / "data").iterdir()) == []


def test_what_is_made_is_for_its_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with open_database(data=data) as opened, engine.reading(opened._engine):
        rights = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (data, *data.iterdir())}
    names = ("plate-match.sqlite", "plate-match.sqlite-shm", "plate-match.sqlite-wal")
    assert rights == {"data": 0o700, **dict.fromkeys(names, 0o600)}


def test_rights_of_what_is_there_are_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "plate-match.sqlite"
    tmp_path.chmod(0o755)
    file.touch(mode=0o640)
    file.chmod(0o640)
    open_database(data=tmp_path).__exit__(None, None, None)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path, file)] == [0o755, 0o640]


def test_a_url_into_a_folder_that_is_not_there_is_not_available(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="unable to open"):
        open_database(url=f"sqlite:///{tmp_path}/none/x.sqlite", data=tmp_path)


def test_a_file_that_is_no_database_is_not_available(tmp_path: Path) -> None:
    (tmp_path / "plate-match.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(StorageUnavailable, match="not a database"):
        open_database(data=tmp_path)


@pytest.mark.parametrize(
    ("pragma", "expected"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]
)
def test_every_connection_is_durable_and_keeps_foreign_keys(
    pragma: str, expected: object, database: Database
) -> None:
    with database._engine.connect() as first, database._engine.connect() as second:
        for connection in (first, second):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == expected


def test_a_read_sees_one_moment(database: Database) -> None:
    with engine.reading(database._engine) as before:
        assert before.execute(NAMES).all() == []
        with engine.writing(database._engine) as other:
            other.execute(insert(ORGANISATION).values(name="Synthetic"))
        assert before.execute(NAMES).all() == []
    with engine.reading(database._engine) as after:
        assert after.execute(NAMES).scalars().all() == ["Synthetic"]


def write_and_fail(database: Database) -> None:
    with engine.writing(database._engine) as connection:
        connection.execute(insert(ORGANISATION).values(name="Synthetic"))
        raise KeyError


def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(KeyError):
        write_and_fail(database)
    with engine.reading(database._engine) as connection:
        assert connection.execute(NAMES).all() == []


def test_what_is_refused_is_told_without_its_values(database: Database) -> None:
    with engine.writing(database._engine) as connection:
        connection.execute(insert(ORGANISATION).values(name="hidden-word"))
    with (
        pytest.raises(RecordingRefused, match="UNIQUE constraint failed") as refused,
        engine.writing(database._engine) as connection,
    ):
        connection.execute(insert(ORGANISATION).values(name="hidden-word"))
    assert "hidden-word" not in f"{refused.value} {refused.value.__cause__}"


@pytest.mark.usefixtures("database")
def test_a_lock_that_is_not_let_go_is_not_available(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = sqlite3.connect(tmp_path / "plate-match.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(engine, "_PRAGMAS", ("PRAGMA busy_timeout = 10",))
    with (
        open_database(data=tmp_path) as hurried,
        pytest.raises(StorageUnavailable, match="locked"),
        engine.writing(hurried._engine),
    ):
        pass
    holder.close()
