"""Settings: read once from the environment and a TOML file, frozen, handed down.

`PLATE_MATCH_NAME` in the environment wins over `name` in the file that `PLATE_MATCH_CONFIG`
names. A name that means nothing stops the start, in either place.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    Field,
    IPvAnyNetwork,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service.errors import CannotStart
from service.web_address import is_trusted

PREFIX = "PLATE_MATCH_"
CONFIG = "PLATE_MATCH_CONFIG"


def _issuer(url: str) -> str:
    if not is_trusted(url) or "?" in url:
        raise ValueError("must be https:// (http:// on this machine), without a query")
    return url


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

    data: Path = Path("data")
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = ()
    connections: Annotated[int, Field(ge=1, le=100_000)] = 800
    base_rate: Annotated[float, Field(gt=0, lt=1)] = 0.01
    registry: Path | None = None
    registered_only: bool = False
    least_symbols: Annotated[int, Field(ge=0, le=10)] = 0
    least_bits: Annotated[float, Field(ge=0, le=24)] = 4
    person_bits_a_day: Annotated[float, Field(ge=0)] = 200
    person_bits_a_month: Annotated[float, Field(ge=0)] = 1_000
    firm_bits_a_month: Annotated[float, Field(ge=0)] = 20_000
    walk_hours: Annotated[int, Field(ge=0, le=24 * 7)] = 24
    requests_a_minute: Annotated[int, Field(ge=0)] = 600
    longest_entry_hours: Annotated[int, Field(ge=1, le=24 * 366)] = 48
    match_back_hours: Annotated[int, Field(ge=0, le=24 * 28)] = 24
    canary_minutes: Annotated[float, Field(ge=0, le=24 * 60)] = 5
    witness: Path | None = None
    witness_minutes: Annotated[float, Field(gt=0, le=60)] = 60
    keep_sightings_hours: Annotated[int, Field(ge=1, le=24 * 28)] = 24
    keep_hits_days: Annotated[int, Field(ge=1, le=5 * 366)] = 28
    keep_versions_days: Annotated[int, Field(ge=1, le=5 * 366)] = 28
    keep_audit_years: Annotated[int, Field(ge=5, le=20)] = 5
    oidc_issuer: Annotated[str, AfterValidator(_issuer)] | None = None
    oidc_audience: Annotated[str, Field(min_length=1)] | None = None
    oidc_leeway_seconds: Annotated[int, Field(ge=0, le=300)] = 30
    oidc_person_claim: Annotated[str, Field(min_length=1)] = "sub"
    oidc_organisation_claim: Annotated[str, Field(min_length=1)] = "organisation"
    oidc_role_claim: Annotated[str, Field(min_length=1)] = "role"
    ready_when_stale: bool = True
    contact: str = "plate-match@example.org"

    @model_validator(mode="after")
    def _issuer_with_audience(self) -> Self:
        if (self.oidc_issuer is None) != (self.oidc_audience is None):
            raise ValueError("oidc_issuer and oidc_audience belong together")
        return self

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """Take what the environment says for a list with commas."""
        return [one.strip() for one in value.split(",")] if isinstance(value, str) else value

    @classmethod
    def load(cls, **overrides: object) -> Self:
        """Read the settings; `overrides` (of a command line) win over everything.

        Raises:
            CannotStart: one message names every unknown name and every bad value.
        """
        environment = _environment()
        known = {CONFIG, *(PREFIX + name.upper() for name in cls.model_fields)}
        faults = [f"{name}: unknown" for name in environment if name not in known]
        try:
            file = read_config(environment.get(CONFIG))
            behind = {k: v for k, v in file.items() if PREFIX + k.upper() not in environment}
            settings = cls(**{**behind, **overrides})
        except ValidationError as error:
            faults += [f"{_place(fault)}: {fault['msg']}" for fault in error.errors()]
        except (OSError, ValueError) as error:
            faults.append(f"{CONFIG}: {error}")
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
    return {} if path is None else tomllib.loads(Path(path).read_text(encoding="utf-8"))


def config_file() -> Path | None:
    """Return the file that settings are read from, if there is one."""
    path = _environment().get(CONFIG)
    return None if path is None else Path(path)


def _place(fault: Mapping[str, Any]) -> str:
    return ".".join(str(step) for step in fault["loc"]) or "together"


def _environment() -> dict[str, str]:
    """Return what the environment says to this service, names in upper case."""
    found = os.environ  # noqa: TID251 - this is the one place that reads it
    return {k.upper(): v for k, v in found.items() if k.upper().startswith(PREFIX)}
