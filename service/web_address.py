"""Which addresses may be asked for what others trust."""

from urllib.parse import urlsplit

from service.network_address import is_loopback


def is_trusted(url: str) -> bool:
    """Whether what comes from an address is its owner's: https, or http on this very machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    odd = any(sign.isspace() or sign in '\\"<>' or not sign.isprintable() for sign in url)
    if odd or not host or parts.username is not None or "#" in url:
        return False
    return url.startswith("https://") or (url.startswith("http://") and is_loopback(host))
