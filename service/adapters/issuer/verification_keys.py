"""A JSON Web Key Set -> the public keys that may verify tokens, each with its algorithms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.algorithms import AllowedPublicKeys
from jwt.exceptions import PyJWTError

MOST_KEYS = 100

_RSA_BITS = range(2048, 8193)
"""Shorter ones can be broken; longer ones take long to verify with."""

_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_FAMILIES: Mapping[tuple[str, str | None], tuple[str, ...]] = {
    ("RSA", None): _RSA,
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
    ("OKP", "Ed448"): ("EdDSA",),
}
"""Kind of key and curve -> its algorithms: no secret that both sides share, and never `none`."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key of the issuer, and the algorithms that tokens may be signed by with it."""

    key: AllowedPublicKeys
    algorithms: tuple[str, ...]


def read_keys(document: Mapping[str, Any]) -> dict[str, VerificationKey]:
    """Return the keys of a set by their ids; those that cannot verify a token are left out.

    Raises:
        ValueError: it is no such set, or none of its keys can.
    """
    listed = document.get("keys")
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise ValueError(f"it is no list of at most {MOST_KEYS} keys")
    found: dict[str, VerificationKey] = {}
    for one in listed:
        kid = one.get("kid") if isinstance(one, dict) else None
        key = _read(one) if isinstance(kid, str) and kid else None
        if isinstance(kid, str) and key is not None:
            found.setdefault(kid, key)
    if not found:
        raise ValueError("no key in it can verify a token")
    return found


def _read(told: Mapping[str, Any]) -> VerificationKey | None:
    algorithms = _algorithms(told)
    if not algorithms or not _is_for_signatures(told):
        return None
    try:
        key = PyJWK(dict(told), algorithms[0]).key
    except (PyJWTError, UnsupportedAlgorithm, ArithmeticError, LookupError, TypeError, ValueError):
        return None
    if isinstance(key, RSAPublicKey) and key.key_size not in _RSA_BITS:
        return None
    return VerificationKey(key, algorithms)


def _algorithms(told: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the algorithms of a key: the one it names, or all of its kind."""
    kind, curve, named = told.get("kty"), told.get("crv"), told.get("alg")
    if not isinstance(kind, str) or not isinstance(curve, str | None):
        return ()
    family = _FAMILIES.get((kind, curve), ())
    return family if named is None else tuple(one for one in family if one == named)


def _is_for_signatures(told: Mapping[str, Any]) -> bool:
    """Whether it is said to be, and only its owner can sign with it: a private part is out."""
    operations = told.get("key_ops")
    may_verify = operations is None or (isinstance(operations, list) and "verify" in operations)
    return told.get("use") in (None, "sig") and may_verify and "d" not in told
