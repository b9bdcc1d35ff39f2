"""Laws of the accounts from which is paid what is told."""

from hypothesis import given
from hypothesis import strategies as st

from service import clock
from service.spending import AHEAD, EMPTY, Account, Charge, Level, refusal

BEGIN = 1_795_000_000 * clock.SECOND
ACCOUNT = Account("somebody", "day", 100.0, 100.0 / 86_400)

charges = st.tuples(
    st.floats(0, 6), st.floats(0, 50), st.integers(0, clock.DAY).map(lambda at: BEGIN + at)
).map(lambda one: Charge((ACCOUNT,), one[0], one[0] + one[1], one[2]))


def told(charges: list[Charge]) -> tuple[list[Charge], Level]:
    """Those that are taken of charges in this order, and the level after them."""
    level, taken = EMPTY, []
    for charge in charges:
        if refusal(charge, lambda _: level) is None:  # noqa: B023 - asked at once
            level = charge.added(ACCOUNT, level)
            taken.append(charge)
    return taken, level


@given(st.lists(charges, max_size=30))
def test_nobody_is_told_more_than_an_account_holds_and_what_drains_meanwhile(
    asked: list[Charge],
) -> None:
    taken, _ = told(sorted(asked, key=lambda charge: charge.at))
    for first, begin in enumerate(taken):
        for last, end in enumerate(taken[first:], first):
            drained = ACCOUNT.a_second * (end.at - begin.at) / clock.SECOND
            before = sum(charge.revealed for charge in taken[first:last])
            room = max(ACCOUNT.most, end.asked)
            assert before + end.asked <= room + drained + 1e-6


@given(asked=st.lists(charges, max_size=8), data=st.data())
def test_what_was_spent_at_one_moment_does_not_depend_on_the_order(
    asked: list[Charge], data: st.DataObject
) -> None:
    levels = []
    for order in (asked, data.draw(st.permutations(asked))):
        level = EMPTY
        for charge in order:
            level = Charge((), charge.asked, charge.revealed, BEGIN).added(ACCOUNT, level)
        levels.append(level.bits)
    assert abs(levels[0] - levels[1]) < 1e-9
    assert levels[0] >= 0


@given(level=st.floats(0, 500), charge=charges, ahead=st.integers(-AHEAD, AHEAD))
def test_who_is_refused_is_told_when_there_is_room_and_then_there_is(
    level: float, charge: Charge, ahead: int
) -> None:
    found = Level(level, charge.at + ahead)
    spent = refusal(charge, lambda _: found)
    if spent is None:
        assert found.left(ACCOUNT, charge.at) + charge.asked <= ACCOUNT.most + 1e-6
        return
    assert spent.free_at > charge.at
    then = Charge(charge.accounts, charge.asked, charge.revealed, spent.free_at)
    assert refusal(then, lambda _: found) is None
    sooner = Charge(charge.accounts, charge.asked, charge.revealed, spent.free_at - clock.SECOND)
    assert sooner.at < charge.at or refusal(sooner, lambda _: found) is not None


@given(level=st.floats(0, 200), revealed=st.floats(0, 50))
def test_whether_a_question_is_taken_does_not_depend_on_its_answer(
    level: float, revealed: float
) -> None:
    found = Level(level, BEGIN)
    charge = Charge((ACCOUNT,), 1.0, 1.0 + revealed, BEGIN)
    asked = Charge((ACCOUNT,), 1.0, 1.0, BEGIN)
    assert (refusal(charge, lambda _: found) is None) is (refusal(asked, lambda _: found) is None)


def test_who_is_slowed_waits_for_so_many_seconds_whatever_is_asked() -> None:
    account = Account.slowed("somebody")
    charge = Charge((account,), 0.001, 0.001, BEGIN)
    spent = refusal(charge, lambda _: Level(90.0, BEGIN))
    assert spent is not None
    assert spent.free_at == BEGIN + 90 * clock.SECOND
    assert refusal(charge, lambda _: EMPTY) is None


@given(level=st.floats(0, 500), ahead=st.integers(-clock.DAY, 400 * clock.DAY))
def test_a_level_drains_by_the_clock_that_shows_the_time_now_wherever_it_was_set_back_from(
    level: float, ahead: int
) -> None:
    seen = Level(level, BEGIN + ahead).seen(BEGIN)
    assert seen.at <= BEGIN + AHEAD
    assert seen.left(ACCOUNT, BEGIN) == Level(level, BEGIN + ahead).left(ACCOUNT, BEGIN)
    assert seen.left(ACCOUNT, BEGIN + AHEAD + 5 * clock.DAY) == 0
