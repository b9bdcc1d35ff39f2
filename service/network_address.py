"""Hosts and networks as people write them -> as sockets take them."""

import re
from collections.abc import Sequence
from ipaddress import (
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Network = IPv4Network | IPv6Network

_LABEL = r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"({_LABEL}\.)*(?=[A-Za-z]){_LABEL}\.?")
_MAPPED = IPv6Network("::ffff:0:0/96")


def bare_host(host: str) -> str:
    """Return an address or a name, without the brackets that an IPv6 address has in a URL.

    Raises:
        ValueError: it is neither.
    """
    try:
        if host.startswith("[") and host.endswith("]"):
            return str(IPv6Address(host[1:-1].replace("%25", "%", 1)))
        return str(ip_address(host))
    except ValueError:
        if _NAME.fullmatch(host) and len(host) <= 253:  # noqa: PLR2004 - RFC 1035
            return host
    raise ValueError("is neither an IP address nor the name of a host")


def is_loopback(host: str) -> bool:
    """Whether a host, without brackets, is this very machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def networks_of(parts: Sequence[object]) -> tuple[Network, ...]:
    """Return the networks of a list; an address is a network of its own.

    Raises:
        ValueError: the message names each part that is none, by its number; what is no network is
            not repeated.
    """
    found: list[Network] = []
    faults: list[str] = []
    for number, part in enumerate(parts, start=1):
        try:
            found.append(_network(part))
        except ValueError as error:
            faults.append(f"part {number} of {len(parts)} {error}")
    if faults:
        raise ValueError(", ".join(faults))
    return tuple(found)


def _network(part: object) -> Network:
    if isinstance(part, IPv4Network | IPv6Network):
        return _unmapped(part)
    text = re.sub(r"^\[([^\]]*)\]", r"\1", part.strip()) if isinstance(part, str) else "?"
    if not text:
        raise ValueError("is empty")
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ValueError("is neither an IP address nor a network") from None
    if network.network_address != ip_address(text.partition("/")[0]):
        raise ValueError(f"is an address with a prefix; the network is {network}")
    return _unmapped(network)


def _unmapped(network: Network) -> Network:
    """Return IPv4 as such where it is written as IPv6: peers are compared as IPv4."""
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        low = int(network.network_address) & 0xFFFF_FFFF
        return IPv4Network((low, network.prefixlen - 96))
    return network
