"""A synthetic feed as its owner makes it: a declaration, files, manifests, signatures."""

import base64
import json
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

DECLARED = """
name = "east"
owner = "synthetic unit"
contact = "synthetic desk"
longest_validity_days = 30

[defaults]
legalGround = "synthetic ground"
purpose = "offences"
"""


@dataclass
class Owner:
    """The owner of a feed, with a key of its own."""

    feed: str = "east"
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def public(self) -> str:
        """Return what is declared of the key."""
        raw = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return base64.b64encode(raw).decode()

    @property
    def pem(self) -> str:
        """Return the same as PEM."""
        public = self.key.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def manifest(self, content: bytes, *, rows: int, sequence: int = 1, **said: object) -> bytes:
        """Return the manifest of a file; `said` stands in place of what is so."""
        told = {
            "feed": self.feed,
            "sequence": sequence,
            "producedAt": "2026-11-24T12:00:00Z",
            "kind": "full",
            "base": None,
            "rows": rows,
            "sha256": sha256(content).hexdigest(),
        }
        return json.dumps(told | said).encode()

    def signature(self, manifest: bytes) -> bytes:
        """Sign a manifest."""
        return base64.b64encode(self.key.sign(manifest)) + b"\n"
