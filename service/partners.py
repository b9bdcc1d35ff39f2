"""Partners: organisations, their people and their devices, as they are on record.

Moments are microseconds since 1970; a person and a device are of one organisation.
"""

from dataclasses import dataclass
from enum import StrEnum

from service.standing import Pass, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """An organisation as it is on record."""

    id: int
    name: str
    terms: Terms | None = None
    suspended_at: int | None = None
    suspension: str = ""


class EndedHow(StrEnum):
    """How a proposal ended that was not approved."""

    TURNED_DOWN = "turned-down"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class ProposalEnd:
    """That a proposal ended without an approval: when, how and why."""

    at: int
    how: EndedHow
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person as they are on record.

    `approved` is the pass that counts, and None while none was; `proposed` one that was proposed
    later and waits, `proposal` its id; `proposal_ended` how the one that was proposed last ended,
    if it was not approved. `screened` is whether any was ever proposed. Whoever was dropped is so
    until another pass of theirs is approved. `terms` are those of the organisation, which may be
    `suspended`. `name` is None once it was erased.
    """

    id: int
    organisation: str
    name: str | None
    proposed: Pass | None = None
    proposal: int | None = None
    proposed_at: int | None = None
    proposal_ended: ProposalEnd | None = None
    screened: bool = False
    approved: Pass | None = None
    approved_at: int | None = None
    dropped_at: int | None = None
    reason: str = ""
    terms: Terms | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device as it is on record."""

    id: int
    organisation: str
    name: str
    added_at: int
    dropped_at: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleQuery:
    """Filters of a search for people; None does not filter.

    `pass_before` finds those who are not dropped and whose approved pass ends before a moment,
    `waiting` those whose pass waits to be approved.
    """

    organisation: str | None = None
    name: str | None = None
    pass_before: int | None = None
    waiting: bool | None = None
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Which organisations or devices: those of one alone, before an id, at most so many."""

    organisation: str | None = None
    before: int | None = None
    limit: int = 50
