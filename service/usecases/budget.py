"""A guard's question and its answer -> what they cost, and whether there is room for it.

Guards are told of what they see, not of the list. The control room may search the list itself, so
it is no holder: what it asks is on record, and its requests are counted as anybody's.

What the same vehicle makes known a second time is charged again. Not to would mean to keep who
was shown which plate, and an honest guard loses little by it: a plate read in full that nobody
wants costs next to nothing, and few guards see a wanted one often.
"""

import hmac
from dataclasses import dataclass, field

from plate_match.names import alike
from plate_match.revealed import Question
from service import clock
from service.errors import Fault, InvalidRequest, OverBudget
from service.names import CANARY
from service.records import Caller, Role
from service.spending import EMPTY, Account, Charge, Level, Spent, refusal

DAY_AT_ONCE = 1.0
"""Of what a person may be told a day: what may be told them at once."""

MONTH_AT_ONCE = 1 / 4
"""Of what may be told in a month of thirty days."""

_DAY_SECONDS = clock.DAY / clock.SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much guards may be told, in bits; 0 is no limit.

    `least_bits` is how much a read has to say of a vehicle.
    """

    person_day: float = 0
    person_month: float = 0
    firm_month: float = 0
    least_bits: float = 0

    def of_person(self, holder: str) -> tuple[Account, Account]:
        """Return the accounts of a person, those without a limit included."""
        day, drains = self.person_day * DAY_AT_ONCE, self.person_day / _DAY_SECONDS
        return Account(holder, "day", day, drains), _of_month(holder, self.person_month)

    def of_firm(self, holder: str) -> Account:
        """Return the account of a firm."""
        return _of_month(holder, self.firm_month)


@dataclass(frozen=True, slots=True)
class Budget:
    """What guards may be told, and what this process knows to be spent.

    Of what is spent storage has the last word, when an answer is recorded. What it refused is
    remembered here, so that it is not asked for the next question of that holder: an account
    never empties faster than it drains.
    """

    limits: Limits
    secret: bytes
    _known: dict[tuple[str, str], Level] = field(default_factory=dict, init=False)

    def charge(self, caller: Caller, question: Question, *, at: int) -> Charge | None:
        """Return what a question costs at the least; None if its caller is no guard.

        Raises:
            InvalidRequest: the read says too little for a guard.
            OverBudget: there is known to be no room for it.
        """
        if not _is_held(caller):
            return None
        if question.said < self.limits.least_bits:
            message = "Too little was read to tell vehicles apart: type more of the plate"
            raise InvalidRequest([Fault("/read", "too-little", message)])
        charge = Charge(self._accounts(caller), question.asked, question.asked, at)
        spent = refusal(charge, lambda one: self._level(one, at))
        if spent is not None:
            raise over(spent, at)
        return charge

    def learn(self, spent: Spent) -> None:
        """Remember what storage found in each account: which one has room last may change."""
        for account, level in spent.levels.items():
            self._known[account.holder, account.kind] = level

    def _level(self, account: Account, at: int) -> Level:
        known = self._known.get((account.holder, account.kind))
        if known is None:
            return EMPTY
        self._known[account.holder, account.kind] = seen = known.seen(at)
        return seen

    def _accounts(self, caller: Caller) -> tuple[Account, ...]:
        person, firm = holder_of(self.secret, caller), self._firm(caller)
        accounts = (*self.limits.of_person(person), self.limits.of_firm(firm))
        return (*(one for one in accounts if one.a_second), Account.slowed(person))

    def _firm(self, caller: Caller) -> str:
        return _name(self.secret, "firm", caller.organisation)


def _is_held(caller: Caller) -> bool:
    """Whether what a caller is told is counted; the service's own sightings tell nobody."""
    return caller.role is Role.GUARD and caller.organisation != CANARY


def _of_month(holder: str, bits: float) -> Account:
    return Account(holder, "month", bits * MONTH_AT_ONCE, bits / (30 * _DAY_SECONDS))


def holder_of(secret: bytes, caller: Caller) -> str:
    """Return the name that the accounts of a person go by, whatever keys they hold.

    A name that nobody could tell from theirs is theirs: look-alike letters open no new accounts.
    """
    if caller.person is None:
        return _name(secret, "credential", caller.credential)
    return _name(secret, "person", caller.organisation, alike(caller.person))


def _name(secret: bytes, *parts: str) -> str:
    """Return a name that says nothing of whose it is to whoever reads the database."""
    told = "\0".join(("holder", *parts)).encode()
    return hmac.digest(secret, told, "sha256").hex()


def over(spent: Spent, at: int) -> OverBudget:
    """Return the refusal of who has to wait until an account has room."""
    return OverBudget(-(-(spent.free_at - at) // clock.SECOND))
