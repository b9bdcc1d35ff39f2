"""Where the files of the service are -> every reason why they are not safe, or of no use to it."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from service.adapters.private import READ, SEARCH, exposure
from service.adapters.secret_file import SECRET_BYTES
from service.adapters.usable import unusable
from service.lifespan import FEEDS, HOTLIST, KEYS
from service.settings import Settings

_LEAST_VALUES = 8
"""Different bytes of a secret; fewer come by chance once in 10**30."""


def faults_of_files(settings: Settings) -> Iterator[str]:
    """Yield what is wrong with the data folder, the database, the secrets and the witness."""
    fault = unusable(settings.data)
    if fault is not None:
        yield f"data: {fault}"
    else:
        yield from _of_data(settings.data)
        yield from _of_secrets(settings.data / KEYS)
    yield from _of_database(settings)
    yield from _of_witness(settings)


def _of_data(data: Path) -> Iterator[str]:
    """Check the data folder, which others may pass to a folder they drop files in, no more."""
    declared = (data / FEEDS, *sorted((data / FEEDS).glob("*.toml")))
    faults = (
        exposure(data, allowed=SEARCH),
        *(exposure(data / name) for name in (KEYS, HOTLIST, "inbox")),
        *(exposure(path) for path in sorted(data.glob("*.sqlite*"))),
        *(exposure(path, allowed=READ) for path in declared),
    )
    yield from (f"data: {fault}" for fault in faults if fault is not None)


def _of_database(settings: Settings) -> Iterator[str]:
    url = settings.database_url
    if url is not None and url.startswith("sqlite:///"):
        fault = exposure(Path(urlsplit(url).path.removeprefix("/")))
        if fault is not None:
            yield f"database_url: {fault}"


def _of_secrets(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            yield f"data: the secret {path} is a link; put the file itself there"
        elif fault := exposure(path):
            yield f"data: the secret {fault}"
        elif not _is_random(path.read_bytes()):
            yield f"data: the secret {path} can be guessed; restore it from a backup"


def _is_random(secret: bytes) -> bool:
    return len(secret) >= SECRET_BYTES and len(set(secret)) >= _LEAST_VALUES


def _of_witness(settings: Settings) -> Iterator[str]:
    if settings.witness is None:
        return
    witness, data = settings.witness.resolve(), settings.data.resolve()
    if witness.is_relative_to(data):
        yield f"witness: {witness} is in the data folder; a witness is out of the operator's reach"
