"""The explanation is the arithmetic of the score."""

from dataclasses import replace
from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match import kernel
from plate_match.channel import Channel, Observation, Read, Source, load
from plate_match.explain import Step, align, explain
from plate_match.normalize import parse
from plate_match.plate import Pattern, Plate
from plate_match.sight import Sight
from tests.plate_match import twin
from tests.plate_match.test_lattice import dashes
from tests.strategies import patterns, plates, reads


def seen_of(text: str, source: Source = Source.CAMERA) -> Observation:
    return load().observe(Read(parse(text)), source)


def kinds(steps: tuple[Step, ...]) -> list[str]:
    return [step.kind for step in steps]


@given(plates(), patterns(), st.sampled_from(Source))
def test_the_bits_of_the_steps_add_up_to_the_best_alignment(
    plate: Plate, pattern: Pattern, source: Source
) -> None:
    seen = load().observe(Read(pattern), source)
    steps = align(seen, plate)
    best = twin.best(seen, plate, dashes(plate))
    within = [best / weight for weight in seen.rates.weight]
    bits = sum(step.bits for step in steps)
    assert min(abs(bits - log2(one)) for one in within) < 1e-6


@given(plates(), patterns(), st.sampled_from(Source))
def test_the_steps_spell_the_plate_and_the_read(
    plate: Plate, pattern: Pattern, source: Source
) -> None:
    seen = load().observe(Read(pattern), source)
    steps = align(seen, plate)
    assert "".join(step.plate for step in steps).replace("-", "") == plate
    read = [step.read for step in steps if step.kind != "gap"]
    labels = [label for label, gap in zip(seen.labels, seen.gaps, strict=True) if not gap]
    assert "".join(read) == "".join(labels)
    assert all(step.bits <= 1e-9 for step in steps)


@pytest.mark.parametrize(
    ("text", "plate", "expected"),
    [
        ("8XKV41", "8XKV41", ["same"] * 6),
        ("8-XKV-41", "8XKV41", ["same", "separator", *["same"] * 3, "separator", *["same"] * 2]),
        ("BXKV41", "8XKV41", ["confused", *["same"] * 5]),
        ("I8-XKV-41", "8XKV41", ["inserted", "same", "separator", "same"]),
        ("8XKV", "8XKV41", [*["same"] * 4, "cut", "cut"]),
        ("KV41", "8XKV41", ["cut", "cut", *["same"] * 4]),
        ("8XV41", "8XKV41", ["same", "same", "missing", "same", "same", "same"]),
    ],
)
def test_a_step_has_the_name_of_what_happened(text: str, plate: str, expected: list[str]) -> None:
    assert kinds(align(seen_of(text), Plate(plate)))[: len(expected)] == expected


def test_people_swap_leave_out_and_do_not_read() -> None:
    eyes = Source.EYESIGHT
    assert "swapped" in kinds(align(seen_of("8XVK41", eyes), Plate("8XKV41")))
    assert "unread" in kinds(align(seen_of("8X?V41", eyes), Plate("8XKV41")))
    starts = align(seen_of("begint met 8XK", eyes), Plate("8XKV41"))
    assert kinds(starts)[:3] == ["same"] * 3
    assert set(kinds(starts)[3:]) == {"gap"}


def test_a_dash_read_as_a_symbol_is_said_to_be_one() -> None:
    steps = align(seen_of("H1KV-22-Z"), Plate("HKV22Z"))
    assert next(step for step in steps if step.kind == "inserted").read == "1"
    weak = load().observe(Read(Pattern(tuple("HKV22IZ"))), Source.CAMERA)
    marks = [step for step in align(weak, Plate("HKV22Z")) if step.read == "I"]
    assert marks[0].kind in {"confused", "inserted"}


def test_a_doubt_that_holds_the_symbol_is_no_confusion() -> None:
    steps = align(seen_of("[8B]XKV41"), Plate("8XKV41"))
    assert steps[0].read == "8/B"
    assert steps[0].kind == "same"


def test_a_look_alike_costs_less_than_another_mistake() -> None:
    alike = align(seen_of("BXKV41"), Plate("8XKV41"))[0].bits
    other = align(seen_of("MXKV41"), Plate("8XKV41"))[0].bits
    assert alike > other + 2
    assert np.isfinite(other)


def test_a_plate_that_was_cut_off_whole_leaves_what_was_added() -> None:
    rates = load().sources[Source.CAMERA]
    cut = np.zeros_like(rates.cut)
    cut[0, :, -1] = cut[1, :, 0] = 1
    all_cut_off = Channel("test", {Source.CAMERA: replace(rates, cut=cut)})
    steps = align(all_cut_off.observe(Read(Pattern(("1",))), Source.CAMERA), Plate("8XKV41"))
    assert kinds(steps) == ["cut"] * 6 + ["inserted"]


@pytest.mark.skipif(not kernel.native, reason="this installation has no kernel")
@given(st.data(), st.sampled_from(Source))
def test_the_kernel_tells_the_story_that_numpy_tells(data: st.DataObject, source: Source) -> None:
    plate = data.draw(plates())
    seen = Sight.of(load(), data.draw(reads([plate])), source)
    told = explain(seen, plate)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "native", None)
        plain = explain(seen, plate)
    assert sum(step.bits for step in told) == pytest.approx(sum(step.bits for step in plain))
    assert "".join(step.plate for step in told) == "".join(step.plate for step in plain)
    if kinds(told) == kinds(plain):  # else two alignments are alike but for the order of sums
        assert [step.bits for step in told] == pytest.approx([step.bits for step in plain])
        assert [step.read for step in told] == [step.read for step in plain]
