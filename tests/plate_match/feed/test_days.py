"""What a Dutch clock shows is the moment it is then."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.feed.days import begin_of, by_clock

DUTCH = ZoneInfo("Europe/Amsterdam")


@given(st.dates(date(1996, 1, 1), date(2099, 12, 31)))
def test_a_day_begins_when_it_does_in_the_netherlands(day: date) -> None:
    assert begin_of(day) == datetime(day.year, day.month, day.day, tzinfo=DUTCH)


@given(st.datetimes(datetime(1996, 1, 1), datetime(2037, 12, 31)))  # noqa: DTZ001 - what a clock shows
def test_a_time_that_a_clock_shows_is_that_of_the_netherlands(shown: datetime) -> None:
    moment = shown.replace(tzinfo=DUTCH).astimezone(UTC)
    if moment.astimezone(DUTCH).replace(tzinfo=None) == shown:
        assert by_clock(shown) == moment


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("2026-03-29T01:59:59", "2026-03-29T01:59:59+01:00"),
        ("2026-03-29T03:00:00", "2026-03-29T03:00:00+02:00"),
        ("2026-10-25T02:30:00", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T03:00:00", "2026-10-25T03:00:00+01:00"),
    ],
)
def test_the_clock_is_put_forward_and_back_on_its_sundays(shown: str, expected: str) -> None:
    assert by_clock(datetime.fromisoformat(shown)).isoformat() == expected
