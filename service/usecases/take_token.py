"""A token of the issuer -> who is calling, with a credential like everybody else.

The first token of a person in a role makes the credential; from then on it is listed, named on
record and revoked as any other, whatever the issuer goes on saying.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256

from service import clock, ids
from service.errors import KeyExpired, UnknownCaller
from service.names import tidy
from service.records import AuditEvent, Caller, IssuedCredential
from service.token_ports import Lapsed, TokenExpired, TokenHolders, Tokens, Vouched
from service.usecases.credentials import CredentialRefused, refuse_bad_names, usual_purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeToken:
    """Finds out who sends a token."""

    tokens: Tokens
    holders: TokenHolders
    now: Callable[[], int] = clock.now

    async def __call__(self, token: str) -> Caller | Lapsed:
        """Return who is calling, or who it was where that counts no longer.

        Raises:
            UnknownCaller: nobody who is known; its kind says as much as the caller may know.
            IssuerOutOfReach: it cannot be told now.
            StorageUnavailable: the credential can be neither read nor recorded.
        """
        try:
            vouched = self._known(await self.tokens.vouched(token, now=self.now()))
        except TokenExpired as expired:
            return self._late(expired.vouched)
        digest = digest_of(vouched)
        found = self.holders.holder(digest)
        if found is None:
            await asyncio.to_thread(self._make_known, vouched, digest)
            found = self.holders.holder(digest)
        if found is None:
            raise UnknownCaller
        return found

    def _late(self, vouched: Vouched) -> Lapsed:
        """Return whose a token was that is past its end, if they are known."""
        try:
            found = self.holders.holder(digest_of(self._known(vouched)))
        except UnknownCaller:
            found = None
        if found is None:
            raise KeyExpired
        return Lapsed(found.caller if isinstance(found, Lapsed) else found, KeyExpired())

    def _known(self, vouched: Vouched) -> Vouched:
        """Return who is vouched for, of the organisation as it is spelled on record.

        So another spelling is the same holder, who stays revoked. That of a person is no other's:
        a claim that is not in the form that is kept stands for nobody.
        """
        try:
            refuse_bad_names({"organisation": vouched.organisation, "person": vouched.person})
        except CredentialRefused:
            raise UnknownCaller from None
        organisation = self.holders.organisation(vouched.organisation)
        if organisation is None or tidy(vouched.person) != vouched.person:
            raise UnknownCaller
        return replace(vouched, organisation=organisation)

    def _make_known(self, vouched: Vouched, digest: bytes) -> IssuedCredential:
        now = self.now()
        credential = IssuedCredential(
            ids.to_text(ids.new_id(now)),
            vouched.role,
            vouched.organisation,
            vouched.person,
            now,
            issuer=vouched.issuer,
            purpose=usual_purpose(vouched.role),
        )
        header = {
            "credential": credential.id,
            "role": credential.role.value,
            "organisation": credential.organisation,
            "issuer": vouched.issuer,
        }
        event = AuditEvent(now, "credential-made-known", header, {"person": credential.person})
        return self.holders.make_known(credential, digest, event)


def digest_of(vouched: Vouched) -> bytes:
    """Return what stands for a holder where a key has its digest; no name holds the separator."""
    parts = ("oidc", vouched.issuer, vouched.organisation, vouched.person, vouched.role.value)
    return sha256("\0".join(parts).encode()).digest()
