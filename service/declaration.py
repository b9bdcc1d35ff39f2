"""The declaration of a feed: what its files are, and what must hold for them.

    DATA/feeds/NAME.toml

        name = "east"
        owner = "Synthetic unit East"
        contact = "info desk, 0000-000000"
        longest_validity_days = 90
        canaries = ["CANARY-1"]
        size = {least = 1_000, most = 200_000}

        [defaults]
        legalGround = "Wpg 20"
        purpose = "offences"

A feed without one is open: whatever can be read of its files is taken.
"""

import base64
import binascii
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from plate_match.errors import FaultyMapping
from plate_match.feed import Columns, Format, Reading, Terms, of_table
from plate_match.feed.fields import FIELDS, FieldFault
from service.errors import FaultyDeclaration
from service.plain_words import in_words
from service.web_address import is_trusted

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""How a feed may be called: it names files, too."""

ASKED = ("legalGround", "purpose")
"""Without these no entry of a declared feed is taken."""

_KEY_BYTES = 32
_OWN = frozenset({"plate", "reference", "feed", "validFrom", "validUntil"})


class Origin(StrEnum):
    """Where the files of a feed come from."""

    UPLOAD = "upload"
    DROP = "drop"
    PULL = "pull"


def _key(text: str) -> str:
    public_key(text)
    return text


def public_key(text: str) -> Ed25519PublicKey:
    """Return the key that a text holds: 32 bytes in base64, or PEM.

    Raises:
        ValueError: it holds no such key.
    """
    try:
        if text.lstrip().startswith("-----"):
            key = load_pem_public_key(text.encode())
            if isinstance(key, Ed25519PublicKey):
                return key
        else:
            raw = base64.b64decode(text, validate=True)
            if len(raw) == _KEY_BYTES:
                return Ed25519PublicKey.from_public_bytes(raw)
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        pass
    raise ValueError("must be an Ed25519 public key: 32 bytes in base64, or PEM")


def _mapping(table: dict[str, Any]) -> dict[str, Any]:
    of_table(table)
    return table


def _given(table: dict[str, Any]) -> dict[str, Any]:
    faults = [f"{name}: {fault}" for name, value in table.items() for fault in _fault(name, value)]
    if faults:
        raise FaultyMapping(tuple(faults))
    return table


def _fault(name: str, value: object) -> list[str]:
    if name not in FIELDS:
        return ["is no field of an entry"]
    if name in _OWN:
        return ["is each entry's own"]
    try:
        FIELDS[name].read(value)
    except FieldFault as fault:
        return [str(fault)]
    return []


def _https(url: str) -> str:
    if not url.startswith("https://"):
        raise ValueError("must begin with https://")
    if not is_trusted(url):
        raise ValueError("must have a host, and neither a name before it nor a part behind #")
    return url


def _absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError("must be a whole path, from / on: the service runs in a folder of its own")
    return path


Share = Annotated[float, Field(ge=0, le=1, strict=True)]
Count = Annotated[int, Field(ge=0, strict=True)]
Hours = Annotated[float, Field(gt=0, le=24 * 366, strict=True)]
Text = Annotated[str, Field(min_length=1, max_length=100)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Size(_Part):
    """How many entries the feed has: outside this band something went wrong at its owner."""

    least: Count = 1
    most: Annotated[int, Field(ge=1, strict=True)] = 10_000_000

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.most < self.least:
            raise ValueError("most must be at least as much as least")
        return self


class Declaration(_Part):
    """What the owner of a feed and the operator agreed on.

    Attributes:
        name: of the feed; the file is called so.
        owner, contact: given to every entry that names none.
        longest_validity_days: an entry ends so long after its list came, if not before.
        format, mapping: what a file is, if that is not to be found by content.
        origin: where files come from; uploads are taken from every feed.
        url: of the file, if it is pulled; manifest and signature are beside it.
        trust: PEM file of the authority that vouches for that server; else those of the machine.
        every_minutes: between two looks there.
        size: the least and the most entries.
        largest_share_lost, largest_share_changed: of the entries in force.
        largest_share_rejected: of the rows of a file.
        canaries: references of `test` entries without which a list is not whole.
        manifest: whether nothing is taken without a manifest, though nobody signs it.
        signature_key: Ed25519; with one, nothing is taken without a manifest signed by it.
        oldest_hours: since a file was made.
        fresh_hours: after which the feed is stale, unless a newer file came.
        defaults: fields that an entry has if its row does not say.
    """

    name: Annotated[str, Field(pattern=f"^{NAME}$")]
    owner: Text
    contact: Text
    longest_validity_days: Annotated[int, Field(ge=1, le=5 * 366, strict=True)]
    format: Format | None = None
    mapping: Annotated[dict[str, Any], AfterValidator(_mapping)] | None = None
    origin: Origin = Origin.UPLOAD
    url: Annotated[str, AfterValidator(_https)] | None = None
    trust: Annotated[Path, AfterValidator(_absolute)] | None = None
    every_minutes: Annotated[float, Field(ge=0.1, le=24 * 60)] = 15
    size: Size = Size()
    largest_share_lost: Share = 0.2
    largest_share_changed: Share = 0.5
    largest_share_rejected: Share = 0.05
    canaries: tuple[Text, ...] = ()
    manifest: Annotated[bool, Field(strict=True)] = False
    signature_key: Annotated[str, AfterValidator(_key)] | None = None
    oldest_hours: Hours | None = None
    fresh_hours: Hours | None = None
    defaults: Annotated[dict[str, Any], AfterValidator(_given)] = {}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if faults := list(_contradictions(dict(self))):
            raise FaultyMapping(tuple(faults))
        return self

    @property
    def columns(self) -> Columns | None:
        """Where the fields are in a file of another system."""
        return None if self.mapping is None else of_table(self.mapping)

    @property
    def asks_manifest(self) -> bool:
        """Whether nothing is taken without a manifest, signed or not."""
        return self.manifest or self.signature_key is not None

    @property
    def longest(self) -> timedelta:
        """How long an entry may last after its list came."""
        return timedelta(days=self.longest_validity_days)

    @property
    def fresh_for(self) -> timedelta | None:
        """How long the feed is fresh after a file of it came."""
        return None if self.fresh_hours is None else timedelta(hours=self.fresh_hours)

    def reading(self, now: datetime) -> Reading:
        """Return how a file that comes now is read."""
        given = {"owner": self.owner, "contact": self.contact, **self.defaults}
        terms = Terms(given=given, asked=ASKED, latest_end=now + self.longest)
        return Reading(feed=self.name, now=now, form=self.format, mapping=self.columns, terms=terms)


def _contradictions(told: Mapping[str, object]) -> Iterator[str]:
    """Yield what is wrong between parts of a declaration, each of which may be wrong, too."""
    form, url = told.get("format"), told.get("url")
    if form is not None and told.get("mapping") is not None:
        yield "format: a mapping is given, too; one of them is meant"
    if form == Format.MAPPED:
        yield "format: say it by a table [mapping]"
    if (told.get("origin") == Origin.PULL) != (url is not None):
        yield 'url: belongs to origin = "pull", and only there'
    if told.get("trust") is not None and url is None:
        yield "trust: belongs to a url"


def read_declaration(body: bytes, *, name: str) -> Declaration:
    """Return what a file declares of the feed that it is called after.

    Raises:
        FaultyDeclaration: with every fault of it.
    """
    try:
        table = tomllib.loads(body.decode())
    except ValueError as error:
        raise FaultyDeclaration(name, (f"is no TOML: {error}",)) from None
    faults = [] if table.get("name", name) == name else [f"name: must be {name}, as its file is"]
    try:
        declaration = Declaration.model_validate(table)
    except ValidationError as error:
        faults += [fault for one in error.errors() for fault in _told(one)]
        faults += [fault for fault in _contradictions(table) if fault not in faults]
        raise FaultyDeclaration(name, faults) from None
    if faults:
        raise FaultyDeclaration(name, faults)
    return declaration


def _told(error: Mapping[str, Any]) -> list[str]:
    place = ".".join(str(step) for step in error["loc"])
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, FaultyMapping):
        return [f"{place}.{fault}" if place else fault for fault in cause.faults]
    said = str(cause) if isinstance(cause, ValueError) else in_words(error)
    return [f"{place}: {said}" if place else said]
