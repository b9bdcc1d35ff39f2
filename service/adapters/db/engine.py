"""URL -> Engine: how the database is opened, and the two kinds of transaction.

The driver begins nothing by itself (`AUTOCOMMIT`); a transaction is what is written here, so
that a writer takes the lock at its first statement and never finds itself outdated at its second.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.pool import ConnectionPoolEntry

from service.adapters.db.place import database_file
from service.adapters.private import private_folder
from service.ports import RecordingRefused, StorageUnavailable

BUSY_MILLISECONDS = 30_000
"""How long a writer in a thread or a command waits for the lock of another process."""

_REFUSALS = (
    IntegrityError,
    DataError,
    InterfaceError,
    ProgrammingError,
    OverflowError,
    UnicodeError,
)
"""What is raised because of the values; anything else is the database's own trouble."""

_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is erased is not left lying in the file
)


def create(url: str | None, data: Path) -> Engine:
    """Make the engine of a database; None stands for `plate-match.sqlite` in the data folder.

    Nothing is connected yet, but folder and file are made, for nobody else to read.

    Raises:
        CannotStart: see `database_file`.
    """
    file = database_file(url, data)
    private_folder(data)
    _make_private(file)
    place = URL.create("sqlite", database=str(file))
    engine = create_engine(
        place, isolation_level="AUTOCOMMIT", hide_parameters=True, pool_size=8, max_overflow=8
    )
    event.listen(engine, "connect", _set_pragmas)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that sees one moment of the database, and writes nothing.

    Raises:
        StorageUnavailable: the database cannot be read now.
    """
    with storage_errors(), engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that holds the writer's lock; committed at the end, or nothing is.

    Waits for the lock, so it belongs in a command or a thread. Keep it short.

    Raises:
        RecordingRefused: a constraint of the tables is broken.
        StorageUnavailable: the database cannot be written now.
    """
    with storage_errors(), engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        connection.commit()


@contextmanager
def sound(what: str) -> Iterator[None]:
    """Tell rows that were tampered with; `what` says which, for people.

    Raises:
        StorageUnavailable: a row holds something else than it can have been given.
    """
    try:
        yield
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
        raise StorageUnavailable(f"the database is damaged: {what}") from None


@contextmanager
def storage_errors() -> Iterator[None]:
    """Translate what the driver raises; parameters, which may hold plates, are never shown."""
    try:
        yield
    except _REFUSALS as error:
        raise RecordingRefused(
            f"the database refuses what was to be recorded: {_cause(error)}"
        ) from error
    except SQLAlchemyError as error:
        raise StorageUnavailable(f"the database is not available: {_cause(error)}") from error


def _cause(error: Exception) -> str:
    told = str(error.orig) if isinstance(error, DBAPIError) else type(error).__name__
    # The driver tells the whole of a text that is none, and so whatever was typed or shown.
    return "a text is no UTF-8" if told.startswith("Could not decode") else told


def _make_private(file: Path) -> None:
    """Make the file before SQLite would, with the rights that its journals take over."""
    with suppress(OSError):  # told by who connects
        file.touch(mode=0o600, exist_ok=False)


def _set_pragmas(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)
