"""How several looks are judged: the sampled sums are right, and so are the figures made of them."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy.copying import Pairs, fitted
from benchmarks.accuracy.hits import LISTED, Judged, calibration_error, figures, threshold_for
from benchmarks.accuracy.looks import WAYS, judged, natural
from benchmarks.accuracy.sightings import Vehicle, copies, frames, images
from benchmarks.accuracy.vehicles import likelihood, sample
from benchmarks.fit.reads import GOOD_READER
from plate_match import channel as channels
from plate_match import population
from plate_match.channel import Read, Source
from plate_match.looks import Copying
from plate_match.plate import Pattern, Plate
from plate_match.report import read_of
from plate_match.sight import Sight

CHANNEL = channels.load()
HEADER = "id,truth,read,reader,condition,severity,char_conf\n"


def read(text: str) -> Read:
    return read_of(text, source=Source.CAMERA)


def rendered(tmp_path: Path, *rows: tuple[str, str]) -> Path:
    lines = [f"r,{truth},{text},{GOOD_READER},clean,1,\n" for truth, text in rows]
    (tmp_path / "rendered_ocr.csv").write_text(HEADER + "".join(lines), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("text", ["12-KVD-4", "2-KVD", "8X-KV-4"])
def test_a_sampled_sum_over_plates_is_that_of_the_closed_form(text: str) -> None:
    seen = CHANNEL.observe(read(text), Source.CAMERA)
    right = Plate("12KVD4")
    found = sample([seen], right, np.random.default_rng(1))
    total = found.share @ found.likelihood[0] + found.right_density * found.right[0, 0]
    sight = Sight.of(CHANNEL, read(text), Source.CAMERA)
    exact = population.load().likelihood(sight) + seen.garbage
    assert total == pytest.approx(exact, rel=0.1)


def test_a_sampled_sum_of_a_product_is_that_over_every_plate_that_counts() -> None:
    seen = [CHANNEL.observe(read(text), Source.CAMERA) for text in ("12-KVD-4", "12-KV0-4")]
    right = Plate("12KVD4")
    found = sample(seen, right, np.random.default_rng(1))
    near = [
        Plate(right[:place] + symbol + right[place + 1 :])
        for place in range(6)
        for symbol in "0123456789BCDFGHJKLMNPQRSTUVWXYZ"
        if symbol != right[place]
    ]
    both = np.array([likelihood(one, near) for one in seen]).prod(axis=0)
    least = float(both @ population.load().densities(near))
    sampled = float(found.share @ found.likelihood.prod(axis=0))
    assert 0.9 * least < sampled < 2 * least


def test_the_copying_that_made_pairs_is_found_again() -> None:
    vehicles = []
    for number in range(90):
        truth = f"{number + 10}-KV-{99 - number}"
        first, other = (truth[:place] + "J" + truth[place + 1 :] for place in (0, -1 + len(truth)))
        vehicles.append(Vehicle(truth, (read(first), read(first if number % 2 else other))))
    found, gain = fitted([Pairs.of(vehicles, CHANNEL)])
    assert found.rho == pytest.approx(0.5, abs=0.02)
    assert found.changed < 0.05
    assert gain > 0


def test_pairs_of_independent_reads_are_hardly_taken_for_copies() -> None:
    vehicles = [
        Vehicle(f"{n}-KV-{99 - n // 2}", (read(f"{n}-KV-{99 - n // 2}"), read(f"{n}-KV-9")))
        for n in range(10, 60)
    ]
    found, _ = fitted([Pairs.of(vehicles, CHANNEL)])
    assert found.rho < 0.1


def test_the_ratio_of_a_pair_is_that_of_a_copy_to_two_independent_reads() -> None:
    vehicle = Vehicle("12-KV-41", (read("12-KV-41"), read("12-KV-47")))
    pairs = Pairs.of([vehicle, Vehicle("12-KV-41", (read("12-KV-41"),))], CHANNEL)
    equal = Pairs.of([Vehicle("12-KV-41", (read("12-KV-47"), read("12-KV-47")))], CHANNEL)
    exact = Copying(rho=0.5, changed=1e-6, lost=1e-6, added=1e-6)
    assert pairs.ratios(exact).shape == (1,)
    assert pairs.ratios(exact)[0] < 1 < equal.ratios(exact)[0]


def test_two_images_of_a_plate_are_one_vehicle_and_what_was_not_read_is_no_look(
    tmp_path: Path,
) -> None:
    folder = rendered(tmp_path, ("12-KV-41", "12-KV-41"), ("12-KV-41", ""), ("9-XXX-99", "9XXX9"))
    found = {one.truth: len(one.reads) for one in images(folder)}
    assert found == {"12-KV-41": 1, "9-XXX-99": 1}


def test_frames_of_one_pass_go_together_and_none_twice(tmp_path: Path) -> None:
    rows = [("v1", 1), ("v1", 2), ("v1", 900), ("v1", 901), ("v2", 5), ("v2", "L99")]
    lines = [f"s-{video}-{frame}-1,12-KV-41,12-KV-41,any,street,0,\n" for video, frame in rows]
    (tmp_path / "real_dutch_readers.csv").write_text(HEADER + "".join(lines), encoding="utf-8")
    assert len(frames(tmp_path)) == 2
    assert frames(tmp_path, 4) == []


def test_a_copy_is_equal_or_one_symbol_apart() -> None:
    vehicles = [Vehicle("12-KV-41", (read("12-KV-41"), read("12"))), Vehicle("12-KV-42", ())]
    (equal,) = copies(vehicles, changed=False)
    assert equal.reads == (read("12-KV-41"),) * 2
    (near,) = copies(vehicles * 1, changed=True)
    first, second = (one.pattern for one in near.reads)
    assert isinstance(first, Pattern)
    assert sum(a != b for a, b in zip(first.symbols, second.symbols, strict=True)) <= 1


def test_drawn_plates_are_weighed_as_the_population_has_them() -> None:
    vehicles = [Vehicle(truth, ()) for truth in ("12-KV-41", "GZ-123-B", "GZ-124-B", "AA-AA-12")]
    densities = population.load().densities([one.plate for one in vehicles])
    weights = natural(vehicles, densities)
    assert weights.sum() == pytest.approx(1)
    assert weights[1] == pytest.approx(weights[2])
    assert weights[1] > weights[0]


def test_each_way_judges_what_it_says() -> None:
    found = judged(Vehicle("12-KV-41", (read("12-KV-4"), read("2-KV-41"))), CHANNEL)
    assert set(found) == set(WAYS)
    sure = {name: one.wanted(0.01)[0] for name, one in found.items()}
    assert sure["first look alone"] < sure["the model"] <= sure["plain product"] + 0.01


def test_what_was_not_read_is_never_found_and_never_a_false_hit() -> None:
    found = judged(Vehicle("12-KV-41", ()), CHANNEL)["the model"]
    assert found.wanted(0.1)[0] == 0
    assert figures([found], np.ones(1)).split()[0] == "0.0"


def vehicle_with(right: float, others: list[float], listed: list[float]) -> Judged:
    density = np.array(listed) / LISTED
    return Judged(right, np.array(others), density, 1 / 16e6, np.array(listed))


def test_the_right_plate_is_first_unless_a_likelier_one_is_listed() -> None:
    one = vehicle_with(10.0, [20.0, 5.0], [0.25, 100.0])
    assert one.above == 0.25
    row = figures([one], np.ones(1)).split()
    assert float(row[0]) == pytest.approx(100 * np.exp(-0.25), abs=0.05)
    assert float(row[1]) == pytest.approx(100.0, abs=0.05)
    assert one.on_top() == pytest.approx([1.0, np.exp(-0.25)])


def test_a_threshold_lets_no_more_false_hits_stand_than_it_may() -> None:
    confidences = np.array([0.9, 0.2, 0.6])
    often = np.array([0.0005, 0.1, 0.0006])
    assert threshold_for(confidences, often, 0.001) == 0.6
    assert threshold_for(confidences, often, 0.0012) == 0.2
    assert threshold_for(confidences, often, 1.0) == 0.0


def test_the_calibration_error_is_what_is_said_less_what_is_so() -> None:
    never = Judged(0.0, np.array([1e7]), np.zeros(1), 0.0, np.ones(1))
    said = float(never.innocent(0.01)[0])
    assert said == pytest.approx(0.5, abs=0.01)
    assert calibration_error([never], np.ones(1), 0.01) == pytest.approx(said, abs=0.01)
