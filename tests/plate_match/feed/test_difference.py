"""Two states of a feed -> what differs between their lines. All plates are synthetic."""

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from plate_match.feed.difference import Changes, Difference
from plate_match.feed.write import entry_lines
from plate_match.hotlist import Category, Entry
from plate_match.plate import Plate

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


def between(old: Iterable[Entry], new: Iterable[Entry]) -> Difference:
    before, after = list(entry_lines(old)), list(entry_lines(new))
    return Difference.between(lambda: before, lambda: after)


def changes(old: Iterable[Entry], new: Iterable[Entry]) -> Changes:
    return between(old, new).changes()


@given(FEW, FEW)
def test_what_came_and_went_is_what_only_one_state_has(old: list[Entry], new: list[Entry]) -> None:
    difference = between(old, new)
    assert list(difference.gone()) == list(entry_lines(one for one in old if one not in new))
    come = list(difference.come())
    assert come == list(entry_lines(one for one in new if one not in old))
    file = b"".join(entry_lines(new))
    begins = difference.begins().tolist()
    assert [file[begin:].splitlines(keepends=True)[0] for begin in begins] == come


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
    assert changes(old, old[::-1]) == Changes(0, 0, 0)


def test_an_entry_is_changed_when_reference_and_plate_stay() -> None:
    old = Entry(plate=Plate("8XKV41"), reference="R-1")
    assert changes([old], [replace(old, priority=1)]) == Changes(0, 1, 0)
    assert changes([old], [replace(old, reference="R-2")]) == Changes(1, 0, 1)
    assert changes([old], [replace(old, plate=Plate("8XKV42"))]) == Changes(1, 0, 1)
    assert changes([old], [old, replace(old, priority=1)]) == Changes(1, 0, 0)
    assert changes([old, replace(old, priority=1)], [replace(old, priority=2)]) == Changes(0, 1, 1)
