"""What was spent, in its table: read and written inside the transaction of a sighting."""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select, text

from service.adapters.db.tables import SPENDING
from service.spending import EMPTY, SLOWED, Account, Charge, Level, Spent, refusal

_OF_HOLDER = select(SPENDING.c.kind, SPENDING.c.bits, SPENDING.c.at).where(
    SPENDING.c.holder == bindparam("holder")
)
_PUT = text(
    "INSERT INTO spending (holder, kind, bits, at, times) VALUES (:holder, :kind, :bits, :at, 1)"
    " ON CONFLICT (holder, kind)"
    " DO UPDATE SET bits = excluded.bits, at = excluded.at, times = spending.times + 1"
)


class Ledger:
    """The accounts that a group of recordings is charged to, written when all are added up."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._levels: dict[str, dict[str, Level]] = {}
        self._changed: set[tuple[str, str]] = set()

    def add(self, charge: Charge) -> Spent | None:
        """Charge all accounts, or none and return the one that has no room."""
        spent = refusal(charge, self._level)
        if spent is None:
            for account in charge.accounts:
                if account.kind != SLOWED:
                    level = charge.added(account, self._level(account))
                    self._levels[account.holder][account.kind] = level
                    self._changed.add((account.holder, account.kind))
        return spent

    def write(self) -> None:
        """Write the accounts that were charged."""
        put(
            self._connection,
            [(holder, kind, self._levels[holder][kind]) for holder, kind in sorted(self._changed)],
        )

    def _level(self, account: Account) -> Level:
        if account.holder not in self._levels:
            found = self._connection.execute(_OF_HOLDER, {"holder": account.holder})
            self._levels[account.holder] = {row.kind: Level(row.bits, row.at) for row in found}
        return self._levels[account.holder].get(account.kind, EMPTY)


def put(connection: Connection, levels: Iterable[tuple[str, str, Level]]) -> None:
    """Write levels by holder and kind, in the caller's transaction; none is fine."""
    rows = [
        {"holder": holder, "kind": kind, "bits": level.bits, "at": level.at}
        for holder, kind, level in levels
    ]
    if rows:
        connection.execute(_PUT, rows)
