"""Tokens that were tampered with, made for others, or made up: none gets anybody in."""

import asyncio
import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from service import clock
from service.adapters.issuer.issuer_keys import IssuerKeys
from service.adapters.issuer.tokens import LONGEST_TOKEN, Expected, IssuerTokens
from service.adapters.issuer.verification_keys import VerificationKey, read_keys
from service.errors import KeyExpired, UnknownCaller
from service.records import Role
from service.token_ports import TokenExpired, Vouched
from tests.service import issuer as issuers
from tests.service.issuer import AUDIENCE, algorithm_of, private_key, public_jwk, signed

ISSUER = "https://issuer.example"
NAMES = ("rsa-1", "ec-1", "ec384-1", "ed-1")
LEEWAY = 30
NOW = clock.now()
SECONDS = NOW // clock.SECOND
EXPECTED = Expected(
    issuer=ISSUER,
    audience=AUDIENCE,
    leeway=LEEWAY * clock.SECOND,
    person="sub",
    organisation="organisation",
    role="role",
)
GUARD = Vouched(ISSUER, "Synthetic Security", "synthetic-pass-1", Role.GUARD)


def claims(issuer: str, **changes: Any) -> dict[str, Any]:
    """What the token of a synthetic guard says at the moment of these tests."""
    return issuers.claims(issuer, **{"iat": SECONDS, "exp": SECONDS + 3600, **changes})


def vouched(
    token: str,
    *,
    published: list[dict[str, Any]] | None = None,
    now: int = NOW,
    expected: Expected = EXPECTED,
) -> Vouched:
    """Whom a token stands for, by the keys that are published."""
    keys = [public_jwk(name) for name in NAMES] if published is None else published

    async def fetch() -> dict[str, VerificationKey]:
        return read_keys({"keys": keys})

    async def take() -> Vouched:
        return await IssuerTokens(expected, IssuerKeys(fetch)).vouched(token, now=now)

    return asyncio.run(take())


def refused(token: str, kind: type[UnknownCaller] = UnknownCaller, **more: Any) -> None:
    with pytest.raises(UnknownCaller) as caught:
        vouched(token, **more)
    assert type(caught.value) is kind
    assert str(caught.value) == ""


def encoded(part: object) -> str:
    body = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def raw(header: object, payload: object, signature: bytes = b"x") -> str:
    """A token of any parts."""
    return f"{encoded(header)}.{encoded(payload)}.{encoded(signature)}"


def raw_signed(payload: bytes) -> str:
    """A payload, whatever it is, that the issuer signed."""
    return jwt.PyJWS().encode(payload, private_key("ed-1"), "EdDSA", headers={"kid": "ed-1"})


@pytest.mark.parametrize("name", NAMES)
def test_a_token_of_every_kind_of_key_says_who_is_calling(name: str) -> None:
    assert vouched(signed(claims(ISSUER), name)) == GUARD


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
def test_a_key_without_an_algorithm_takes_those_of_its_kind(algorithm: str) -> None:
    key = public_jwk("rsa-1")
    token = signed(claims(ISSUER), alg=algorithm)
    del key["alg"]
    assert vouched(token, published=[key]) == GUARD
    if algorithm != "RS256":
        refused(token)  # this key says RS256


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "application/at+jwt", "jwt"])
def test_a_token_may_say_that_it_is_one(kind: str) -> None:
    assert vouched(signed(claims(ISSUER), typ=kind)) == GUARD


@pytest.mark.parametrize(
    "header",
    [{"typ": "logout+jwt"}, {"typ": 1}, {"crit": ["x"], "x": 1}, {"crit": ["b64"], "b64": True}],
    ids=str,
)
def test_a_token_for_another_end_is_refused(header: dict[str, Any]) -> None:
    payload, key = json.dumps(claims(ISSUER)).encode(), private_key("rsa-1")
    plain = jwt.PyJWS().encode(payload, key, "RS256", headers={"kid": "rsa-1"})
    assert vouched(plain) == GUARD
    first = encoded({"alg": "RS256", "kid": "rsa-1", **header})
    signing = f"{first}.{encoded(payload)}"
    signature = jwt.get_algorithm_by_name("RS256").sign(signing.encode(), key)
    refused(f"{signing}.{encoded(signature)}")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": None},
        {"aud": {AUDIENCE: 1}},
        {"aud": AUDIENCE + " "},
        {"iss": "https://other.example"},
        {"iss": ISSUER + "/"},
        {"iss": None},
        {"iss": [ISSUER]},
        {"exp": None},
        {"exp": str(SECONDS + 60)},
        {"exp": True},
        {"exp": [SECONDS + 60]},
        {"nbf": SECONDS + LEEWAY + 2},
        {"nbf": "0"},
        {"iat": SECONDS + LEEWAY + 2},
        {"iat": {}},
        {"sub": None},
        {"sub": 7},
        {"sub": ["synthetic-pass-1"]},
        {"organisation": None},
        {"organisation": {"name": "Synthetic Security"}},
        {"role": None},
        {"role": "chief"},
        {"role": "Guard"},
        {"role": ""},
        {"role": []},
        {"role": ["guard", "operator"]},
        {"role": {"guard": True}},
        {"role": [["guard"]]},
        {"role": 1},
    ],
    ids=str,
)
def test_a_token_that_says_something_else_is_refused(changes: dict[str, Any]) -> None:
    said = {k: v for k, v in {**claims(ISSUER), **changes}.items() if v is not None}
    refused(raw_signed(json.dumps(said).encode()))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["another", AUDIENCE]},
        {"role": ["offline_access", "guard", 3, None]},
        {"nbf": SECONDS + LEEWAY - 1, "iat": SECONDS + LEEWAY - 1},
        {"exp": SECONDS - LEEWAY + 1},
        {"exp": SECONDS + 0.5},
        {"iat": None},
    ],
    ids=str,
)
def test_a_token_may_say_more_and_a_clock_be_a_little_off(changes: dict[str, Any]) -> None:
    assert vouched(signed(claims(ISSUER, **changes))) == GUARD


def test_an_expired_token_is_told_so_only_if_it_was_ever_one() -> None:
    ended = claims(ISSUER, exp=SECONDS - LEEWAY - 1)
    token = signed(ended)
    refused(token, TokenExpired)
    refused(signed({**ended, "role": "chief"}), KeyExpired)
    refused(token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"))
    refused(signed({**ended, "aud": "another"}))
    assert vouched(signed(claims(ISSUER, exp=SECONDS + 1))) == GUARD
    later = NOW + (LEEWAY + 2) * clock.SECOND
    refused(signed(claims(ISSUER, exp=SECONDS + 1)), TokenExpired, now=later)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_whose_part_is_of_another_one_is_refused(part: int) -> None:
    mine = signed(claims(ISSUER)).split(".")
    other = signed(claims(ISSUER, role="operator"), "ec-1").split(".")
    refused(".".join(other[i] if i == part else mine[i] for i in range(3)))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, 0, ["none"]])
def test_a_token_without_a_signature_is_refused(algorithm: object) -> None:
    header = {"alg": algorithm, "kid": "rsa-1", "typ": "JWT"}
    unsigned = f"{encoded(header)}.{encoded(claims(ISSUER))}."
    refused(unsigned)
    refused(unsigned + "AA")
    refused(f"{encoded(header)}.{encoded(claims(ISSUER))}")


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize("name", ["rsa-1", "ec-1", "ed-1"])
def test_a_public_key_is_no_secret_to_sign_with(algorithm: str, name: str) -> None:
    public = private_key(name).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for secret in (pem, pem.strip(), der, json.dumps(public_jwk(name)).encode(), b""):
        signing = f"{encoded({'alg': algorithm, 'kid': name})}.{encoded(claims(ISSUER))}".encode()
        signature = hmac.new(secret, signing, getattr(hashlib, f"sha{algorithm[2:]}")).digest()
        token = f"{signing.decode()}.{encoded(signature)}"
        refused(token)
        without = {k: v for k, v in public_jwk(name).items() if k != "alg"}
        refused(token, published=[without])


def test_keys_and_addresses_that_a_token_brings_along_are_ignored() -> None:
    place = "http://127.0.0.1:9/keys"
    brought: dict[str, Any] = {"jwk": public_jwk("rsa-evil"), "jku": place, "x5u": place}
    for kid in ("rsa-evil", "rsa-1"):
        refused(signed(claims(ISSUER), "rsa-evil", **brought, kid=kid))
    assert vouched(signed(claims(ISSUER), **brought)) == GUARD


@pytest.mark.parametrize(
    "kid",
    ["", "../../../../dev/null", "/dev/null", "rsa-1\0", "rsa-1' OR '1'='1", "RSA-1", "none"],
)
def test_a_key_of_another_name_is_none(kid: str) -> None:
    refused(jwt.encode(claims(ISSUER), private_key("rsa-1"), "RS256", {"kid": kid}))


@pytest.mark.parametrize("kid", [None, 1, True, ["rsa-1"], {"kid": "rsa-1"}])
def test_a_name_of_a_key_that_is_no_text_is_none(kid: object) -> None:
    refused(raw({"alg": "RS256", "kid": kid}, claims(ISSUER)))


@pytest.mark.parametrize(
    "published",
    [
        {"use": "enc"},
        {"key_ops": ["encrypt"]},
        {"key_ops": "verify"},
        {"alg": "HS256"},
        {"alg": "none"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": ["RSA"]},
        {"crv": "P-256"},
        {"n": 5},
        {"n": "AQAB"},
        {"n": "!"},
        {"e": ""},
        {"d": "AQAB"},
        {"kid": 1},
        {"kid": ""},
    ],
    ids=str,
)
def test_a_published_key_that_cannot_verify_tokens_is_left_out(published: dict[str, Any]) -> None:
    assert set(read_keys({"keys": [public_jwk("rsa-1", **published), public_jwk("ec-1")]})) == {
        "ec-1"
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_key_whose_private_part_is_published_is_left_out(name: str) -> None:
    private = jwt.get_algorithm_by_name(algorithm_of(name)).to_jwk(private_key(name), as_dict=True)
    told = {"kid": name, **private}
    told.pop("key_ops", None)
    assert "d" in told
    assert set(read_keys({"keys": [told, public_jwk("ec-2")]})) == {"ec-2"}


def test_a_short_key_is_left_out() -> None:
    short = rsa.generate_private_key(65537, 1024).public_key()  # noqa: S505 - it is the point
    told = jwt.algorithms.RSAAlgorithm.to_jwk(short, as_dict=True) | {"kid": "short"}
    with pytest.raises(ValueError, match="no key in it"):
        read_keys({"keys": [told]})


@pytest.mark.parametrize("keys", [None, {}, "x", [], [None, 1, "x"], [{}] * 101])
def test_what_is_no_set_of_keys_is_refused(keys: object) -> None:
    with pytest.raises(ValueError, match="key"):
        read_keys({"keys": keys})


def test_claims_that_are_told_twice_are_refused() -> None:
    said = json.dumps(claims(ISSUER))
    assert vouched(raw_signed(said.encode())) == GUARD
    for twice in ('"role": "operator"', '"exp": 9999999999', '"deep": {"a": 1, "a": 2}'):
        refused(raw_signed(f"{said[:-1]}, {twice}}}".encode()))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b"{",
        b"[" * 6000,
        b'{"exp": NaN}',
        b'{"exp": Infinity}',
        b'{"exp": 1e999}',
        b'{"exp": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda payload: payload[:12].decode("latin-1"),
)
def test_a_signed_payload_that_is_no_claims_is_refused(payload: bytes) -> None:
    refused(raw_signed(payload))
    if payload.startswith(b'{"exp"'):
        rest = json.dumps(claims(ISSUER, exp=None))[1:].encode()
        refused(raw_signed(payload[:-1] + b", " + rest))


@pytest.mark.parametrize(
    "token",
    [
        ".",
        "..",
        "a.b.c",
        "a.b.c.d.e",
        "....",
        raw([], {}),
        raw(b"[" * 5000, {}),
        raw(b'{"kid": "rsa-1", "kid": "ec-1", "alg": "RS256"}', {}),
    ],
    ids=lambda token: token[:12],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    refused(token)


def test_a_token_that_is_very_long_is_refused_though_the_issuer_signed_it() -> None:
    for length in (10, 3000):
        assert vouched(signed(claims(ISSUER, more="x" * length))) == GUARD
    token = signed(claims(ISSUER, more="x" * LONGEST_TOKEN))
    assert len(token) > LONGEST_TOKEN
    refused(token)


@pytest.mark.parametrize("ending", ["=", "==", " ", "\n", ".", "\0", "é"])
def test_a_token_with_anything_added_is_refused(ending: str) -> None:
    token = signed(claims(ISSUER))
    refused(token + ending)
    refused(ending + token)


TOKENS = {name: signed(claims(ISSUER), name) for name in ("rsa-1", "ed-1")}


@given(data=st.data(), name=st.sampled_from(sorted(TOKENS)))
def test_a_token_that_was_changed_anywhere_gets_nobody_in(data: st.DataObject, name: str) -> None:
    token = TOKENS[name]
    start = data.draw(st.integers(0, len(token)))
    end = data.draw(st.integers(start, min(len(token), start + 8)))
    put = data.draw(st.text(st.sampled_from("ABab09-_.=") | st.characters(), max_size=8))
    changed = token[:start] + put + token[end:]
    if changed == token:
        assert vouched(changed) == GUARD
    else:
        refused(changed)


@pytest.mark.parametrize(
    ("pointer", "brought"),
    [
        ("/role", "guard"),
        ("/realm_access/roles", {"roles": ["offline_access", "guard"]}),
        ("/realm_access/a~1b~0c", {"a/b~c": "guard"}),
        ("/realm_access/", {"": "guard"}),
    ],
)
def test_a_claim_inside_others_is_found_by_its_pointer(pointer: str, brought: object) -> None:
    expected = replace(EXPECTED, role=pointer)
    said = claims(ISSUER, realm_access=brought)
    if pointer != "/role":
        del said["role"]
    assert vouched(signed(said), expected=expected) == GUARD


@pytest.mark.parametrize("brought", [None, "guard", ["guard"], {"role": "guard"}, {"roles": {}}])
def test_a_claim_that_is_not_where_its_pointer_leads_names_nobody(brought: object) -> None:
    expected = replace(EXPECTED, role="/realm_access/roles")
    refused(signed(claims(ISSUER, realm_access=brought)), expected=expected)


def test_a_claim_whose_name_is_an_address_is_taken_by_that_name() -> None:
    expected = replace(EXPECTED, role="https://issuer.example/role")
    said = claims(ISSUER, **{"https://issuer.example/role": "guard"})
    assert vouched(signed(said), expected=expected) == GUARD


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    ),
    st.sampled_from(sorted(claims(ISSUER))),
)
def test_a_claim_of_any_kind_is_taken_or_refused_and_nothing_breaks(
    value: object, name: str
) -> None:
    token = raw_signed(json.dumps({**claims(ISSUER), name: value}).encode())
    try:
        found = vouched(token)
    except UnknownCaller:
        assert claims(ISSUER)[name] != value
    else:
        assert found.person == (value if name == "sub" else GUARD.person)
        assert found.organisation == (value if name == "organisation" else GUARD.organisation)
        assert found.role is Role.GUARD
