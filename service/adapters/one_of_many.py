"""Work that one process at a time does: whoever holds the lock, until it ends."""

import asyncio
import fcntl
import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, TextIO

from service.adapters.private import private_folder
from service.errors import told

_LOG = logging.getLogger("service.rounds")


async def follow(lock: Path, look: Callable[[], object], *, every: float) -> NoReturn:
    """Look again and again in a thread, in one process of all that share a lock.

    A look that fails is logged, once while the reason stays the same, and done again.

    Args:
        lock: a file, which is made; the system frees it when its process ends, however it does.
        look: what is to be done.
        every: seconds between two looks.
    """
    said = ""
    with await _opened(lock, every=every) as file:
        while True:
            if _held(file.fileno()):
                try:
                    await _to_its_end(look)
                    said = ""
                except Exception as error:  # noqa: BLE001 - the next look may go well
                    why = told(error)
                    if why != said:
                        said = why
                        _LOG.error("%s: %s", lock.stem, said)
            await asyncio.sleep(every)


async def _opened(lock: Path, *, every: float) -> TextIO:
    """Open the lock, again and again while that fails; the log says so once."""
    said = False
    while True:
        try:
            private_folder(lock.parent)
            return lock.open("w")
        except OSError as error:
            if not said:
                said = True
                _LOG.error("%s: %s cannot be opened: %s", lock.stem, lock, error.strerror)
        await asyncio.sleep(every)


def _held(descriptor: int) -> bool:
    """Take the lock, or see that it is held, or another process has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


async def _to_its_end(look: Callable[[], object]) -> None:
    """Look in a thread, and end no sooner than it: what it uses is closed afterwards."""
    looking = asyncio.ensure_future(asyncio.to_thread(look))
    try:
        await asyncio.shield(looking)
    except asyncio.CancelledError:
        with suppress(Exception):
            await looking
        raise
