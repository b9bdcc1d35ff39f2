"""What holders may be told, in bits: accounts that are filled by answers and drain evenly.

An account is full at `most` and drains by `a_second`, so that nobody is told more than `most` at
once and, over any time T, more than `most + a_second * T`. What was spent is two numbers a row,
whatever the time was in which it was spent, and when enough is free again is known to the second.

Whether a question is taken depends on what was spent before and on the question alone, never on
what would be answered: a refusal is no answer. So the last answer may overfill an account.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil

from service import clock

SLOWED = "slowed"
"""The kind of an account of which nothing may be used: it drains by one a second."""

AHEAD = 5 * clock.MINUTE
"""How far the clocks of processes may differ."""

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Account:
    """Of what one holder may be told.

    Attributes:
        holder: a person or a firm, by a name that tells nobody who it is.
        kind: which of its accounts.
        most: bits it holds.
        a_second: bits that drain from it.
    """

    holder: str
    kind: str
    most: float
    a_second: float

    @classmethod
    def slowed(cls, holder: str) -> "Account":
        """Return the account of a holder who has to wait: of seconds, empty when they are over."""
        return cls(holder, SLOWED, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Level:
    """How much was in an account at a moment, in microseconds since 1970."""

    bits: float
    at: int

    def left(self, account: Account, at: int) -> float:
        """Return what has not drained by a moment; clocks of processes may differ a little."""
        return max(self.bits - account.a_second * max(at - self.at, 0) / clock.SECOND, 0.0)

    def seen(self, at: int) -> "Level":
        """Return the level as it is to be kept, by the clock that shows this moment.

        One that lies far ahead was written before the clock was set back: it drains from now on,
        not only from when the clock shows that moment again.
        """
        return Level(self.bits, at) if self.at > at + AHEAD else self


EMPTY = Level(0.0, 0)


@dataclass(frozen=True, slots=True)
class Charge:
    """What one answer costs whom.

    Attributes:
        accounts: all that it comes from.
        asked: bits of the question.
        revealed: bits of the answer, the question included.
        at: when.
    """

    accounts: tuple[Account, ...]
    asked: float
    revealed: float
    at: int

    def added(self, account: Account, level: Level) -> Level:
        """Return the level of an account after it."""
        return Level(level.left(account, self.at) + self.revealed, max(self.at, level.at))


@dataclass(frozen=True, slots=True)
class Spent:
    """An account that has room for a question last, when, and all accounts as they were found."""

    account: Account
    levels: Mapping[Account, Level]
    free_at: int


def refusal(charge: Charge, level_of: Callable[[Account], Level]) -> Spent | None:
    """Return the account that has room for a question last, or None if all have now.

    A question that is larger than an account is taken when it is empty.
    """
    levels = {account: level_of(account) for account in charge.accounts}
    found: Spent | None = None
    for account, level in levels.items():
        over = level.left(account, charge.at) - max(account.most - charge.asked, 0.0)
        drains_from = max(charge.at, level.at)
        free_at = drains_from + ceil(over / account.a_second * clock.SECOND)
        if over > _ROUNDING and (found is None or free_at > found.free_at):
            found = Spent(account, levels, free_at)
    return found
