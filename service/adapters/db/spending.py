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
_MOVE = text("UPDATE spending SET at = :at WHERE holder = :holder AND kind = :kind")


class Ledger:
    """The accounts that a group of recordings is charged to, written when all are added up."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._levels: dict[str, dict[str, Level]] = {}
        self._changed: set[tuple[str, str]] = set()
        self._moved: dict[tuple[str, str], int] = {}

    def add(self, charge: Charge) -> Spent | None:
        """Charge all accounts, or none and return what was found where one has no room."""
        spent = refusal(charge, lambda account: self._seen(account, charge.at))
        if spent is None:
            for account in charge.accounts:
                if account.kind != SLOWED:
                    level = charge.added(account, self._level(account))
                    self._levels[account.holder][account.kind] = level
                    self._changed.add((account.holder, account.kind))
        return spent

    def write(self) -> None:
        """Write the accounts that were charged, and when those drain that lay far ahead."""
        for (holder, kind), at in sorted(self._moved.items()):
            self._connection.execute(_MOVE, {"holder": holder, "kind": kind, "at": at})
        put(
            self._connection,
            [(holder, kind, self._levels[holder][kind]) for holder, kind in sorted(self._changed)],
        )

    def _seen(self, account: Account, at: int) -> Level:
        level = self._level(account)
        seen = level.seen(at)
        if seen is not level:
            self._levels[account.holder][account.kind] = seen
            self._moved[account.holder, account.kind] = at
        return seen

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
