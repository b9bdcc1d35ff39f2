"""A real OpenID Connect issuer on this machine: discovery, keys, and tokens that it signs."""

import json
import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from time import sleep
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from service import clock

AUDIENCE = "plate-match"
DISCOVERY, KEYS = "/.well-known/openid-configuration", "/keys"
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | Ed25519PrivateKey


@cache
def private_key(name: str) -> Private:
    """A key whose name begins with its kind; the same all through a run."""
    kind = name.partition("-")[0]
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    if kind == "ed":
        return Ed25519PrivateKey.generate()
    return ec.generate_private_key({"ec": ec.SECP256R1, "ec384": ec.SECP384R1}[kind]())


def algorithm_of(name: str) -> str:
    """What the key of a name signs by, unless a test says otherwise."""
    return {"rsa": "RS256", "ed": "EdDSA", "ec": "ES256", "ec384": "ES384"}[name.partition("-")[0]]


def public_jwk(name: str, **more: object) -> dict[str, Any]:
    """The public part of a key, as a JWK."""
    public = private_key(name).public_key()
    if isinstance(public, rsa.RSAPublicKey):
        told = RSAAlgorithm.to_jwk(public, as_dict=True)
    elif isinstance(public, ec.EllipticCurvePublicKey):
        told = ECAlgorithm.to_jwk(public, as_dict=True)
    else:
        told = OKPAlgorithm.to_jwk(public, as_dict=True)
    told.pop("key_ops", None)
    return {**told, "kid": name, "use": "sig", "alg": algorithm_of(name), **more}


def signed(claims: dict[str, Any], name: str = "rsa-1", **header: Any) -> str:
    """A token with these claims, signed by the key of a name."""
    headers = {"kid": name, **header}
    algorithm = headers.pop("alg", algorithm_of(name))
    return jwt.encode(claims, private_key(name), algorithm, headers=headers)


def claims(issuer: str, **changes: object) -> dict[str, Any]:
    """What the token of a synthetic guard says, valid for an hour; None leaves a claim out."""
    now = clock.now() // clock.SECOND
    said: dict[str, object] = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": "synthetic-pass-1",
        "organisation": "Synthetic Security",
        "role": "guard",
        "iat": now,
        "exp": now + 3600,
    }
    return {name: value for name, value in {**said, **changes}.items() if value is not None}


@dataclass
class Issuer:
    """What the issuer publishes, and what it was asked for.

    `answers` has what it answers on a path instead: a status, headers and a body. While `open` is
    clear, nothing is answered; one that `drips` sends a byte at a time.
    """

    port: int = 0
    origin: str = "http://127.0.0.1"
    published: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    open: Event = field(default_factory=Event)
    reached: Event = field(default_factory=Event)
    drips: bool = False

    @property
    def url(self) -> str:
        """How it names itself."""
        return f"{self.origin}:{self.port}"

    def token(self, name: str = "rsa-1", **changes: object) -> str:
        """A token for the synthetic guard."""
        return signed(claims(self.url, **changes), name)

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """What is answered on a path."""
        documents = {
            DISCOVERY: {"issuer": self.url, "jwks_uri": self.url + KEYS},
            KEYS: {"keys": self.published},
        }
        if path in self.answers:
            return self.answers[path]
        found = documents.get(path)
        return (404, {}, b"") if found is None else (200, {}, json.dumps(found).encode())


@contextmanager
def issuing(*names: str, certificate: tuple[Path, Path] | None = None) -> Iterator[Issuer]:
    """An issuer that runs, and publishes the keys of these names; over TLS with a certificate."""
    issuer = Issuer(published=[public_jwk(name) for name in names])
    issuer.open.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked[self.path] += 1
            issuer.reached.set()
            issuer.open.wait()
            status, headers, body = issuer.answer(self.path)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.close_connection = True
            with suppress(OSError):
                for place in range(len(body)) if issuer.drips else ():
                    self.wfile.write(body[place : place + 1])
                    sleep(0.01)
                self.wfile.write(b"" if issuer.drips else body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        issuer.origin = "https://localhost"
    issuer.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield issuer
    finally:
        issuer.open.set()
        server.shutdown()
        thread.join()
        server.server_close()
