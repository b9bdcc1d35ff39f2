"""Lists are made once for whoever may know the same, and nobody else waits. Plates: synthetic."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest

from plate_match.audience import Audience, Told
from plate_match.hotlist import Category, Dissemination, Entry, Hotlist
from plate_match.listing import Listing
from plate_match.lists import Lists
from plate_match.matcher import Matcher
from plate_match.plate import Plate
from tests.answers import told
from tests.strategies import AUDIENCES, NORTH, SOUTH

OPEN = Entry(plate=Plate("8XKV41"), category=Category.ROBBERY)
FOR_NORTH = Entry(plate=Plate("12AB34"), partners=(NORTH,), category=Category.ROBBERY)
SECRET = Entry(plate=Plate("TVRK42"), dissemination=Dissemination.DISPATCH_ONLY)
ALL = (OPEN, FOR_NORTH, SECRET)


def test_who_may_know_the_same_shares_one_list() -> None:
    lists = Lists.of(ALL)
    assert lists[Audience.GUARD] is lists[Audience(SOUTH)]
    assert lists[Audience(NORTH)] is lists[Audience(NORTH, frozenset({Category.ROBBERY}))]
    assert [len(lists[one]) for one in (Audience.GUARD, Audience(NORTH))] == [1, 2]
    assert len(lists[Audience.CONTROL_ROOM]) == len(ALL)
    open_to_all = Lists.of([OPEN]).with_entries([OPEN])
    assert open_to_all[Audience(NORTH)] is open_to_all[Audience.CONTROL_ROOM]


def test_lists_tell_whether_they_hide_anything_without_making_any() -> None:
    def never(told: Told) -> Listing:
        raise AssertionError(told)

    lists = Lists(Lists.of([OPEN, FOR_NORTH]).circles, never)
    hidden = [lists.hide_from(one) for one in (Audience.GUARD, Audience(NORTH))]
    assert hidden == [True, False]
    assert lists.with_entries([SECRET]).hide_from(Audience(NORTH))
    assert not lists.hide_from(Audience.CONTROL_ROOM)


def test_a_list_is_made_once_while_who_needs_another_does_not_wait() -> None:
    good, begun, go_on = Lists.of(ALL), Event(), Event()
    made: list[Told] = []

    def slow(told: Told) -> Listing:
        made.append(told)
        if told == good.told(Audience(NORTH)):
            begun.set()
            assert go_on.wait(10)
        return good.of_circles(told)

    lists = Lists(good.circles, slow)
    soon = lists.soon(Audience(NORTH))
    assert begun.wait(10)
    with ThreadPoolExecutor(3) as some:
        others = [some.submit(lists.__getitem__, Audience(NORTH)) for _ in range(3)]
        assert len(lists[Audience.GUARD]) == 1
        assert not soon.cancel()
        assert not any(one.done() for one in (soon, *others))
        go_on.set()
        assert {id(one.result(10)) for one in (soon, *others)} == {id(lists[Audience(NORTH)])}
    assert len(made) == len(set(made)) == 2
    assert lists.soon(Audience(NORTH)).done()


def test_a_list_that_could_not_be_made_is_tried_again() -> None:
    good, faults = Lists.of(ALL), [OSError("the disk is gone")]

    def make(told: Told) -> Listing:
        if faults:
            raise faults.pop()
        return good.of_circles(told)

    lists = Lists(good.circles, make)
    with pytest.raises(OSError, match="the disk is gone"):
        lists.soon(Audience.GUARD).result(10)
    assert len(lists[Audience.GUARD]) == 1


def test_entries_put_in_do_not_make_the_list_below_anew() -> None:
    good, made = Lists.of(ALL), []

    def make(told: Told) -> Listing:
        made.append(told)
        return good.of_circles(told)

    lists = Lists(good.circles, make)
    for more in ([], [OPEN], [FOR_NORTH], [OPEN, FOR_NORTH, SECRET]):
        over = lists.with_entries(more)
        assert [len(over[one].entries) for one in (Audience.GUARD, Audience(NORTH))] == [1, 2]
    assert len(made) == 2


def test_another_process_gets_the_lists_that_are_made() -> None:
    matcher = Matcher.build(Hotlist(ALL)).with_entries([FOR_NORTH])
    again = pickle.loads(pickle.dumps(matcher.lists))  # noqa: S301 # our own
    assert again.circles == matcher.lists.circles
    for audience in AUDIENCES:
        assert list(again[audience].entries) == list(matcher.lists[audience].entries)
    assert told(Matcher.of(again).match("12AB34")) == told(matcher.match("12AB34"))


def test_listings_that_nobody_asks_for_are_let_go_and_made_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("plate_match.lists.MOST", 2)
    firms = [f"Synthetic {number}" for number in range(5)]
    lists = Lists.of([replace(FOR_NORTH, partners=(firm,)) for firm in firms])
    made = {firm: lists[Audience(firm)] for firm in firms}
    assert lists[Audience(firms[-1])] is made[firms[-1]]
    again = lists[Audience(firms[0])]
    assert again is not made[firms[0]]
    assert again.entries[0] == made[firms[0]].entries[0]
