"""Every error the service raises on purpose, on one page.

    ServiceError
    ├── CannotStart           settings or surroundings that stop the start
    ├── UnknownCaller         a key or token that counts for nobody
    │   ├── KeyMissing        neither was sent
    │   ├── KeyRevoked
    │   └── KeyExpired
    ├── IssuerOutOfReach      whether a token counts cannot be told now
    ├── NotAllowed            this caller may not do this
    │   ├── NotInForce        a firm, a person or a device may not take part now
    │   └── PurposeRefused    for no purpose, or for one that is not theirs
    ├── NotThere              unknown, or not the caller's to see
    ├── InvalidRequest        one or more faults in what was sent
    ├── KeyReused             an Idempotency-Key came with another body
    ├── SightingGone          an Idempotency-Key stands for a sighting that was purged
    ├── FaultyDeclaration     a declaration of a feed, or a manifest, that says something else
    ├── FaultyManifest
    ├── AlreadyRunning        a file of this feed waits or is being loaded
    ├── AnotherWaits          another pass was proposed meanwhile, or none waits
    ├── Frozen                nothing is disclosed until the hotlist is thawed
    ├── ComeLater             refused for now; says when to come again
    │   ├── OverBudget        as much was told as may be, or a holder is slowed down
    │   └── TooManyRequests   more requests in a time than are taken
    ├── StaleHotlist          a feed is older than declared, and that counts as not ready
    ├── DamagedRecord         a record of the audit is not what was written
    ├── NoWord                a month of the audit has no word to be drawn by
    ├── AnotherWord           it has another one
    ├── StillListed           a plate that is wanted now, or whose hits are kept as proof
    └── NoSnapshot            no hotlist is in force yet

None carries an HTTP status (the table is in `service.api.errors`), a plate or a read. What
storage raises stands with its ports, and so does that a token of somebody known is past its end.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class ServiceError(Exception):
    """Base of all errors raised on purpose by the service."""


class CannotStart(ServiceError):
    """The service cannot start; the message names every reason."""


class UnknownCaller(ServiceError):
    """The request names a key or a token that counts for nobody."""


class KeyMissing(UnknownCaller):
    """The request names neither a key nor a token."""


class KeyRevoked(UnknownCaller):
    """The key, or what the token stands for, was revoked."""


class KeyExpired(UnknownCaller):
    """The key or the token is past its end."""


class IssuerOutOfReach(ServiceError):
    """A token names a key that is not held, and the issuer of tokens does not answer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: where (a JSON pointer), which (a code that stays), and what to change."""

    pointer: str
    code: str
    message: str


class NotAllowed(ServiceError):
    """The caller may not do this; the reasons are in `faults`, none where it is their role."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        super().__init__(f"{len(faults)} reason(s)")
        self.faults = tuple(faults)


class NotInForce(NotAllowed):
    """The caller, their firm or their device may not take part now."""


class PurposeRefused(NotAllowed):
    """A consultation without a purpose, or for one that is not the caller's."""


def other_purpose(pointer: str) -> Fault:
    """Return the fault of a purpose that the decision does not name."""
    return Fault(pointer, "other-purpose", "The decision that names the firm has other purposes")


class NotThere(ServiceError):
    """Nothing of that name is there for this caller to see."""


class InvalidRequest(ServiceError):
    """What was sent has faults; all of them are in `faults`."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} fault(s)")
        self.faults = tuple(faults)


class KeyReused(ServiceError):
    """The Idempotency-Key was used for another body."""


class SightingGone(ServiceError):
    """The sighting that this Idempotency-Key stands for has been purged."""


class NoSnapshot(ServiceError):
    """No hotlist is in force yet, so no answer can be given."""


class FaultyDeclaration(ServiceError):
    """A feed is declared in a way that cannot be; `faults` has every reason."""

    def __init__(self, feed: str, faults: Sequence[str]) -> None:
        super().__init__(f"the declaration of feed {feed}: " + "; ".join(faults))
        self.faults = tuple(faults)


class FaultyManifest(ServiceError):
    """A manifest cannot be read; `faults` has every reason."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


class AlreadyRunning(ServiceError):
    """A file of this feed waits or is being loaded; hand the next one in when that is done."""


class AnotherWaits(ServiceError):
    """Another pass of this person was proposed meanwhile, or none waits to be approved."""


class Frozen(ServiceError):
    """Nothing is disclosed until the hotlist is thawed; sightings are taken meanwhile."""


class DamagedRecord(ServiceError):
    """A record of the audit cannot be read."""

    def __init__(self, seq: object) -> None:
        which = f"record {seq}" if isinstance(seq, int) else "a record whose place is no number"
        super().__init__(f"{which} of the audit is damaged: see `plate-match audit verify`")


class NoWord(ServiceError):
    """A month is over, and nobody has given the word by which it is drawn."""

    def __init__(self, month: str) -> None:
        super().__init__(f"{month} was not drawn yet: give a word of your own with --word")


class AnotherWord(ServiceError):
    """A month was drawn by another word already."""

    def __init__(self, month: str, seq: int) -> None:
        super().__init__(f"{month} was drawn by another word, that of record {seq}: leave --word")


class StillListed(ServiceError):
    """What is on record of a plate cannot be erased now; the message says why."""


class ComeLater(ServiceError):
    """Base of what is refused for now; `seconds` is how long to wait, at least one."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"in {max(seconds, 1)} s")
        self.seconds = max(seconds, 1)


class OverBudget(ComeLater):
    """A holder was told as much of the list as they may be, or was slowed down."""


class TooManyRequests(ComeLater):
    """A credential sends more requests than are taken."""


class StaleHotlist(ServiceError):
    """A feed in force is older than its declaration allows."""


def told(error: Exception) -> str:
    """Return what a log may say of an error.

    Of what nobody foresaw only the kind: its text may hold a plate.
    """
    return str(error) if isinstance(error, ServiceError) else type(error).__name__
