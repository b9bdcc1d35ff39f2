"""Names in a folder -> on disk: a file is only safe once its folder knows of it."""

import os
from pathlib import Path


def make_durable(folder: Path) -> None:
    """Wait until the names in a folder are on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
