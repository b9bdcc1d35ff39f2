"""What the record of an opened audit says of whoever opened it."""

from service.records import Caller


def opened_by(caller: Caller | None) -> dict[str, object]:
    """Return what the header of a record says of whoever opened the personal part, if so."""
    if caller is None:
        return {"opened": False}
    return {
        "opened": True,
        "credential": caller.credential,
        "role": caller.role.value,
        "organisation": caller.organisation,
    }
