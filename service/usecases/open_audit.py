"""What the record of an opened audit says of whoever opened it."""

from service.records import Caller
from service.usecases.acts import whom


def opened_by(caller: Caller | None) -> dict[str, object]:
    """Return what the header of a record says of whoever opened the personal part, if so."""
    if caller is None:
        return {"opened": False}
    header, _ = whom(caller)
    return {"opened": True, "role": caller.role.value, **header}


def opener_told(caller: Caller | None) -> dict[str, object]:
    """Return what the personal part of that record says of them: who, by which pass."""
    return {} if caller is None else whom(caller)[1]
