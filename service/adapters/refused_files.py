"""Feed files that were refused for their size alone, kept so that two people may let them pass.

    DATA/refused/FEED/ID/          as it lay in the inbox

ID is that of the refusal in the history. Of each feed the newest one is kept.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from service import ids
from service.adapters.durable import make_durable
from service.adapters.inbox import Waiting
from service.adapters.private import private_folder
from service.ports import StorageUnavailable

_MODE = 0o600


class RefusedFiles:
    """The folder of refused feed files; what is in it by its name is whole."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "refused"

    def keep(self, one: Any) -> None:  # noqa: ANN401 - what `Inbox.waiting` returned
        """Move a file out of the inbox in here, in place of those that came before it.

        Raises:
            StorageUnavailable: it cannot be moved; it waits in the inbox.
        """
        home = self._folder / one.feed
        try:
            for path in list(one.folder.iterdir()):
                _make_private(path)
            private_folder(home)
            one.folder.rename(home / one.folder.name)
            for folder in (home, self._folder, self._folder.parent, one.folder.parent):
                make_durable(folder)
        except OSError as error:
            message = f"the folder of refused feed files cannot be used: {error.strerror}"
            raise StorageUnavailable(message) from error
        self.forget(one.feed, before=one.id)

    def kept(self) -> list[Waiting]:
        """Return what is kept, in the order it came."""
        found = [
            Waiting(folder.parent.name, id_, folder)
            for folder in self._folder.glob("*/*")
            if (id_ := ids.from_text(folder.name)) is not None
        ]
        return sorted(found, key=lambda one: one.id)

    def forget(self, feed: str, *, before: int) -> None:
        """Remove what is kept of a feed with a lower id, each at once: none is ever half there."""
        for one in self.kept():
            if one.feed == feed and one.id < before:
                with suppress(FileNotFoundError):  # somebody else removes it just now
                    one.folder.rename(one.folder.with_name(f".{one.folder.name}"))
        for gone in (self._folder / feed).glob(".*"):
            shutil.rmtree(gone, ignore_errors=True)


def _make_private(path: Path) -> None:
    """Let nobody else read a file, whoever owned it when it was dropped."""
    if path.stat().st_uid == os.geteuid():
        path.chmod(_MODE)
        return
    copy = path.with_name(f".{path.name}")
    with path.open("rb") as source, copy.open("wb") as file:
        copy.chmod(_MODE)
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())
    copy.replace(path)
