"""How many requests a credential sends, in this process: a sliding minute, kept by `limits`.

Each worker counts for itself, so that no request waits for another process: this is against a
phone that runs wild. What may be told of the hotlist is counted in the database, for all workers.
"""

from math import ceil

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from service import clock
from service.limit_ports import Rate


class Rates:
    """`service.limit_ports.RequestRates` in memory; `a_minute` requests, 0: no limit."""

    def __init__(self, a_minute: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._a_minute = RateLimitItemPerMinute(a_minute) if a_minute else None

    def take(self, credential: str, times: int = 1) -> Rate | None:
        """Count requests as far as there is room, and return what is left; None: no limit."""
        if self._a_minute is None:
            return None
        taken = self._taken(self._a_minute, credential, times)
        window = self._limiter.get_window_stats(self._a_minute, credential)
        seconds = ceil(window.reset_time - clock.now() / clock.SECOND)
        return Rate(self._a_minute.amount, window.remaining, max(seconds, 1), taken=taken)

    def _taken(self, a_minute: RateLimitItem, credential: str, times: int) -> int:
        if self._limiter.hit(a_minute, credential, cost=times):
            return times
        room = min(self._limiter.get_window_stats(a_minute, credential).remaining, times)
        return room if self._limiter.hit(a_minute, credential, cost=room) else 0
