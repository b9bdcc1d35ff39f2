"""Feeds -> one hotlist, and what changes."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from plate_match.feed.stage import Changes, changes, stage
from plate_match.hotlist import Category, Entry
from plate_match.plate import Plate
from tests.strategies import entries

FEW = st.lists(
    st.builds(
        Entry,
        plate=st.sampled_from([Plate("8XKV41"), Plate("8XKV42")]),
        reference=st.sampled_from(["", "R-1"]),
        category=st.sampled_from(Category),
    ),
    unique=True,
    max_size=8,
)


@given(st.dictionaries(st.sampled_from("abcd"), st.lists(entries(), max_size=3)))
def test_the_order_of_feeds_does_not_matter(feeds: dict[str, list[Entry]]) -> None:
    backwards = dict(reversed(feeds.items()))
    assert stage(feeds) == stage(backwards)
    assert len(stage(feeds)) == sum(map(len, feeds.values()))


@given(FEW, FEW)
def test_added_and_withdrawn_make_up_the_difference_in_size(
    old: list[Entry], new: list[Entry]
) -> None:
    change = changes(old, new)
    assert change.added - change.withdrawn == len(new) - len(old)
    assert changes(new, old) == Changes(change.withdrawn, change.changed, change.added)
    assert min(change.added, change.changed, change.withdrawn) >= 0


@given(FEW)
def test_the_same_entries_in_any_order_change_nothing(old: list[Entry]) -> None:
    assert changes(old, reversed(old)) == Changes(0, 0, 0)


def test_an_entry_is_changed_when_reference_and_plate_stay() -> None:
    old = Entry(plate=Plate("8XKV41"), reference="R-1")
    assert changes([old], [replace(old, priority=1)]) == Changes(0, 1, 0)
    assert changes([old], [replace(old, reference="R-2")]) == Changes(1, 0, 1)
    assert changes([old], [replace(old, plate=Plate("8XKV42"))]) == Changes(1, 0, 1)
    assert changes([old], [old, replace(old, priority=1)]) == Changes(1, 0, 0)
    assert changes([old, replace(old, priority=1)], [replace(old, priority=2)]) == Changes(0, 1, 1)
