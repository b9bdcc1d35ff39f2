"""What the use cases ask of the issuer of tokens, and of the place where their holders are kept."""

from dataclasses import dataclass
from typing import Protocol

from service.errors import KeyExpired, UnknownCaller
from service.records import AuditEvent, Caller, IssuedCredential, Role


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the issuer vouches for, in a token that is in force. Names are as they came."""

    issuer: str
    organisation: str
    person: str
    role: Role


class TokenExpired(KeyExpired):
    """A token is past its end; `vouched` is whom it stood for."""

    def __init__(self, vouched: Vouched) -> None:
        super().__init__()
        self.vouched = vouched


@dataclass(frozen=True, slots=True)
class Lapsed:
    """Somebody who is known, and why they count no longer."""

    caller: Caller
    refusal: UnknownCaller


class Tokens(Protocol):
    """Tokens of the one issuer that is configured."""

    async def vouched(self, token: str, *, now: int) -> Vouched:
        """Return whom a token stands for; it may wait for the issuer, a few seconds at most.

        Raises:
            UnknownCaller: it is no token of this issuer for this service.
            TokenExpired: it was one; KeyExpired if it does not say whose.
            IssuerOutOfReach: the key it names is not held, and the issuer does not answer.
        """
        ...


class TokenHolders(Protocol):
    """Credentials that stand for the tokens of an issuer."""

    def organisation(self, name: str) -> str | None:
        """Return how an organisation is spelled on record, or None; quick."""
        ...

    def holder(self, digest: bytes) -> Caller | Lapsed | None:
        """Return who is known by this digest, or None; quick, in force at once."""
        ...

    def make_known(
        self, credential: IssuedCredential, digest: bytes, event: AuditEvent
    ) -> IssuedCredential:
        """Record a credential, unless one of this digest is there; return what is there. May block.

        Raises:
            UnknownCaller: its organisation is not known; nothing was recorded.
        """
        ...
