"""Where the database is: one reading of its URL, for whoever opens it and whoever looks at it."""

from pathlib import Path

from service.errors import CannotStart

FILE = "plate-match.sqlite"

BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite puts beside a database, with what is in it."""

_SCHEME = "sqlite:///"
_READ_IN_TWO_WAYS = "?#%"


def database_file(url: str | None, data: Path) -> Path:
    """Return the file of the database; without a URL the one in the data folder.

    Raises:
        CannotStart: not the URL of a file of SQLite, or one that could be read in two ways.
    """
    if url is None:
        return data / FILE
    path = url.removeprefix(_SCHEME)
    ambiguous = any(sign in _READ_IN_TWO_WAYS or not sign.isprintable() for sign in path)
    if path == url or not path.startswith("/") or ambiguous:
        raise CannotStart(
            "the database URL is not supported: give an SQLite file as sqlite:///PATH, where PATH "
            "begins with / and holds no ?, # or %"
        )
    return Path(path)
