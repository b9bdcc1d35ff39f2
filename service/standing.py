"""Standing: may a firm, a person, a device take part now; and if not, every reason why.

Police data in private hands is lawful only for a firm that the decision names (Wet
politiegegevens, article 20), with a licence and a quality mark, and for a person with a pass
that is valid and allows the work (Wet particuliere beveiligingsorganisaties, article 7), who
has been told of the duty of secrecy (Besluit politiegegevens, article 4:8). All of it is asked
at every request, so that what has lapsed is refused at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

GUARD = "guard"

OPERATOR = "operator"
"""Who puts terms on record, so that nobody has to have put any for them."""

SCREENED = frozenset({GUARD, "manager"})
"""Roles of private parties, whose people need a pass."""


class PassColour(StrEnum):
    """Colours of the pass of a guard (Beleidsregels Wpbr, 3.1)."""

    GREY = "grey"
    GREEN = "green"
    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"


USUAL_COLOURS = (PassColour.GREY.value,)
"""Whoever has a diploma; the others are in training, or may do other work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On which terms an organisation takes part. Moments are microseconds since 1970.

    Attributes:
        licence: number of its licence.
        licence_until: when that ends; None where it has no end.
        mark: its quality mark, "" if it has none.
        mark_until: when that ends.
        decision: the decision under article 20 that names it.
        since, until: from when until when it is in force, `until` excluded.
        categories: of entries that its guards may know of; None for all.
        purposes: for which it may act; None for all that the law has.
        colours: of passes that allow the work.
        roles: that people of it may have, by a key or by a token; None for any.
        device_required: whether its guards need a key that was issued for a device.
    """

    licence: str
    licence_until: int | None = None
    mark: str = ""
    mark_until: int | None = None
    decision: str
    since: int
    until: int | None = None
    categories: tuple[str, ...] | None = None
    purposes: tuple[str, ...] | None = None
    colours: tuple[str, ...] = USUAL_COLOURS
    roles: tuple[str, ...] | None = None
    device_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What is on record of a person's pass, as the firm proposed it."""

    number: str
    colour: str
    until: int
    role: str
    secrecy_at: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody may not take part: a code that stays, and what to do."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is on record of whoever holds a key.

    Attributes:
        terms: of the organisation; None while nobody has put any on record.
        suspended: whether the organisation is.
        screened: whether a person is named of whom a pass was ever proposed.
        card: the pass that was approved last; None while none was.
        dropped: whether the person was dropped.
        device_dropped: whether the device of the key was.
        without_device: whether the terms ask for a device, and the key or the token is for none.
    """

    terms: Terms | None = None
    suspended: bool = False
    screened: bool = False
    card: Pass | None = None
    dropped: bool = False
    device_dropped: bool = False
    without_device: bool = False

    def reasons(self, role: str, now: int, *, registered_only: bool) -> tuple[Reason, ...]:
        """Return every reason why a caller of this role may not take part now; none if they may.

        Where nobody has put the terms of an organisation on record it is open, to those of whom
        no pass was proposed, unless
        `registered_only`: then all but operators need terms, and guards and managers a pass, that
        are in force.
        """
        return (
            *self.of_firm(role, now, registered_only=registered_only),
            *self.of_person(role, now, registered_only=registered_only),
            *self.of_device(role),
        )

    def purpose_refused(self, purpose: str) -> bool:
        """Whether the decision does not allow what is done for a purpose."""
        allowed = None if self.terms is None else self.terms.purposes
        return allowed is not None and purpose not in allowed

    @property
    def categories(self) -> frozenset[str] | None:
        """The categories of entries that guards of the organisation may know of; None for all."""
        told = None if self.terms is None else self.terms.categories
        return None if told is None else frozenset(told)

    @property
    def purposes(self) -> frozenset[str] | None:
        """The purposes of entries that guards of the organisation may know of; None for all."""
        told = None if self.terms is None else self.terms.purposes
        return None if told is None else frozenset(told)

    def of_firm(self, role: str, now: int, *, registered_only: bool) -> Iterator[Reason]:
        """Yield every reason that lies with the organisation."""
        if self.suspended:
            yield _SUSPENDED
        terms = self.terms
        if terms is None:
            if registered_only and role != OPERATOR:
                yield _NO_TERMS
            return
        if terms.roles is not None and role not in terms.roles:
            yield _NOT_OF_FIRM
        if now < terms.since:
            yield _NOT_YET
        for until, reason in (
            (terms.until, _DECISION_OVER),
            (terms.licence_until, _LICENCE_OVER),
            (terms.mark_until, _MARK_OVER),
        ):
            if until is not None and until <= now:
                yield reason

    def of_person(self, role: str, now: int, *, registered_only: bool) -> Iterator[Reason]:
        """Yield every reason that lies with the person."""
        if self.dropped:
            yield _DROPPED
        if self.card is not None and self.card.role != role:
            yield _OTHER_ROLE
        asked = self.screened or self.terms is not None or registered_only
        if role not in SCREENED or not asked:
            return
        if self.card is None:
            yield _NOT_APPROVED
            return
        if self.card.until <= now:
            yield _PASS_OVER
        colours = USUAL_COLOURS if self.terms is None else self.terms.colours
        if role == GUARD and self.card.colour not in colours:
            yield _COLOUR
        if self.card.secrecy_at is None or self.card.secrecy_at > now:
            yield _SECRECY

    def of_device(self, role: str) -> Iterator[Reason]:
        """Yield every reason that lies with the device of the key."""
        if self.device_dropped:
            yield _DEVICE
        if role == GUARD and self.without_device:
            yield _NO_DEVICE


OPEN = Standing()
"""Of whom nothing is on record."""

_NOT_OF_FIRM = Reason("role-not-of-firm", "The terms of the firm give nobody this role")
_SUSPENDED = Reason("firm-suspended", "The firm is suspended; its manager can ask the operator")
_NO_TERMS = Reason("firm-unregistered", "The operator has not put the terms of the firm on record")
_NOT_YET = Reason("decision-not-begun", "The decision that names the firm is not in force yet")
_DECISION_OVER = Reason("decision-ended", "The decision that names the firm has ended")
_LICENCE_OVER = Reason("licence-ended", "The licence of the firm has ended")
_MARK_OVER = Reason("mark-ended", "The quality mark of the firm has ended")
_DROPPED = Reason("person-dropped", "This person was dropped; propose them anew")
_NOT_APPROVED = Reason("pass-not-approved", "The operator has approved no pass of this person")
_OTHER_ROLE = Reason("other-role", "The person was approved for another role")
_PASS_OVER = Reason("pass-ended", "The pass has ended; propose the new one")
_COLOUR = Reason("pass-colour", "A pass of this colour does not allow the work")
_SECRECY = Reason("secrecy", "The person has not acknowledged the duty of secrecy")
_DEVICE = Reason("device-dropped", "This device was dropped")
_NO_DEVICE = Reason("device-required", "The firm's terms ask for a key that is for a device")
