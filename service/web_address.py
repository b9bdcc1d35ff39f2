"""Which addresses may be asked for what others trust."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_trusted(url: str) -> bool:
    """Whether what comes from an address is its owner's: https, or http on this very machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment or not url.isprintable():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
