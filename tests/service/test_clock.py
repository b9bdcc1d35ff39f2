from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import clock


@given(st.datetimes(datetime(1970, 1, 1), timezones=st.timezones()))  # noqa: DTZ001 - as the strategy takes it
def test_a_moment_becomes_microseconds_and_itself_again(at: datetime) -> None:
    assert clock.to_datetime(clock.to_micros(at)) == at.astimezone(UTC)


@pytest.mark.parametrize(
    ("micros", "text"),
    [(0, "00Z"), (120_000, "00.120Z"), (120_001, "00.120001Z"), (1_000_000, "01Z")],
)
def test_a_time_has_as_many_decimals_as_it_needs(micros: int, text: str) -> None:
    assert clock.to_text(micros) == f"1970-01-01T00:00:{text}"


@given(st.integers(0, 4_000_000_000_000_000))
def test_the_text_of_a_time_is_that_time(at: int) -> None:
    assert clock.to_micros(datetime.fromisoformat(clock.to_text(at))) == at


def test_now_is_now() -> None:
    assert abs(clock.now() - clock.to_micros(datetime.now(UTC))) < clock.SECOND  # noqa: TID251 - the other clock
