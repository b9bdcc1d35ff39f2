"""Requests of a minute are counted one by one and many at once, and the rest is told."""

from hypothesis import given
from hypothesis import strategies as st

from service.adapters.rates import Rates
from service.limit_ports import Rate


@given(a_minute=st.integers(1, 40), asked=st.lists(st.integers(0, 30), min_size=1, max_size=12))
def test_as_many_are_counted_as_there_is_room_for_however_they_come(
    a_minute: int, asked: list[int]
) -> None:
    rates, left = Rates(a_minute), a_minute
    for times in asked:
        rate = rates.take("synthetic", times)
        assert isinstance(rate, Rate)
        assert rate.taken == min(times, left)
        left -= rate.taken
        assert (rate.limit, rate.remaining) == (a_minute, left)
        assert 1 <= rate.seconds <= 61
    other = rates.take("other")
    assert other is not None
    assert other.remaining == a_minute - 1
