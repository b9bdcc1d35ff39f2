"""The secret of this installation: made at the first start, the same in every process."""

import os
import secrets
from pathlib import Path

from service.adapters.durable import make_durable
from service.adapters.private import private_folder
from service.errors import CannotStart
from service.regular_file import read_regular

SECRET_BYTES = 32


def load_secret(folder: Path, name: str) -> bytes:
    """Return the secret of this name; made if it is not there, by one process only.

    Raises:
        CannotStart: it cannot be read or made, or is not whole.
    """
    path = folder / name
    try:
        private_folder(folder)
        if not path.exists():
            _make(path)
        secret = read_regular(path, most=SECRET_BYTES + 1)
    except OSError as error:
        raise CannotStart(f"the secret {path} cannot be used: {error.strerror}") from None
    if len(secret) != SECRET_BYTES:
        raise CannotStart(
            f"the secret {path} is not {SECRET_BYTES} bytes; restore it from a backup"
        )
    return secret


def _make(path: Path) -> None:
    """Write a secret aside and link it to its name, which only one of several can do."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return
        make_durable(path.parent)
    finally:
        draft.unlink()
