"""A file of changes -> steps, and what they make of a feed. All plates are synthetic."""

import json
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.errors import UnreadableHotlist
from plate_match.feed import Delta, Format, Step, read_delta, read_hotlist
from plate_match.feed.apply import Applied, apply_delta
from plate_match.feed.fields import Action
from plate_match.feed.write import entry_document
from plate_match.hotlist import Category, Entry
from plate_match.plate import Plate

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
A, B = Plate("8XKV41"), Plate("GV123B")


def read(*rows: dict[str, object]) -> Delta:
    return read_delta([json.dumps(row).encode() + b"\n" for row in rows], feed="east", now=NOW)


def reasons(staged: Delta | Applied) -> dict[int, str]:
    return {reject.row: reject.reason for reject in staged.rejects}


def entry(reference: str = "", plate: Plate = A, priority: int = 50) -> Entry:
    return Entry(plate=plate, reference=reference, feed="east", priority=priority)


def applied(before: list[Entry], *rows: dict[str, object]) -> Applied:
    return apply_delta(before, read(*rows))


def step(action: str, reference: str = "", plate: object = A, **more: object) -> dict[str, object]:
    return {"action": action, "reference": reference, "plate": plate, **more}


def test_a_step_carries_its_action_beside_its_entry() -> None:
    delta = read(
        step("add", "R-1"),
        step("change", "R-1", priority=3),
        {"action": "withdraw", "reference": "R-1"},
        {"action": "withdraw", "plate": "8-xkv-41"},
    )
    assert delta == Delta(
        Format.JSON_LINES,
        (
            Step(1, Action.ADD, entry("R-1"), "R-1", A),
            Step(2, Action.CHANGE, entry("R-1", priority=3), "R-1", A),
            Step(3, Action.WITHDRAW, None, "R-1", None),
            Step(4, Action.WITHDRAW, None, "", A),
        ),
        (),
    )
    assert delta.rows == 4


def test_csv_has_a_column_for_the_action() -> None:
    delta = read_delta([b"action;plate;reference\nadd;8XKV41;R-1\nwithdraw;;R-2\n;8XKV42;\n"])
    assert [one.action for one in delta.steps] == [Action.ADD, Action.WITHDRAW]
    assert reasons(delta) == {4: "action: must be one of add, change, withdraw"}
    alone = read_delta([b"reference,action\nR-1,withdraw\nR-2,add\n"])
    assert [one.reference for one in alone.steps] == ["R-1"]
    assert reasons(alone)[3].startswith("plate: is missing")
    with pytest.raises(UnreadableHotlist, match="plate: this column is missing"):
        read_delta([b"action,owner\nwithdraw,x\n"])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"plate": A}, "action: must be one of add, change, withdraw"),
        (step("Add"), "action: must be one of add, change, withdraw"),
        ({**step("add"), "action": ["add"]}, "action: must be one of add, change, withdraw"),
        (step("add", priority=101, test=1), "test: must be true or false"),
        (step("add", feed="west"), "feed: the entry belongs to another feed"),
        (step("withdraw", feed="west"), "feed: the entry belongs to another feed"),
        (step("withdraw", "", None), "reference: this or a plate is needed to withdraw"),
        (step("withdraw", refrence="R-1"), "unknown: refrence is no field of an entry"),
        (step("withdraw", "x" * 101), "reference: is longer than 100 characters"),
        (
            {"action": "withdraw", "plate": 1, "reference": 1, "feed": 1},
            "reference: must be a text; plate: must be a text; feed: must be a text",
        ),
        (step("add", validUntil="2026-11-24T12:00:00Z"), "expired: validUntil has passed"),
    ],
)
def test_a_row_that_is_no_step_says_why(row: dict[str, object], reason: str) -> None:
    delta = read(row)
    assert delta.steps == ()
    assert reasons(delta)[1].endswith(reason)
    assert delta.rows == 1


def test_a_broken_row_of_a_delta_is_refused_alone() -> None:
    delta = read_delta([b'{"action": "add"\n{"action": "withdraw", "reference": "R-1"}\n'])
    assert len(delta.steps) == 1
    assert reasons(delta)[1].startswith("json: ")


def test_what_else_a_withdrawal_says_does_not_hold_it_up() -> None:
    delta = read(step("withdraw", "R-1", validUntil="2026-01-01", category="theft"))
    assert delta.steps == (Step(1, Action.WITHDRAW, None, "R-1", A),)


def test_an_entry_may_be_changed_so_that_it_has_ended() -> None:
    over = "2026-11-24T11:59:00Z"
    staged = applied([entry("R-1")], step("change", "R-1", validUntil=over))
    assert staged.rejects == ()
    assert not staged.entries[0].in_force(NOW)


def test_a_list_without_actions_is_no_delta_and_one_with_them_is_no_list() -> None:
    assert list(reasons(read_delta([b"8XKV41\nGV123B\n"]))) == [1, 2]
    assert read_hotlist([json.dumps(step("add")).encode()]).rejects[0].reason == (
        "action: belongs in a delta file; this is read as a full one"
    )
    with pytest.raises(UnreadableHotlist, match="action: belongs in a delta file"):
        read_hotlist([b"plate,action\n8XKV41,add\n"])


def test_what_is_there_is_not_added_and_what_is_not_is_not_changed_or_withdrawn() -> None:
    before = [entry("R-1"), entry("", B)]
    staged = applied(
        before,
        step("add", "R-1"),
        step("add", "", B),
        step("change", "R-2", B),
        step("change", "", A),
        step("withdraw", "R-2", None),
        step("withdraw", "R-1", B),
        step("withdraw", "", "GV124B"),
    )
    assert staged.entries == tuple(before)
    there = "add: an entry with this reference and plate is there; change it"
    gone = "withdraw: no such entry is there"
    assert reasons(staged) == {
        1: there,
        2: there,
        3: "change: no such entry is there",
        4: "change: no such entry is there",
        5: gone,
        6: gone,
        7: gone,
    }


def test_rejects_of_the_file_and_of_the_feed_are_told_in_one_order() -> None:
    staged = applied([], step("withdraw", "R-1"), step("put"), step("withdraw", "R-2"))
    assert list(reasons(staged)) == [1, 2, 3]


def test_one_reference_may_stand_on_several_plates_and_one_plate_have_several() -> None:
    before = [entry("R-1"), entry("R-1", B), entry("R-2", B), entry("", B)]
    assert applied([], *(step("add", one.reference, one.plate) for one in before)) == Applied(
        tuple(before), ()
    )
    by_reference = applied(before, step("withdraw", "R-1", None))
    assert by_reference.entries == (entry("R-2", B), entry("", B))
    by_plate = applied(before, step("withdraw", "", B))
    assert by_plate.entries == (entry("R-1"),)
    by_both = applied(before, step("withdraw", "R-1", B))
    assert by_both.entries == (entry("R-1"), entry("R-2", B), entry("", B))


def test_a_change_may_correct_the_plate_where_the_reference_says_whose() -> None:
    before = [entry("R-1"), entry("", A)]
    assert applied(before, step("change", "R-1", B)).entries == (entry("R-1", B), entry("", A))
    doubt = applied([entry("R-1"), entry("R-1", B)], step("change", "R-1", "GV124B"))
    assert reasons(doubt) == {
        1: "change: which of several entries is not said; give reference and plate"
    }
    told = applied([entry("R-1"), entry("R-1", B)], step("change", "R-1", B, priority=1))
    assert told.entries == (entry("R-1"), entry("R-1", B, 1))


def test_a_plate_that_was_corrected_is_found_by_its_new_plate() -> None:
    staged = applied([entry("R-1")], step("change", "R-1", B), step("withdraw", "", B))
    assert (staged.entries, staged.rejects) == ((), ())
    late = applied([entry("R-1")], step("change", "R-1", B), step("withdraw", "", A))
    assert (late.entries, list(reasons(late))) == ((entry("R-1", B),), [2])


def test_the_order_of_steps_counts() -> None:
    out_and_in = applied([entry("R-1")], step("withdraw", "R-1"), step("add", "R-1", priority=1))
    assert out_and_in == Applied((entry("R-1", priority=1),), ())
    in_and_out = applied([entry("R-1")], step("add", "R-1"), step("withdraw", "R-1"))
    assert (in_and_out.entries, list(reasons(in_and_out))) == ((), [1])


KEYS = st.tuples(st.sampled_from(["", "R-1", "R-2"]), st.sampled_from([A, B, Plate("GV124B")]))
LISTS = st.dictionaries(KEYS, st.sampled_from(Category), max_size=9).map(
    lambda told: [
        Entry(plate=plate, reference=reference, category=category)
        for (reference, plate), category in told.items()
    ]
)


def steps_between(old: Iterable[Entry], new: Iterable[Entry]) -> Iterator[dict[str, object]]:
    """Say in steps what is different."""
    before = {(one.reference, one.plate): one for one in old}
    after = {(one.reference, one.plate): one for one in new}
    for key in before.keys() - after.keys():
        yield step("withdraw", *key)
    for key, one in after.items():
        if before.get(key) != one:
            yield {**entry_document(one), "action": "change" if key in before else "add"}


@given(st.lists(LISTS, max_size=6), st.sampled_from([len, operator.not_]))
def test_a_chain_of_deltas_equals_the_full_file(
    lists: list[list[Entry]], kept: Callable[[str], object]
) -> None:
    feed: tuple[Entry, ...] = ()
    for whole in lists:
        # Owners have references for all of their entries or for none.
        new = [one for one in whole if kept(one.reference)]
        delta = read_delta(json.dumps(row).encode() + b"\n" for row in steps_between(feed, new))
        staged = apply_delta(feed, delta)
        assert staged.rejects == ()
        feed = staged.entries
        assert Counter(feed) == Counter(new)


STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "action": st.sampled_from(Action),
            "reference": st.sampled_from(["", "R-1", "R-2"]),
            "plate": st.sampled_from([A, B, Plate("GV124B")]),
        },
        optional={"category": st.sampled_from(Category)},
    ),
    max_size=12,
)


@given(LISTS, STEPS)
def test_steps_one_by_one_do_what_they_do_together(
    before: list[Entry], rows: list[dict[str, object]]
) -> None:
    together = apply_delta(before, read(*rows))
    feed, refused = tuple(before), []
    for number, row in enumerate(rows, start=1):
        staged = apply_delta(feed, read(row))
        refused += [number] * len(staged.rejects)
        # What is refused changes nothing; what is not, changes something or says the same again.
        assert not staged.rejects or staged.entries == feed
        feed = staged.entries
    assert Counter(together.entries) == Counter(feed)
    assert list(reasons(together)) == refused


@given(LISTS, STEPS)
def test_a_delta_makes_no_two_entries_of_one_reference_and_plate(
    before: list[Entry], rows: list[dict[str, object]]
) -> None:
    staged = apply_delta(before, read(*rows))
    keys = [(one.reference, one.plate) for one in staged.entries]
    assert len(set(keys)) == len(keys)


@given(LISTS, st.sampled_from(["", "R-1", "R-2"]), st.sampled_from([None, A, B]))
def test_after_a_withdrawal_nothing_is_left_of_what_it_names_and_all_of_the_rest(
    before: list[Entry], reference: str, plate: Plate | None
) -> None:
    rest = [
        one
        for one in before
        if (reference and one.reference != reference) or (plate and one.plate != plate)
    ]
    if reference or plate:
        assert list(applied(before, step("withdraw", reference, plate)).entries) == rest


@given(LISTS)
def test_withdrawing_all_and_adding_them_again_gives_the_same_list(before: list[Entry]) -> None:
    out = [step("withdraw", "", plate) for plate in {one.plate for one in before}]
    back = [{**entry_document(one), "action": "add"} for one in before]
    rows = [json.dumps(row).encode() + b"\n" for row in (*out, *back)]
    assert apply_delta(before, read_delta(rows)) == Applied(tuple(before), ())


def test_entries_of_other_plates_stay_where_they_were() -> None:
    before = [entry("R-1"), entry("R-2", B), entry("R-3", Plate("GV124B"))]
    staged = applied(before, step("change", "R-2", B, priority=9), step("add", "R-4"))
    assert staged.entries == (before[0], replace(before[1], priority=9), before[2], entry("R-4"))
