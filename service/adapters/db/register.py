"""How often anything changed of who may call: one number, counted with each change."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from service.adapters.db.caller_tables import REGISTER

_CHANGES = select(REGISTER.c.changes)
_COUNT = (
    insert(REGISTER)
    .values(id=1, changes=1)
    .on_conflict_do_update(index_elements=["id"], set_={"changes": REGISTER.c.changes + 1})
)


def changed(connection: Connection) -> None:
    """Count a change, inside the caller's writing transaction."""
    connection.execute(_COUNT)


def changes(connection: Connection) -> int:
    """Return how many there were."""
    found: int | None = connection.execute(_CHANGES).scalar_one_or_none()
    return found or 0
