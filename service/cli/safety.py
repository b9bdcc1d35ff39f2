"""Settings and surroundings -> every reason why it is not safe to start; nothing is switched off.

What an operator may want all the same has a setting of its own, which names it: a network of
trusted proxies.
"""

import asyncio
import resource
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from service.adapters.private import READ, SEARCH, exposure
from service.adapters.secret_file import SECRET_BYTES
from service.errors import CannotStart
from service.lifespan import FEEDS, HOTLIST, KEYS
from service.settings import CONFIG, Settings, config_file, read_config

SHORTEST_PREFIX = {4: 8, 6: 16}
"""Bits that a network of proxies has to name: a shorter one is nearly everybody."""

SPARE_FILES = 128
"""Files a process has open beside its connections: databases, hotlists, logs."""

_LEAST_VALUES = 8
"""Different bytes of a secret; fewer come by chance once in 10**30."""


def require_safe(settings: Settings) -> None:
    """Refuse to start where that is not safe.

    Raises:
        CannotStart: the message names every setting that is not, and what to do.
    """
    faults = [
        *_of_address(settings),
        *_of_process(settings),
        *_of_config(),
        *_of_data(settings),
        *_of_secrets(settings.data / KEYS),
        *_of_witness(settings),
    ]
    if faults:
        raise CannotStart("not safe to start: " + "; ".join(faults))


def _of_address(settings: Settings) -> Iterator[str]:
    if not settings.trusted_proxies and not _is_loopback(settings.host):
        yield (
            f"host: {settings.host} is not loopback, and what is sent there is not encrypted; "
            "listen on 127.0.0.1, or name the proxies that end TLS in trusted_proxies"
        )
    for network in settings.trusted_proxies:
        if network.prefixlen < SHORTEST_PREFIX[network.version]:
            yield f"trusted_proxies: {network} is nearly everybody; name the proxies alone"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
    holds_secret = _has_password(read_config(path).get("database_url"))
    fault = exposure(path, allowed=0 if holds_secret else READ)
    if fault is not None:
        yield f"{CONFIG}: {fault}"


def _has_password(url: object) -> bool:
    return isinstance(url, str) and urlsplit(url).password is not None


def _of_data(settings: Settings) -> Iterator[str]:
    """Check the data folder, which others may pass to a folder they drop files in, no more."""
    data = settings.data
    if not data.is_dir():
        return
    declared = (data / FEEDS, *sorted((data / FEEDS).glob("*.toml")))
    faults = (
        exposure(data, allowed=SEARCH),
        *(exposure(data / name) for name in (KEYS, HOTLIST, "inbox")),
        *(exposure(path) for path in sorted(data.glob("*.sqlite*"))),
        *(exposure(path, allowed=READ) for path in declared),
    )
    yield from (f"data: {fault}" for fault in faults if fault is not None)
    url = settings.database_url
    if url is not None and url.startswith("sqlite:///"):
        fault = exposure(Path(urlsplit(url).path.removeprefix("/")))
        if fault is not None:
            yield f"database_url: {fault}"


def _of_secrets(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            yield f"data: the secret {path} is a link; put the file itself there"
        elif fault := exposure(path):
            yield f"data: the secret {fault}"
        elif not _is_random(path.read_bytes()):
            yield f"data: the secret {path} can be guessed; restore it from a backup"


def _is_random(secret: bytes) -> bool:
    return len(secret) >= SECRET_BYTES and len(set(secret)) >= _LEAST_VALUES


def _of_witness(settings: Settings) -> Iterator[str]:
    if settings.witness is None:
        return
    witness, data = settings.witness.resolve(), settings.data.resolve()
    if witness.is_relative_to(data):
        yield f"witness: {witness} is in the data folder; a witness is out of the operator's reach"
