"""How much one connection may ask of the server, and whose connections are taken at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from service.network_address import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a connection may take; sizes in bytes, times in seconds.

    Attributes:
        connections: open at once in one process; one more is told to come back later.
        peers: whose connections are taken; empty: everybody's, which is for loopback only.
        head_seconds: from the first byte of a request, or from the connection, to its last header.
        body_seconds: for a body; each byte of it adds its share of `least_rate`.
        least_rate: bytes of a body that have to come in a second, once its seconds are used up.
        idle_seconds: between two requests.
        stuck_seconds: that an answer may wait for a client that does not read it.
    """

    connections: int = 800
    peers: Sequence[Network] = ()
    head_seconds: float = 10
    body_seconds: float = 20
    least_rate: int = 1024
    idle_seconds: int = 5
    stuck_seconds: float = 20

    def admits(self, host: str) -> bool:
        """Whether connections from this address are taken."""
        if not self.peers:
            return True
        address = ip_address(host.partition("%")[0])
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self.peers)
