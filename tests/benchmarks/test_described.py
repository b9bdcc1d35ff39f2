"""What is drawn for vehicles is what the base rates say, and reporters err as often as said."""

from collections import Counter

import numpy as np
import pytest

from benchmarks.accuracy.described import NOT_FOUND, WRONG, better, described, drawn
from benchmarks.fit.batches import Labelled
from benchmarks.fit.reads import Row
from plate_match.base_rates import load
from plate_match.channel import Source
from plate_match.description import NOTHING_SAID, Description
from plate_match.hotlist import Entry, Hotlist
from plate_match.matcher import Matcher
from plate_match.plate import Plate
from plate_match.report import read_of

PLATES = [Plate(f"{number}XKV41") for number in range(1, 10)]
"""Synthetic; each fits the read "XKV41" alike."""


def row_of(text: str, truth: str) -> Row:
    read = read_of(text, source=Source.EYESIGHT)
    return Row(truth, text, "human_sim", Labelled(truth, read, "human_sim", "suffix"))


def test_vehicles_are_drawn_by_base_rates_and_reporters_err_in_one_case_of_ten() -> None:
    plates = [f"SYNTHETIC{number}" for number in range(20_000)]
    shares = load().colours["car"]
    trait = drawn(shares, plates, np.random.default_rng(1))
    counts = Counter(trait.true.values())
    assert counts["grey"] / len(plates) == pytest.approx(shares.named["grey"], abs=0.02)
    assert counts["red"] / len(plates) == pytest.approx(shares.named["red"], abs=0.01)
    wrong = sum(trait.reported[plate] != trait.true[plate] for plate in plates)
    assert wrong / len(plates) == pytest.approx(WRONG, abs=0.01)


def test_a_report_is_judged_from_nothing_said_to_everything() -> None:
    trait = drawn(load().colours["car"], ["X"], np.random.default_rng(1))
    said = dict(described(trait, trait, "X"))
    word = trait.reported["X"]
    assert said["the plate alone"] == NOTHING_SAID
    assert said["+ both"] == Description(make=word, colour=word)


def test_a_description_puts_the_right_plate_first() -> None:
    right = PLATES[-1]
    entries = [
        Entry(plate=plate, make="VOLVO" if plate == right else "KIA", colour="red")
        for plate in PLATES
    ]
    matcher = Matcher.build(Hotlist(tuple(entries)))
    row = row_of("XKV41", "9-XKV-41")
    assert better(matcher, row, Description(make="Volvo")) == 0
    assert better(matcher, row, Description(make="Kia")) == NOT_FOUND
    assert better(matcher, Row(row.truth, "", "human_sim", None), NOTHING_SAID) == NOT_FOUND
