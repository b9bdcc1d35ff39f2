"""Settings: read once from the environment and a TOML file, frozen, handed down.

`PLATE_MATCH_NAME` in the environment wins over `name` in the file that `PLATE_MATCH_CONFIG`
names. A name that means nothing stops the start, in either place.
"""

import os
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service.errors import CannotStart
from service.network_address import Network, bare_host, networks_of
from service.regular_file import read_regular
from service.web_address import is_trusted

PREFIX = "PLATE_MATCH_"
CONFIG = "PLATE_MATCH_CONFIG"

_APART = "oidc_issuer and oidc_audience belong together"


MOST_BYTES = 1 << 20
"""Of a file of settings."""


def _written(value: object) -> object:
    """Refuse a text that says nothing, or has at its ends, or in it, what nobody sees."""
    if isinstance(value, str):
        if not value.strip():
            raise ValueError("is empty; leave it out for the default")
        if value != value.strip() or not value.isprintable():
            raise ValueError("has a space at an end, or a character that cannot be seen")
    return value


def _place_written(value: object) -> object:
    if isinstance(value, str) and value.startswith("~"):
        raise ValueError("begins with ~, which only a shell knows; write the folder out")
    return _written(value)


def _mail(address: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise ValueError("is no mail address")
    return address


def _issuer(url: str) -> str:
    if not is_trusted(url) or "?" in url:
        raise ValueError("must be https:// (http:// on this machine), without a query")
    return url


Text = Annotated[str, BeforeValidator(_written)]
Place = Annotated[Path, BeforeValidator(_place_written)]
Bits = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class Settings(BaseSettings):
    """What can be set.

    Attributes:
        data: folder of the database, the hotlist versions and the secrets.
        database_url: where the database is; without one, SQLite in `data`.
        host: address to listen on.
        port: TCP port to listen on, 0 for a free one.
        trusted_proxies: addresses, or networks, that connections are taken from, of the proxies
            that end TLS; without any only loopback can be listened on.
        connections: open at once in each process.
        base_rate: how often a sighting concerns a listed vehicle; the prior of every answer.
        registry: the vehicles that every answer is weighed against, a file made by `plate-match
            registry build`; without one, the series that plates are issued in.
        registered_only: whether all but operators need terms of their organisation on record, and
            guards and managers a pass; without it that is asked only of those of whom any are.
        least_symbols: symbols of a plate that a sighting has to have read, in one look at least;
            one with fewer is refused. Without it every read is answered with what it is worth.
        least_bits: what a guard's read has to say of a vehicle, in bits; one that says less is
            refused.
        person_bits_a_day: how much a guard may be told of the hotlist, in bits; 0: no limit.
        person_bits_a_month: the same in thirty days.
        firm_bits_a_month: how much all guards of one firm may be told in thirty days.
        walk_hours: within which reads of a firm's guards are looked at together, for whether they
            walk through plates; 0: they are not.
        requests_a_minute: how many a credential may send to one worker, each sighting of a
            batch counted; 0: no limit.
        longest_entry_hours: how long an entry may last that is put in by itself, without a file.
        match_back_hours: how long after its receipt a sighting is matched with entries that come.
        canary_minutes: between two sightings of a test entry that prove the whole path; 0: none.
        witness: folder outside the operator's reach where heads of the audit chain are put down.
        witness_minutes: between two of them.
        keep_sightings_hours: how long sightings without a hit are kept.
        keep_hits_days: how long hits are, with their sightings, and entries after their end.
        keep_versions_days: how long versions of the hotlist are that are not in force, and feed
            files that were refused for their size.
        keep_audit_years: how long the personal part of the audit is; the law asks for five.
        keep_people_days: how long names, numbers of passes and what devices are called are kept
            after people, passes, devices and credentials ended.
        oidc_issuer: address of the OpenID Connect issuer whose tokens are taken beside issued keys,
            as its tokens name it; https, or http on this machine.
        oidc_audience: what tokens have to name as their audience; belongs to an issuer.
        oidc_leeway_seconds: how far the clock of the issuer may be off.
        oidc_person_claim: the claim of a token that names the person; this and the two below by
            name, or by a JSON pointer such as `/realm_access/roles`.
        oidc_organisation_claim: the one that names the organisation, which has to be known.
        oidc_role_claim: the one that holds the role, or a list with one role among others.
        ready_when_stale: whether a service counts as ready whose list is stale.
        contact: mail address of whoever runs this service, told in the OpenAPI document.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    data: Place = Path("data")
    database_url: Text | None = None
    host: Annotated[str, AfterValidator(bare_host)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = ()
    connections: Annotated[int, Field(ge=1, le=100_000)] = 800
    base_rate: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] = 0.01
    registry: Place | None = None
    registered_only: bool = False
    least_symbols: Annotated[int, Field(ge=0, le=10)] = 0
    least_bits: Annotated[float, Field(ge=0, le=24, allow_inf_nan=False)] = 4
    person_bits_a_day: Bits = 200
    person_bits_a_month: Bits = 1_000
    firm_bits_a_month: Bits = 20_000
    walk_hours: Annotated[int, Field(ge=0, le=24 * 7)] = 24
    requests_a_minute: Annotated[int, Field(ge=0, le=10**9)] = 600
    longest_entry_hours: Annotated[int, Field(ge=1, le=24 * 366)] = 48
    match_back_hours: Annotated[int, Field(ge=0, le=24 * 28)] = 24
    canary_minutes: Annotated[float, Field(ge=0, le=24 * 60, allow_inf_nan=False)] = 5
    witness: Place | None = None
    witness_minutes: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)] = 60
    keep_sightings_hours: Annotated[int, Field(ge=1, le=24 * 28)] = 24
    keep_hits_days: Annotated[int, Field(ge=1, le=5 * 366)] = 28
    keep_versions_days: Annotated[int, Field(ge=1, le=5 * 366)] = 28
    keep_audit_years: Annotated[int, Field(ge=5, le=20)] = 5
    keep_people_days: Annotated[int, Field(ge=28, le=10 * 366)] = 731
    oidc_issuer: Annotated[str, AfterValidator(_issuer)] | None = None
    oidc_audience: Text | None = None
    oidc_leeway_seconds: Annotated[int, Field(ge=0, le=300)] = 30
    oidc_person_claim: Text = "sub"
    oidc_organisation_claim: Text = "organisation"
    oidc_role_claim: Text = "role"
    ready_when_stale: bool = True
    contact: Annotated[str, AfterValidator(_mail)] = "plate-match@example.org"

    @model_validator(mode="after")
    def _issuer_with_audience(self) -> Self:
        if (self.oidc_issuer is None) != (self.oidc_audience is None):
            raise ValueError(_APART)
        return self

    @field_validator("*", mode="before")
    @classmethod
    def _no_number(cls, value: object, info: ValidationInfo) -> object:
        """Refuse true and false for what they would be counted as: one and nothing."""
        is_switch = cls.model_fields[str(info.field_name)].annotation is bool
        if isinstance(value, bool) and not is_switch:
            raise ValueError("is true or false, where something else is asked for")
        return value

    @field_validator("trusted_proxies", mode="plain")
    @classmethod
    def _listed(cls, value: object) -> tuple[Network, ...]:
        """Take what the environment says for a list with commas."""
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list | tuple):
            raise ValueError("is no list of addresses and networks")  # noqa: TRY004 - a value of it
        return networks_of(parts)

    @classmethod
    def load(cls, **overrides: object) -> Self:
        """Read the settings; `overrides` (of a command line) win over everything.

        Raises:
            CannotStart: one message names every unknown name and every bad value.
        """
        environment = _environment()
        known = {CONFIG, *(PREFIX + name.upper() for name in cls.model_fields)}
        faults = [f"{name}: unknown" for name in environment if name not in known]
        faults += [f"{name}: set twice, in capitals and in small letters" for name in _twice()]
        file: Mapping[str, Any] = {}
        try:
            file = read_config(environment.get(CONFIG))
        except OSError as error:
            faults.append(f"{CONFIG}: cannot be read: {error.strerror}")
        except ValueError as error:
            faults.append(f"{CONFIG}: {error}")
        behind = {k: v for k, v in file.items() if PREFIX + k.upper() not in environment}
        try:
            settings = cls(**{**behind, **overrides})
        except ValidationError as error:
            faults += [_told(fault) for fault in error.errors()]
            named = {*behind, *overrides, *(n.removeprefix(PREFIX).lower() for n in environment)}
            if len(named & {"oidc_issuer", "oidc_audience"}) == 1 and _APART not in faults:
                faults.append(_APART)
        else:
            if not faults:
                return settings
        raise CannotStart("settings: " + "; ".join(faults))


def read_config(path: Path | str | None) -> dict[str, Any]:
    """Return what a file of settings says.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no TOML.
    """
    if path is None:
        return {}
    body = read_regular(Path(path), most=MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise ValueError(f"is longer than {MOST_BYTES} bytes")
    try:
        return tomllib.loads(body.decode("utf-8-sig"))
    except RecursionError:
        raise ValueError("is nested too deep") from None


def config_file() -> Path | None:
    """Return the file that settings are read from, if there is one."""
    path = _environment().get(CONFIG)
    return None if path is None else Path(path)


def _told(fault: Mapping[str, Any]) -> str:
    """Return what is wrong with a value, and never the value, which may be a secret."""
    if not fault["loc"]:
        return _APART
    place = ".".join(str(step) for step in fault["loc"])
    told = str(fault["msg"]).removeprefix("Value error, ")
    return f"{place}: {'unknown' if fault['type'] == 'extra_forbidden' else told}"


def _environment() -> dict[str, str]:
    """Return what the environment says to this service, names in upper case."""
    return {name.upper(): value for name, value in _said()}


def _twice() -> list[str]:
    """Return the names that the environment has in capitals and in small letters as well."""
    names = Counter(name.upper() for name, _ in _said())
    return [name for name, times in names.items() if times > 1]


def _said() -> list[tuple[str, str]]:
    found = os.environ  # noqa: TID251 - this is the one place that reads it
    return [(name, value) for name, value in found.items() if name.upper().startswith(PREFIX)]
