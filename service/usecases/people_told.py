"""People and devices as they are told, in documents."""

from service import ids
from service.partners import Device, EndedHow, Person
from service.records import Role
from service.standing import Pass, Standing
from service.usecases.keep_partners import ended, reasons_told, told

Document = dict[str, object]


def person_told(person: Person, now: int, *, registered_only: bool) -> Document:
    """Return a person with why they may not take part now."""
    card = person.approved
    standing = Standing(
        terms=person.terms,
        suspended=person.suspended,
        screened=card is not None or person.screened,
        card=card,
        dropped=person.dropped_at is not None,
    )
    of = card or person.proposed
    role = Role.GUARD if of is None else of.role
    reasons = standing.reasons(role, now, registered_only=registered_only)
    return {
        "id": ids.to_text(person.id),
        "organisation": person.organisation,
        "name": person.name,
        "approved": None if card is None else pass_told(card),
        "approvedAt": told(person.approved_at),
        "waiting": waiting_told(person),
        "turnedDown": _proposal_ended(person, EndedHow.TURNED_DOWN),
        "withdrawn": _proposal_ended(person, EndedHow.WITHDRAWN),
        "dropped": ended(person.dropped_at, person.reason),
        "reasons": reasons_told(reasons),
    }


def waiting_told(person: Person) -> Document | None:
    """Return the pass that waits, with the id that an approval names."""
    if person.proposed is None or person.proposal is None:
        return None
    return {"id": ids.to_text(person.proposal), **pass_told(person.proposed)}


def pass_told(card: Pass) -> Document:
    """Return what is on record of a pass."""
    return {
        "passNumber": card.number or None,
        "passColour": card.colour,
        "passUntil": told(card.until),
        "secrecyAcknowledgedAt": told(card.secrecy_at),
        "role": card.role,
    }


def device_told(device: Device) -> Document:
    """Return what is on record of a device."""
    return {
        "id": ids.to_text(device.id),
        "organisation": device.organisation,
        "name": device.name or None,
        "addedAt": told(device.added_at),
        "dropped": ended(device.dropped_at, device.reason),
    }


def _proposal_ended(person: Person, how: EndedHow) -> Document | None:
    """Return that the last proposal ended so; None if it did not, or another one came."""
    end = person.proposal_ended
    return None if end is None or end.how is not how else ended(end.at, end.reason)
