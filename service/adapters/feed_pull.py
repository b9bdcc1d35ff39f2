"""Files of feeds that are fetched: over HTTPS, only when they are new, less often while it fails.

DATA/feeds/.NAME.pull.json     {etag, modified, nextAt, failures}, in microseconds since 1970
"""

import json
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO
from urllib.parse import urlsplit, urlunsplit

import httpx2

from service import clock, ids
from service.adapters.feed_folder import MANIFEST, SIGNATURE
from service.adapters.inbox import Inbox
from service.declaration import Declaration
from service.errors import AlreadyRunning, ServiceError

LARGEST = 1 << 30
"""Bytes of a file."""

SECONDS = 30.0
"""That a server may be silent."""

LONGEST_PAUSE = clock.DAY
"""Microseconds between two tries, however often the ones before failed."""

_UNCHANGED, _FOUND, _MISSING = 304, 200, 404


class PullFailed(ServiceError):
    """A file could not be fetched; the message says why, without the address."""


@dataclass(frozen=True, slots=True)
class _Last:
    """What is known of the file that was fetched last, and when to look again."""

    etag: str | None = None
    modified: str | None = None
    next_at: int = 0
    failures: int = 0


class FeedPull:
    """Fetches files into the inbox."""

    def __init__(self, folder: Path, inbox: Inbox) -> None:
        self._folder = folder
        self._inbox = inbox

    def due(self, declaration: Declaration, *, now: int) -> bool:
        """Whether it is time to look for a new file of a feed."""
        return declaration.url is not None and self._last(declaration.name).next_at <= now

    def pull(self, declaration: Declaration, *, now: int) -> bool:
        """Fetch a file into the inbox; return whether there was a new one.

        Raises:
            PullFailed: there was none to be had; the next try is twice as far off.
            StorageUnavailable: the inbox cannot be written.
        """
        last = self._last(declaration.name)
        pause = int(declaration.every_minutes * clock.MINUTE)
        try:
            fresh = self._fetched(declaration, last, now=now)
        except AlreadyRunning:
            return False
        except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError, OSError, PullFailed) as error:
            failures = last.failures + 1
            pause = min(pause * 2**failures, LONGEST_PAUSE)
            self._keep(declaration, replace(last, failures=failures, next_at=now + pause))
            why = str(error) if isinstance(error, PullFailed) else type(error).__name__
            raise PullFailed(
                f"feed {declaration.name} cannot be pulled ({why}); next try at "
                f"{clock.to_text(now + pause)}"
            ) from None
        self._keep(declaration, replace(fresh or last, failures=0, next_at=now + pause))
        return fresh is not None

    def _fetched(self, declaration: Declaration, last: _Last, *, now: int) -> _Last | None:
        """Put a new file in the inbox; return what tells it from the next, None if it is old."""
        url = str(declaration.url)
        asked = {"If-None-Match": last.etag, "If-Modified-Since": last.modified}
        headers = {name: value for name, value in asked.items() if value is not None}
        with _client(declaration) as client, ExitStack() as opened:
            with client.stream("GET", url, headers=headers) as response:
                if response.status_code == _UNCHANGED:
                    return None
                file = opened.enter_context(TemporaryFile())
                _save(response, file)
                told = response.headers
            parts: dict[str, BinaryIO] = {"file": file}
            for name, ending in (("manifest", MANIFEST), ("signature", SIGNATURE)):
                part = opened.enter_context(TemporaryFile())
                if self._beside(client, _address(url, ending), part, declaration=declaration):
                    parts[name] = part
            self._inbox.put(declaration.name, ids.new_id(now), parts)
        if declaration.asks_manifest and "manifest" not in parts:
            return _Last()  # it is refused, and looked at again when its manifest may be there
        return _Last(told.get("etag"), told.get("last-modified"))

    def _beside(
        self, client: httpx2.Client, url: str, part: BinaryIO, *, declaration: Declaration
    ) -> bool:
        """Fetch what lies beside a file, where it may be missing: return whether it is there."""
        with client.stream("GET", url) as response:
            if response.status_code == _MISSING and declaration.signature_key is None:
                return False
            _save(response, part)
        return True

    def _last(self, feed: str) -> _Last:
        try:
            return _Last(**json.loads(self._path(feed).read_bytes()))
        except (OSError, ValueError, TypeError):
            return _Last()

    def _keep(self, declaration: Declaration, last: _Last) -> None:
        path = self._path(declaration.name)
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(asdict(last)), encoding="utf-8")
        draft.replace(path)

    def _path(self, feed: str) -> Path:
        return self._folder / f".{feed}.pull.json"


def _address(url: str, ending: str) -> str:
    """Return where what belongs to a file lies: the ending goes to the path, before a query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path or '/'}{ending}"))


def _client(declaration: Declaration) -> httpx2.Client:
    """Return a client that trusts who is declared, and nobody whom it is sent on to."""
    trusted = None if declaration.trust is None else str(declaration.trust)
    context = ssl.create_default_context(cafile=trusted)
    return httpx2.Client(verify=context, timeout=SECONDS, follow_redirects=False)


def _save(response: httpx2.Response, file: BinaryIO) -> None:
    """Write a body to a file, from its beginning; raises PullFailed."""
    if response.status_code != _FOUND:
        raise PullFailed(f"the server answered {response.status_code}")
    file.writelines(_bounded(response.iter_bytes()))
    file.seek(0)


def _bounded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    passed = 0
    for piece in pieces:
        passed += len(piece)
        if passed > LARGEST:
            raise PullFailed("the file is larger than 1 GiB")
        yield piece
