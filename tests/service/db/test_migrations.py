import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, event

from service.adapters.db import Database, engine, open_database
from service.adapters.db.tables import METADATA
from service.errors import CannotStart
from tests.service.db.synthetic import FIRM, issue

ROOT = Path(__file__).parents[3]

START = "import sys, pathlib; from service.adapters.db import open_database; "
START += "open_database(data=pathlib.Path(sys.argv[1])).__exit__(None, None, None)"


def definitions(file: Path) -> set[str]:
    """Every table and index as the database itself tells it, whatever the order of its parts."""
    with sqlite3.connect(file) as connection:
        rows = connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'"
        ).fetchall()
    connection.close()
    return {" ".join(sorted(sql.replace(",", " ").split())) for (sql,) in rows}


def test_migrations_from_nothing_give_exactly_the_tables(database: Database) -> None:
    with engine.reading(database._engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


@pytest.mark.usefixtures("database")
def test_migrations_give_what_the_tables_say_down_to_every_option(tmp_path: Path) -> None:
    directly = create_engine(f"sqlite:///{tmp_path / 'directly.sqlite'}")
    METADATA.create_all(directly)
    directly.dispose()
    migrated = definitions(tmp_path / "plate-match.sqlite")
    assert migrated == definitions(tmp_path / "directly.sqlite")
    assert len(migrated) > 15


def test_a_database_that_is_up_to_date_is_opened_as_it_is(tmp_path: Path) -> None:
    with open_database(data=tmp_path) as first:
        issued = issue(first)
    with open_database(data=tmp_path) as second:
        assert second.credentials.all() == [issued]


def test_an_up_to_date_database_is_opened_while_another_holds_the_writers_lock(
    database: Database, tmp_path: Path
) -> None:
    with engine.writing(database._engine), open_database(data=tmp_path) as second:
        assert second.credentials.all() == []


def test_a_database_of_a_newer_version_is_refused(database: Database, tmp_path: Path) -> None:
    with engine.writing(database._engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CannotStart, match="revision 9999, which this version of plate-match"):
        open_database(data=tmp_path)


def test_a_migration_that_fails_leaves_no_table_behind(tmp_path: Path) -> None:
    database = Database(None, tmp_path)

    @event.listens_for(database._engine, "before_cursor_execute", retval=True)
    def _fail(*call: object) -> tuple[str, object]:
        statement = str(call[2])
        return ("broken" if "TABLE audit_payload" in statement else statement), call[3]

    with database, pytest.raises(Exception, match="syntax error"):
        database.migrate()
    assert definitions(tmp_path / "plate-match.sqlite") == set()


def test_many_processes_may_start_on_nothing_at_once(tmp_path: Path) -> None:
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", START, str(tmp_path)], stderr=subprocess.PIPE, cwd=ROOT
        )
        for _ in range(4)
    ]
    errors = [start.communicate()[1].decode() for start in starts]
    assert [start.returncode for start in starts] == [0, 0, 0, 0], errors
    with open_database(data=tmp_path) as database:
        assert issue(database).organisation == FIRM
