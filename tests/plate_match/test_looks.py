"""Looks: what several reads of one vehicle are worth together. All plates are synthetic."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from plate_match import channel as channels
from plate_match.channel import UNREAD, Read, Source
from plate_match.looks import (
    CAMERA,
    MOST_LOOKS,
    PEOPLE,
    Copying,
    Said,
    Together,
    copied,
    said_by,
    together,
)
from plate_match.normalize import parse
from plate_match.plate import GAP, SYMBOLS, UNKNOWN, Pattern, Plate
from plate_match.report import Look, read_of
from plate_match.sidecode import sidecode
from tests.plate_match.twin import total
from tests.strategies import patterns, plates

CHANNEL = channels.load()

COPYING = Copying(rho=0.4, changed=0.1, lost=0.05, added=0.03)


def look(text: str, source: Source = Source.CAMERA) -> Look:
    return Look(read_of(text, source=source), source)


def said(one: Look) -> Said:
    return said_by(one, CHANNEL.observe(one.read, one.source))


def joined(looks: Sequence[Look]) -> Together:
    return together(looks, [CHANNEL.observe(one.read, one.source) for one in looks])


def given_by(looks: Sequence[Look], listed: Sequence[str]) -> NDArray[np.float64]:
    """P(read | plate) of each look: (looks, n)."""
    rows: dict[Look, list[float]] = {}
    for one in looks:
        if one not in rows:
            seen = CHANNEL.observe(one.read, one.source)
            rows[one] = [total(seen, plate, _dashes(plate)) + seen.garbage for plate in listed]
    return np.array([rows[one] for one in looks])


def _dashes(plate: str) -> tuple[int, ...]:
    layout = sidecode(Plate(plate))
    return tuple(layout.dashes) if layout else ()


def odds(looks: Sequence[Look], one: str, other: str) -> float:
    """How much more likely these looks are for one plate than for another."""
    mine, theirs = joined(looks).combine(given_by(looks, [one, other]))
    return float(mine / theirs)


@st.composite
def looks_at_anything(draw: st.DrawFn, *, max_size: int = 5) -> list[Look]:
    """Looks by any source, with confidences or without; not all at the same plate."""
    found = []
    for pattern in draw(st.lists(patterns(), min_size=1, max_size=max_size)):
        size = len(pattern.symbols)
        stated = st.lists(st.none() | st.floats(0, 1), min_size=size, max_size=size)
        confidences = draw(st.just(()) | stated.map(tuple))
        found.append(Look(Read(pattern, confidences), draw(st.sampled_from(Source))))
    return found


@st.composite
def looks_and_likelihoods(draw: st.DrawFn) -> tuple[list[Look], NDArray[np.float64]]:
    """Looks, and likelihoods of three plates from that of garbage up."""
    found = draw(looks_at_anything())
    garbage = [CHANNEL.observe(one.read, one.source).garbage for one in found]
    nats = st.lists(st.floats(0, 30), min_size=3, max_size=3)
    above = np.array([draw(nats) for _ in found])
    return found, np.array(garbage)[:, None] * np.exp(above)


@given(looks_at_anything(max_size=1), st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_a_single_look_is_worth_exactly_what_it_says(
    looks: list[Look], likelihoods: list[float]
) -> None:
    assert joined(looks).combine(np.array([likelihoods])).tolist() == likelihoods


@given(looks_and_likelihoods(), st.randoms(use_true_random=False))
def test_the_order_of_looks_makes_no_difference(
    drawn: tuple[list[Look], NDArray[np.float64]], rng: st.DataObject
) -> None:
    looks, likelihoods = drawn
    order = list(range(len(looks)))
    rng.shuffle(order)  # type: ignore[attr-defined] # Hypothesis's own Random
    before = joined(looks).combine(likelihoods)
    after = joined([looks[place] for place in order]).combine(likelihoods[order])
    assert after == pytest.approx(before, rel=1e-9)


@given(looks_and_likelihoods(), st.data())
def test_a_plate_that_one_look_suits_better_is_not_less_likely(
    drawn: tuple[list[Look], NDArray[np.float64]], data: st.DataObject
) -> None:
    looks, likelihoods = drawn
    place = data.draw(st.integers(0, len(looks) - 1))
    better = likelihoods.copy()
    better[place] *= data.draw(st.floats(1, 1e6))
    joint = joined(looks)
    assert (joint.combine(better) >= joint.combine(likelihoods)).all()


@given(looks_and_likelihoods())
def test_each_look_is_in_one_cluster_of_its_kind_of_source(
    drawn: tuple[list[Look], NDArray[np.float64]],
) -> None:
    looks, likelihoods = drawn
    joint = joined(looks)
    members = [place for cluster in joint.clusters for place in cluster.members]
    assert sorted(members) == list(range(len(looks)))
    for cluster in joint.clusters:
        assert len({looks[place].source is Source.CAMERA for place in cluster.members}) == 1
    assert np.isfinite(joint.combine(likelihoods)).all()
    assert (joint.combine(likelihoods) > 0).all()


def test_a_camera_and_a_person_are_two_proofs() -> None:
    camera, person = look("12-KV-41"), look("12-KV-41", Source.EYESIGHT)
    one = odds([camera], "12KV41", "12KV47")
    other = odds([person], "12KV41", "12KV47")
    assert odds([camera, person], "12KV41", "12KV47") == pytest.approx(one * other)


def test_two_glances_of_one_reporter_are_less_than_two_proofs() -> None:
    glance = look("12-KV-41", Source.EYESIGHT)
    again = look("12-KV-41", Source.MEMORY)
    both = odds([glance], "12KV41", "12KV47") * odds([again], "12KV41", "12KV47")
    assert 1 < odds([glance, again], "12KV41", "12KV47") < both / 10


@settings(max_examples=50, deadline=None)
@given(st.sampled_from((CAMERA, PEOPLE)), st.data())
def test_equal_looks_are_worth_about_one_over_rho_at_most(
    copying: Copying, data: st.DataObject
) -> None:
    right, wrong = data.draw(st.lists(plates(), min_size=2, max_size=2, unique=True))
    wrong = Plate((wrong * 10)[: len(right)])
    source = Source.CAMERA if copying is CAMERA else Source.EYESIGHT
    one = Look(Read(parse(right)), source)
    times = data.draw(st.integers(2, 10))
    alone = odds([one], right, wrong)
    assert odds([one] * times, right, wrong) <= 1.25 * alone / copying.rho + 1e-9


def test_ten_equal_frames_do_not_make_a_certainty_of_a_doubt() -> None:
    frame = look("BX-KV-41")
    alone, ten = odds([frame], "BXKV41", "BXKV47"), odds([frame] * 10, "BXKV41", "BXKV47")
    assert alone < ten < 1.25 * alone / CAMERA.rho
    assert alone**10 > 1e6 * ten


def test_looks_that_differ_as_independent_ones_do_are_worth_their_product() -> None:
    first, second = look("2-KV-41"), look("12-KV-4")
    listed = ["12KV41", "12KV47"]
    given_looks = given_by([first, second], listed)
    mine, theirs = given_looks.prod(axis=0)
    assert odds([first, second], *listed) == pytest.approx(mine / theirs, rel=0.02)


def test_a_frame_that_contradicts_nine_equal_ones_does_not_undo_them() -> None:
    looks = [look("12-KV-41")] * 9 + [look("98-ZZ-76")]
    assert odds(looks, "12KV41", "98ZZ76") > 1


@pytest.mark.parametrize("text", ["", "1", "1K"])
def test_the_copy_channel_is_a_probability_of_reads(text: str) -> None:
    first = said(look(text)) if text else replace(said(look("1")), shown=np.zeros((0, UNREAD + 2)))
    every = np.eye(UNREAD + 1, UNREAD + 2)
    rates = CHANNEL.sources[Source.CAMERA]
    drawn = np.append(rates.garbage_column, rates.gap)
    whole = 0.0
    for shown in [
        every[:0],
        *(every[[i]] for i in range(len(every))),
        *(every[[i, j]] for i in range(len(every)) for j in range(len(every))),
    ]:
        again = replace(first, shown=shown, chance=shown @ drawn)
        whole += copied(first, again, COPYING)
    assert whole == pytest.approx(1 - _longer_than_two(len(text)), abs=1e-7)


def _longer_than_two(columns: int) -> float:
    """Chance that the copy of so many columns has three or more."""
    lengths = np.array([1.0])
    added = (1 - COPYING.added) * COPYING.added ** np.arange(40)
    for _ in range(columns):
        lengths = np.convolve(lengths, [COPYING.lost, 1 - COPYING.lost])
    for _ in range(columns + 1):
        lengths = np.convolve(lengths, added)[:40]
    return 1 - float(lengths[:3].sum())


@given(patterns(), patterns(), st.data())
def test_a_doubt_is_as_likely_as_all_it_doubts_between(
    first: Pattern, again: Pattern, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(again.symbols) - 1))
    doubts = sorted(data.draw(st.sets(st.sampled_from(SYMBOLS), min_size=2, max_size=4)))

    def of(symbol: str) -> float:
        symbols = (*again.symbols[:place], symbol, *again.symbols[place + 1 :])
        return copied(
            said(Look(Read(first))), said(Look(Read(replace(again, symbols=symbols)))), COPYING
        )

    assert of("".join(doubts)) == pytest.approx(sum(map(of, doubts)))


@given(patterns())
def test_nothing_is_a_likelier_copy_than_the_same_again(pattern: Pattern) -> None:
    same = said(Look(Read(pattern), Source.CAMERA))
    other = said(Look(Read(parse("9-ZZZ-99")), Source.CAMERA))
    assert copied(same, same, CAMERA) >= copied(other, same, CAMERA)


def test_a_copy_with_one_change_is_less_likely_than_none_and_more_than_another_plate() -> None:
    first = said(look("12-KV-41"))
    chances = [
        copied(first, said(look(text)), CAMERA)
        for text in ("12-KV-41", "12-KV-47", "12-K-41", "98-ZZ-76")
    ]
    assert chances[0] > 0.8
    assert chances[0] > 100 * chances[1] > 1e6 * chances[3]
    assert chances[0] > 100 * chances[2] > 1e6 * chances[3]


def test_confidences_of_a_copy_are_a_probability_too() -> None:
    bins = CHANNEL.sources[Source.CAMERA].confidence.shape[2]
    plain = parse("12KV41")
    first = said(Look(Read(plain, (0.9,) * 6), Source.CAMERA))
    stated = [((b + 0.5) / bins, *(None,) * 5) for b in range(bins)]
    each = [copied(first, said(Look(Read(plain, one), Source.CAMERA)), CAMERA) for one in stated]
    without = copied(first, said(Look(Read(plain), Source.CAMERA)), CAMERA)
    assert sum(each) == pytest.approx(without, rel=1e-3)


def test_a_copy_is_of_the_same_quality() -> None:
    clear = Look(Read(parse("12KV41"), (0.99,) * 6), Source.CAMERA)
    unclear = Look(Read(parse("12KV41"), (0.4,) * 6), Source.CAMERA)
    again = said(clear)
    assert copied(said(clear), again, CAMERA) > 2 * copied(said(unclear), again, CAMERA)


def test_confidences_in_what_was_not_read_count_for_nothing() -> None:
    pattern = parse(f"1{UNKNOWN}KV{GAP}")
    some = said(Look(Read(pattern, (0.9, 0.1, 0.9, 0.9, 0.2)), Source.CAMERA))
    none = said(Look(Read(pattern, (0.9, None, 0.9, 0.9, None)), Source.CAMERA))
    assert some.confidence == pytest.approx(none.confidence)


def test_of_glances_by_other_tables_only_the_spelling_is_a_copy() -> None:
    sure = Look(Read(parse("12KV41"), (0.9,) * 6), Source.MEMORY)
    plain = Look(Read(parse("12KV41")), Source.MEMORY)
    first = said(Look(Read(parse("12KV41"), (0.9,) * 6), Source.EYESIGHT))
    again = said(sure)
    stated = float(again.weight @ again.confidence)
    assert stated < 1
    assert copied(first, again, PEOPLE) == pytest.approx(
        stated * copied(first, said(plain), PEOPLE)
    )


def test_of_very_many_looks_those_that_say_most_are_weighed() -> None:
    poor, good = look("1"), look("12-KV-41")
    looks = [poor] * 100 + [good] + [poor] * 100
    (cluster,) = joined(looks).clusters
    assert len(cluster.members) == MOST_LOOKS
    assert 100 in cluster.members


@pytest.mark.parametrize("agree", [True, False])
def test_many_looks_neither_vanish_nor_overflow(*, agree: bool) -> None:
    texts = [f"{n:02}-KV-{99 - n:02}" for n in range(20)]
    looks = [
        look(texts[0] if agree else text, source)
        for text in texts
        for source in (Source.CAMERA, Source.EYESIGHT)
    ]
    listed = ["00KV99", "05KV94", "GHJ77X"]
    joint = joined(looks).combine(given_by(looks, listed))
    assert np.isfinite(joint).all()
    assert (joint > 0).all()
    assert joint[0] > joint[2]
