"""Entries that know half a plate: which half, and that the right one is found by it."""

import numpy as np

from benchmarks.accuracy.described import NOT_FOUND, drawn
from benchmarks.accuracy.partial import PARTS, Wanted, better, parted, pattern, read_right
from benchmarks.fit.reads import Row
from plate_match.base_rates import load
from plate_match.description import NOTHING_SAID
from plate_match.hotlist import Hotlist
from plate_match.matcher import Matcher
from plate_match.plate import Plate
from tests.benchmarks.test_described import PLATES, row_of


def entries(wanted: Wanted) -> Hotlist:
    every = (*wanted.whole, *wanted.partial)
    trait = drawn(load().colours["car"], every, np.random.default_rng(1))
    return Hotlist(tuple(wanted.entries(trait, trait)))


def test_entries_know_one_part_after_the_other_of_the_plates_that_are_asked_for() -> None:
    wanted = parted(PLATES, PLATES[-2:], 3)
    assert list(wanted.partial.items()) == list(zip((*PLATES[-2:], PLATES[0]), PARTS, strict=True))
    assert wanted.whole == tuple(PLATES[1:-2])
    assert pattern(Plate("8XKV41"), PARTS["middle three"]).compact == "??KV4?"
    known = {str(entry.plate) for entry in entries(wanted)}
    assert {"8XK???", "???V41", "??KV4?"} <= known


def test_the_right_entry_is_found_by_what_it_knows() -> None:
    wanted = Wanted((Plate("12AB34"), Plate("GH999J")), {PLATES[-1]: "first three"})
    matcher = Matcher.build(entries(wanted))
    row = row_of("9XKV41", "9-XKV-41")
    assert better(matcher, row, NOTHING_SAID) == 0
    assert better(matcher, read_right(row), NOTHING_SAID) == 0
    assert better(matcher, row_of("GH999J", "9-XKV-41"), NOTHING_SAID) > 0
    assert better(matcher, Row(row.truth, "", "human_sim", None), NOTHING_SAID) == NOT_FOUND
