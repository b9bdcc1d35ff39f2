"""The keys of the issuer: held for a while, fetched anew when they may have changed.

While the issuer answers, a key that it has taken back counts for `FRESH_SECONDS` more at most;
while it does not, what is held counts for `LIFE_SECONDS` after it was fetched, and of a key that
is not held nobody can tell. What the issuer answered last says whether it does, for
`PAUSE_SECONDS`; then it is asked again by whoever hangs on it. So ids that are made up make no
answer but 401 while it is well.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from service.adapters.issuer.verification_keys import VerificationKey
from service.errors import IssuerOutOfReach, told

Keys = dict[str, VerificationKey]

FRESH_SECONDS = 300.0
"""Keys that are older are fetched anew before they count; from half of it on, in the background."""

LIFE_SECONDS = 3600.0
"""Keys that are older count for nothing, whether the issuer answers or not."""

PAUSE_SECONDS = 10.0
"""Between two fetches, whatever is asked for: made-up ids of keys reach the issuer no oftener."""

_LOG = logging.getLogger("service.issuer")


class IssuerKeys:
    """Finds the key that a token was signed with; for one event loop."""

    def __init__(
        self, fetch: Callable[[], Awaitable[Keys]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: Keys = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None
        self._said = ""
        """Why the last fetch failed; told once while it stays the same."""

    async def find(self, kid: str) -> VerificationKey | None:
        """Return the key of an id, or None if the issuer has none.

        Waits for a fetch, which is bounded, where the answer hangs on it.

        Raises:
            IssuerOutOfReach: no key of this id is held, and what the issuer has cannot be had now.
        """
        age = self._age()
        if age > FRESH_SECONDS / 2 or kid not in self._keys:
            self.start()
        # A key held is not waited for again while the issuer is known not to answer.
        answered = not self._said or not self._keys
        if kid not in self._keys or age > LIFE_SECONDS or (age > FRESH_SECONDS and answered):
            await self._arrived()
        if self._age() > LIFE_SECONDS or (self._said and kid not in self._keys):
            raise IssuerOutOfReach
        return self._keys.get(kid)

    async def close(self) -> None:
        """Give up a fetch that is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            with suppress(asyncio.CancelledError):
                await self._fetching

    def _age(self) -> float:
        return self._clock() - self._fetched_at

    def start(self) -> None:
        """Begin to fetch, unless that is under way, or was begun a moment ago."""
        now = self._clock()
        running = self._fetching is not None and not self._fetching.done()
        if not running and now - self._tried_at >= PAUSE_SECONDS:
            self._tried_at = now
            self._fetching = asyncio.create_task(self._renew())

    async def _arrived(self) -> None:
        """Wait for the fetch that is under way; others wait for it too, so nobody ends it."""
        if self._fetching is not None and not self._fetching.done():
            await asyncio.shield(self._fetching)

    async def _renew(self) -> None:
        try:
            self._keys = await self._fetch()
        except Exception as error:  # noqa: BLE001 - the next fetch may go well
            why = told(error)
            if why != self._said:
                self._said = why
                _LOG.error("%s", why)
        else:
            self._fetched_at = self._clock()
            self._said = ""
