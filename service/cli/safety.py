"""Settings and surroundings -> every reason why it is not safe to start; nothing is switched off.

What an operator may want all the same has a setting of its own, which names it: a network of
trusted proxies.
"""

import asyncio
import resource
from collections.abc import Iterator

from service.adapters.private import READ, exposure
from service.cli.safe_files import faults_of_files
from service.errors import CannotStart
from service.network_address import is_loopback
from service.settings import CONFIG, Settings, config_file, read_config

SHORTEST_PREFIX = {4: 8, 6: 16}
"""Bits that a network of proxies has to name: a shorter one is nearly everybody."""

SPARE_FILES = 128
"""Files a process has open beside its connections: databases, hotlists, logs."""


def require_safe(settings: Settings) -> None:
    """Refuse to start where that is not safe.

    Raises:
        CannotStart: the message names every setting that is not, and what to do.
    """
    faults = [
        *_of_address(settings),
        *_of_process(settings),
        *_of_config(),
        *faults_of_files(settings),
    ]
    if faults:
        raise CannotStart("not safe to start: " + "; ".join(faults))


def _of_address(settings: Settings) -> Iterator[str]:
    if not settings.trusted_proxies and not is_loopback(settings.host):
        yield (
            f"host: {settings.host} is not loopback, and what is sent there is not encrypted; "
            "listen on 127.0.0.1, or name the proxies that end TLS in trusted_proxies"
        )
    for network in settings.trusted_proxies:
        if network.prefixlen < SHORTEST_PREFIX[network.version]:
            yield f"trusted_proxies: {network} is nearly everybody; name the proxies alone"


def _of_process(settings: Settings) -> Iterator[str]:
    loop = asyncio.new_event_loop()
    debugs = loop.get_debug()
    loop.close()
    if debugs:
        yield (
            "PYTHONASYNCIODEBUG, or Python's development mode: the log may show what was answered; "
            "unset it"
        )
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and settings.connections + SPARE_FILES > most:
        yield (
            f"connections: {settings.connections} are more than {most} open files allow; raise "
            "that (ulimit -n, LimitNOFILE), or take fewer"
        )


def _of_config() -> Iterator[str]:
    path = config_file()
    if path is None:
        return
    try:
        holds_secret = _may_hold_password(read_config(path).get("database_url"))
    except (OSError, ValueError):  # it was whole when the settings were read
        yield f"{CONFIG}: {path} is not what it was a moment ago; start again"
        return
    fault = exposure(path, allowed=0 if holds_secret else READ)
    if fault is not None:
        yield f"{CONFIG}: {fault}"


def _may_hold_password(url: object) -> bool:
    """Whether a URL is of anything but a file: where a password ends in it nobody agrees on."""
    return url is not None and not str(url).startswith("sqlite:///")
