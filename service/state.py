"""State: what a request may reach. Made in `service.lifespan`, never changed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from service.limit_ports import RequestRates
from service.metrics import Metrics
from service.ports import Credentials
from service.usecases.feed_files import FeedFiles
from service.usecases.hotlist_status import HotlistStatus
from service.usecases.keep_entries import KeepEntries
from service.usecases.keep_partners import KeepPartners
from service.usecases.keep_people import KeepPeople
from service.usecases.read_history import ReadHistory
from service.usecases.refuse import Refuse
from service.usecases.replay_sighting import ReplaySighting
from service.usecases.report_sighting import ReportSighting
from service.usecases.take_token import TakeToken

Ping = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The use cases, and what the edge needs around them.

    Without an issuer of tokens there is no `take_token`. Each of `pings` finds out whether a part
    is alive, and raises if it is not.
    """

    credentials: Credentials
    rates: RequestRates
    refuse: Refuse
    report_sighting: ReportSighting
    read_history: ReadHistory
    replay_sighting: ReplaySighting
    keep_entries: KeepEntries
    keep_partners: KeepPartners
    keep_people: KeepPeople
    hotlist_status: HotlistStatus
    feed_files: FeedFiles
    take_token: TakeToken | None
    metrics: Metrics
    pings: tuple[Ping, ...]
    contact: str
    now: Callable[[], int]
    registered_only: bool = False
    least_symbols: int = 0
    ready_when_stale: bool = True
    longest_entry: timedelta = timedelta(hours=48)
