"""The census counts as a person would, plate by plate."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.census import Census, times_of
from plate_match.hotlist import Entry
from plate_match.plate import Plate

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOURS = st.integers(-3, 3).map(lambda hours: NOW + timedelta(hours=hours))


@st.composite
def validities(draw: st.DrawFn) -> Entry:
    begin, end = draw(st.none() | HOURS), draw(st.none() | HOURS)
    if begin and end and end <= begin:
        end = begin + timedelta(hours=1)
    return Entry(plate=Plate("8XKV41"), valid_from=begin, valid_until=end)


@given(st.lists(st.lists(validities(), max_size=4), max_size=6), HOURS)
def test_a_plate_counts_once_while_any_of_its_entries_is_in_force(
    listed: list[list[Entry]], moment: datetime
) -> None:
    expected = sum(any(entry.in_force(moment) for entry in entries) for entries in listed)
    times = [time for entries in listed for time in times_of(entries)]
    assert Census.of(times).at(moment) == expected


@given(
    *(st.lists(st.lists(validities(), max_size=4), max_size=6) for _ in range(2)), st.data(), HOURS
)
def test_plates_that_are_exchanged_count_as_if_counted_anew(
    listed: list[list[Entry]], come: list[list[Entry]], data: st.DataObject, moment: datetime
) -> None:
    stays = [data.draw(st.booleans()) for _ in listed]
    before, gone, more = (
        [time for entries in some for time in times_of(entries)]
        for some in (
            listed,
            [one for one, kept in zip(listed, stays, strict=True) if not kept],
            come,
        )
    )
    left = [one for one, kept in zip(listed, stays, strict=True) if kept]
    expected = sum(any(entry.in_force(moment) for entry in one) for one in left + come)
    assert Census.of(before).but(gone, more).at(moment) == expected


@given(HOURS, HOURS)
def test_an_entry_that_ends_before_it_begins_cannot_be_made(one: datetime, other: datetime) -> None:
    begin, end = max(one, other), min(one, other)
    with pytest.raises(ValueError, match="after valid_from") as refused:
        Entry(plate=Plate("8XKV41"), valid_from=begin, valid_until=end)
    assert "8XKV41" not in str(refused.value)


def test_without_a_moment_every_entry_is_in_force() -> None:
    past = Entry(plate=Plate("8XKV41"), valid_until=NOW)
    assert past.in_force(None)
    assert not past.in_force(NOW)
    assert not Entry(plate=Plate("8XKV41"), valid_from=NOW).in_force(NOW - timedelta(seconds=1))
