"""The only door to the database: everything behind `service.ports` that is kept in tables."""

from pathlib import Path

from service.adapters.db.database import Database
from service.adapters.db.place import BESIDE, database_file

__all__ = ["BESIDE", "Database", "database_file", "open_database"]


def open_database(*, url: str | None = None, data: Path, user: str | None = None) -> Database:
    """Open a database and bring its tables to this version.

    Args:
        url: an SQLite file as `sqlite:///PATH`; None stands for one in the data folder.
        data: the data folder, made if it is not there.
        user: of the machine, who goes on record with what a command does; None for a service.

    Raises:
        CannotStart: the URL is not supported, or the database of a newer version.
        StorageUnavailable: the database cannot be read or written.
    """
    database = Database(url, data, user)
    try:
        database.migrate()
    except BaseException:
        database.__exit__(None, None, None)
        raise
    return database
