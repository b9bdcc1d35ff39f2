"""Entries -> JSON Lines -> the same entries."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from plate_match.feed import Format, read_hotlist
from plate_match.feed.fields import FIELDS
from plate_match.feed.write import entry_document, entry_lines, entry_of_line
from plate_match.hotlist import Category, Dissemination, Entry, Purpose, Wanted
from plate_match.plate import Pattern, Plate
from tests.strategies import sidecode_plates

TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20).map(str.strip)
NAMES = st.none() | TEXTS.filter(bool)
LISTS = st.lists(TEXTS.filter(bool), max_size=3).map(tuple)
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
STARTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 bounds are naive, the zone is drawn
ENDS = st.datetimes(datetime(2041, 1, 1), datetime(2090, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 bounds are naive, the zone is drawn

ENTRIES = st.builds(
    Entry,
    plate=st.integers(1, 14).flatmap(sidecode_plates)
    | st.sampled_from([Pattern(tuple("12X???")), Pattern(tuple("*V41"))]),
    reference=TEXTS,
    feed=st.just("east"),
    wanted=st.sampled_from(Wanted),
    country=st.sampled_from([None, "NL", "DE"]),
    category=st.sampled_from(Category),
    priority=st.integers(0, 100),
    instruction=TEXTS,
    warnings=LISTS,
    make=NAMES,
    model=NAMES,
    colour=NAMES,
    kind=NAMES,
    plate_colour=NAMES,
    persons=LISTS,
    duplicate_code=st.none() | st.integers(0, 99),
    valid_from=st.none() | STARTS,
    valid_until=st.none() | ENDS,
    legal_ground=TEXTS,
    purpose=st.none() | st.sampled_from(Purpose),
    dissemination=st.sampled_from(Dissemination),
    partners=LISTS,
    owner=TEXTS,
    contact=TEXTS,
    test=st.booleans(),
)


@given(st.lists(ENTRIES, max_size=5, unique=True))
def test_what_is_written_is_read_back_the_same(entries: list[Entry]) -> None:
    loaded = read_hotlist(entry_lines(entries), feed="east")
    assert loaded.hotlist.entries == tuple(entries)
    assert loaded.rejects == ()
    assert not entries or loaded.format is Format.JSON_LINES
    assert [entry_of_line(line, "east") for line in entry_lines(entries)] == entries


def test_an_entry_without_a_plate_is_read_back_the_same() -> None:
    entry = Entry(plate=None, feed="east", make="BMW")
    assert read_hotlist(entry_lines([entry]), feed="east").hotlist.entries == (entry,)
    assert entry_of_line(next(entry_lines([entry])), "east") == entry


def test_every_attribute_of_an_entry_has_its_field() -> None:
    assert {field.attribute for field in FIELDS.values()} == set(Entry.__slots__)


def test_only_what_is_known_is_written_and_times_are_in_utc() -> None:
    until = datetime(2026, 12, 1, tzinfo=UTC)
    assert entry_document(Entry(plate=Plate("8XKV41"), valid_until=until)) == {
        "plate": "8XKV41",
        "validUntil": "2026-12-01T00:00:00Z",
    }
