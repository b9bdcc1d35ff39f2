"""The folder of feeds: their declarations, and what lies beside a feed file."""

import os
import ssl
import tomllib
from collections.abc import Iterator
from pathlib import Path

from service.adapters.durable import make_durable
from service.adapters.private import private_folder
from service.declaration import Declaration, read_declaration
from service.errors import FaultyDeclaration
from service.feed_records import Offer
from service.manifest import MOST_BYTES

MANIFEST, SIGNATURE = ".manifest.json", ".manifest.json.sig"


class Declarations:
    """The declarations in a folder, `NAME.toml` each; read anew each time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Return the feeds that are declared, in order."""
        return sorted(path.stem for path in self._folder.glob("*.toml"))

    def of(self, feed: str) -> Declaration | None:
        """Return what a feed is declared to be; None: it is not.

        Raises:
            FaultyDeclaration: with every fault of it.
        """
        path = self._folder / f"{feed}.toml"
        return read_file(path) if path.is_file() else None

    def put(self, path: Path) -> None:
        """Put a declaration that was read without a fault in place of the one there is."""
        private_folder(self._folder)
        draft = self._folder / f".{path.name}.{os.getpid()}"
        with draft.open("wb") as file:
            file.write(path.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / path.name)
        make_durable(self._folder)


def read_file(path: Path) -> Declaration:
    """Read the declaration of the feed that a file is called after.

    Raises:
        FaultyDeclaration: with every fault of it.
    """
    try:
        body = path.read_bytes()
    except OSError as error:
        raise FaultyDeclaration(path.stem, (f"cannot be read: {error.strerror}",)) from None
    return read_declaration(body, name=path.stem)


def faults_of_trust(path: Path) -> Iterator[str]:
    """Yield what is wrong with the file of an authority that a declaration names, whatever else is.

    This is looked at when a feed is declared: of a file that goes later a pull tells.
    """
    try:
        trust = tomllib.loads(path.read_text(encoding="utf-8")).get("trust")
    except (OSError, ValueError):
        return
    if not isinstance(trust, str) or not Path(trust).is_absolute():
        return
    try:
        ssl.create_default_context(cafile=trust)
    except ssl.SSLError:
        yield "trust: the file holds no certificate as PEM"
    except ValueError:
        yield "trust: must be a path"
    except OSError as error:
        yield f"trust: the file cannot be read: {error.strerror}"


def beside(path: Path) -> Offer:
    """Return a feed file with the manifest and the signature that lie beside it."""
    return Offer(path, _small(path, MANIFEST), _small(path, SIGNATURE))


def _small(path: Path, ending: str) -> bytes | None:
    """Read what belongs to a file; one byte too many tells that it is none."""
    try:
        with path.with_name(path.name + ending).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None
