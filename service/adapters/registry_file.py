"""The registry that the settings name: the vehicles that every answer is weighed against."""

from pathlib import Path

from plate_match.errors import DamagedFile
from plate_match.registry import Registry
from service.errors import CannotStart


def load_registry(path: Path | None) -> Registry | None:
    """Map a registry into memory, checked as a whole; None if there is none to use.

    Raises:
        CannotStart: it cannot be read, or is not as `plate-match registry build` wrote it.
    """
    if path is None:
        return None
    try:
        if path.exists() and not path.is_file():
            raise CannotStart(f"the registry {path} cannot be read: it is no file")
        return Registry.load(path)
    except DamagedFile as error:
        raise CannotStart(f"the registry {path} cannot be used: {error}") from None
    except OSError as error:
        raise CannotStart(f"the registry {path} cannot be read: {error.strerror}") from None
