"""What a process knows to be spent: whom it refuses is told how long to wait, of all accounts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.revealed import Question
from service import clock
from service.errors import OverBudget
from service.records import Caller, Role
from service.spending import Charge, Level, refusal
from service.usecases.budget import Budget, Limits, holder_of

NOW = 1_795_000_000 * clock.SECOND
GUARD = Caller("synthetic", Role.GUARD, "Synthetic Security", "guard")
LIMITS = Limits(person_day=200, person_month=1_000, firm_month=20_000)

questions = st.floats(1, 1e6).map(lambda plates: Question(plates, plates, 10_000, 1e7, 0.01))


@pytest.mark.parametrize(
    "spelled",
    ["Filip Synthetic", "FILIP  synthetic", "\ufb01lip synthetic", "filip s\u0443nthetic"],
)
def test_a_person_has_the_same_accounts_however_their_name_is_spelled(spelled: str) -> None:
    holder = holder_of(b"synthetic", replace(GUARD, person="filip synthetic"))
    assert holder_of(b"synthetic", replace(GUARD, person=spelled)) == holder
    assert holder_of(b"synthetic", replace(GUARD, person="filip synthetics")) != holder


def charge_of(question: Question, at: int) -> Charge:
    """What a question costs where nothing is known to be spent."""
    charge = Budget(LIMITS, b"synthetic").charge(GUARD, question, at=at)
    assert charge is not None
    return charge


def waits(held: Budget, question: Question, at: int) -> int:
    """Seconds that a process makes a guard wait by what it knows; 0 if it lets them ask."""
    try:
        held.charge(GUARD, question, at=at)
    except OverBudget as over:
        return over.seconds
    return 0


@given(
    shares=st.lists(st.floats(0.9, 1.1), min_size=4, max_size=4),
    first=questions,
    then=questions,
    later=st.integers(0, 40 * clock.DAY),
)
def test_who_is_refused_here_waits_for_the_account_that_has_room_last_as_if_storage_were_asked(
    shares: list[float], first: Question, then: Question, later: int
) -> None:
    held, charge = Budget(LIMITS, b"synthetic"), charge_of(first, NOW)
    full = zip(charge.accounts, shares, strict=True)
    levels = {account: Level(share * (account.most or 60.0), NOW) for account, share in full}
    spent = refusal(charge, levels.__getitem__)
    if spent is None:
        return
    held.learn(spent)
    found = refusal(charge_of(then, NOW + later), levels.__getitem__)
    expected = 0 if found is None else -(-(found.free_at - NOW - later) // clock.SECOND)
    assert waits(held, then, NOW + later) == expected


def test_what_was_learnt_before_the_clock_was_set_back_drains_all_the_same() -> None:
    held, far = Budget(LIMITS, b"synthetic"), NOW + 365 * clock.DAY
    question = Question(1.0, 1.0, 10_000, 1e7, 0.01)
    spent = refusal(charge_of(question, far), lambda account: Level(account.most + 1.0, far))
    assert spent is not None
    held.learn(spent)
    wait = waits(held, question, NOW)
    assert 0 < wait < clock.DAY // clock.SECOND
    assert waits(held, question, NOW + wait * clock.SECOND) == 0
