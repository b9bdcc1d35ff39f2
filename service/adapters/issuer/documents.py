"""The documents of an issuer, fetched within bounds: where its keys are, and these keys."""

import asyncio
import ssl
from typing import Any

import httpx2

from service.adapters.issuer.strict_json import read_object
from service.adapters.issuer.verification_keys import VerificationKey, read_keys
from service.errors import ServiceError
from service.web_address import is_trusted

DISCOVERY = "/.well-known/openid-configuration"

LARGEST = 1 << 18
"""Bytes of a document."""

SECONDS = 5.0
"""That both documents may take together, however slowly they come."""

_FOUND = 200


class IssuerFault(ServiceError):
    """The keys of the issuer cannot be had; the message says why, without an address."""


class IssuerDocuments:
    """Fetches the keys of an issuer. Certificates are those that this machine trusts."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._context = ssl.create_default_context()

    async def keys(self) -> dict[str, VerificationKey]:
        """Return the keys that the issuer signs with now, by their ids.

        Raises:
            IssuerFault: they cannot be had.
        """
        try:
            async with (
                asyncio.timeout(SECONDS),
                httpx2.AsyncClient(
                    verify=self._context,
                    timeout=SECONDS,
                    follow_redirects=False,
                    headers={"Accept-Encoding": "identity"},
                ) as client,
            ):
                told = await _document(client, self._issuer.rstrip("/") + DISCOVERY)
                return await _keys(client, self._place_of_keys(told))
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError) as error:
            raise IssuerFault(f"the issuer does not answer ({type(error).__name__})") from None

    def _place_of_keys(self, told: dict[str, Any]) -> str:
        if told.get("issuer") != self._issuer:
            raise IssuerFault("the issuer gives itself another name than the configured one")
        place = told.get("jwks_uri")
        if not isinstance(place, str) or not self._is_trusted(place):
            raise IssuerFault("the issuer names no safe address of its keys")
        return place

    def _is_trusted(self, place: str) -> bool:
        return is_trusted(place) and (
            place.startswith("https:") or not self._issuer.startswith("https:")
        )


async def _keys(client: httpx2.AsyncClient, place: str) -> dict[str, VerificationKey]:
    told = await _document(client, place)
    try:
        return await asyncio.to_thread(read_keys, told)
    except ValueError as error:
        raise IssuerFault(f"the issuer's keys cannot be used: {error}") from None


async def _document(client: httpx2.AsyncClient, url: str) -> dict[str, Any]:
    async with client.stream("GET", url) as response:
        if response.status_code != _FOUND:
            raise IssuerFault(f"the issuer answers {response.status_code}")
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise IssuerFault("the issuer answers in a coding it was not asked for")
        body = bytearray()
        async for piece in response.aiter_raw():
            body += piece
            if len(body) > LARGEST:
                raise IssuerFault(f"the issuer's answer is longer than {LARGEST} bytes")
    try:
        return read_object(bytes(body))
    except ValueError as error:
        raise IssuerFault(f"the issuer's answer cannot be read: {error}") from None
