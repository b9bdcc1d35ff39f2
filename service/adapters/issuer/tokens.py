"""A token (JWT) -> whom the issuer vouches for, or one refusal that tells nothing of the reason.

The library judges the signature alone, by a key and algorithms that come from the issuer's own
set; the claims are read and judged here, strictly, by the clock that is handed in.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jwt import PyJWS
from jwt.exceptions import PyJWTError

from service import clock
from service.adapters.issuer.issuer_keys import IssuerKeys
from service.adapters.issuer.strict_json import read_object
from service.adapters.issuer.verification_keys import VerificationKey
from service.errors import KeyExpired, UnknownCaller
from service.records import Role
from service.token_ports import TokenExpired, Vouched

LONGEST_TOKEN = 8192
"""Characters."""

_FORM = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+")
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
"""What says that a token tells who calls; others of an issuer are for other ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What tokens have to say, and in which claims they tell who is calling.

    `leeway` is how far, in microseconds, the clock of the issuer may be off. A claim that stands
    inside others is named by its JSON pointer.
    """

    issuer: str
    audience: str
    leeway: int
    person: str
    organisation: str
    role: str


class IssuerTokens:
    """`service.token_ports.Tokens` of one issuer."""

    def __init__(self, expected: Expected, keys: IssuerKeys) -> None:
        self._expected = expected
        self._keys = keys
        self._signatures = PyJWS()

    async def vouched(self, token: str, *, now: int) -> Vouched:
        """Return whom a token stands for.

        Raises:
            UnknownCaller: it is no token of this issuer for this service.
            TokenExpired: it was one; KeyExpired if it does not say whose.
            IssuerOutOfReach: the key it names is not held, and the issuer does not answer.
        """
        kid = _key_of(token)
        key = await self._keys.find(kid)
        if key is None:
            raise UnknownCaller
        claims = self._signed(token, key)
        ends = self._judged(claims, now)
        if ends + self._expected.leeway <= now:
            raise self._expired(claims)
        return self._named(claims)

    def _signed(self, token: str, key: VerificationKey) -> Mapping[str, Any]:
        """Return the claims, if the issuer signed them."""
        try:
            payload = self._signatures.decode(token, key.key, algorithms=key.algorithms)
            return read_object(payload)
        except (PyJWTError, ValueError, TypeError):
            raise UnknownCaller from None

    def _judged(self, claims: Mapping[str, Any], now: int) -> int:
        """Refuse what is not meant for this service, or not yet; return when it ends."""
        expected = self._expected
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        ends = _moment(claims, "exp")
        if claims.get("iss") != expected.issuer or expected.audience not in audiences:
            raise UnknownCaller
        if ends is None or any(
            begins is not None and begins > now + expected.leeway
            for begins in (_moment(claims, "nbf"), _moment(claims, "iat"))
        ):
            raise UnknownCaller
        return ends

    def _expired(self, claims: Mapping[str, Any]) -> KeyExpired:
        try:
            return TokenExpired(self._named(claims))
        except UnknownCaller:
            return KeyExpired()

    def _named(self, claims: Mapping[str, Any]) -> Vouched:
        expected = self._expected
        person, organisation = (
            _claim(claims, expected.person),
            _claim(claims, expected.organisation),
        )
        told = _claim(claims, expected.role)
        roles = {role for role in Role if role in (told if isinstance(told, list) else [told])}
        if not isinstance(person, str) or not isinstance(organisation, str) or len(roles) != 1:
            raise UnknownCaller
        return Vouched(expected.issuer, organisation, person, roles.pop())


def _key_of(token: str) -> str:
    """Return the id of the key that a token says it is signed with; all else it says is ignored."""
    form = _FORM.fullmatch(token) if len(token) <= LONGEST_TOKEN else None
    try:
        header = read_object(_bytes(form[1])) if form else {}
    except ValueError:
        raise UnknownCaller from None
    kid, kind = header.get("kid"), header.get("typ", "JWT")
    if not isinstance(kid, str) or not isinstance(kind, str) or "crit" in header:
        raise UnknownCaller
    if kind.lower() not in _TYPES:
        raise UnknownCaller
    return kid


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _claim(claims: Mapping[str, Any], name: str) -> object:
    """Return a claim by its name, or by its JSON pointer (RFC 6901); None if it is not there."""
    if not name.startswith("/"):
        return claims.get(name)
    found: object = claims
    for step in name[1:].split("/"):
        if not isinstance(found, dict):
            return None
        found = found.get(step.replace("~1", "/").replace("~0", "~"))
    return found


def _moment(claims: Mapping[str, Any], name: str) -> int | None:
    """Return the microseconds of a claim that holds seconds since 1970, or None without it.

    Raises:
        UnknownCaller: it holds something else.
    """
    value = claims.get(name)
    if name not in claims:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise UnknownCaller
    try:
        return int(value * clock.SECOND)
    except (OverflowError, ValueError):
        raise UnknownCaller from None
