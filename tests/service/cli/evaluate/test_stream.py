from collections.abc import Sequence

import numpy as np
import pytest

from plate_match.channel import Source
from plate_match.plate import Plate
from service.cli.base_rates import BaseRates
from service.cli.evaluate.judging import Judged
from service.cli.evaluate.rivals import NOTHING
from service.cli.evaluate.stream import as_traffic, stream_of, without_innocent


def judged(plate: str, source: Source, *, listed: bool) -> Judged:
    return Judged(
        truth=Plate(plate),
        listed=listed,
        source=source,
        kind="exact",
        rank=1,
        confidence=0.9,
        first=plate,
        category="other",
        seen="a whole Dutch plate",
        given=0.9,
        squares=0.01,
        others=(NOTHING, NOTHING, NOTHING),
    )


CAMERA = [judged(f"8XKV{number}", Source.CAMERA, listed=number < 18) for number in range(10, 20)]
PEOPLE = [judged(f"GH1{number}K", Source.EYESIGHT, listed=number < 11) for number in range(10, 20)]
RATES = BaseRates.of(["0.01", "camera=0.1"])


def share(weight: np.ndarray, reads: Sequence[Judged], source: Source, *, listed: bool) -> float:
    pairs = zip(weight.tolist(), reads, strict=True)
    return sum(float(one) for one, read in pairs if read.source == source and read.listed == listed)


def test_every_source_has_its_base_rate_and_its_share_of_the_file() -> None:
    stream = stream_of([*CAMERA, *PEOPLE[:5]], [], RATES)
    for source, part, rate in ((Source.CAMERA, 10 / 15, 0.1), (Source.EYESIGHT, 5 / 15, 0.01)):
        own = share(stream.weight, stream.judged, source, listed=True)
        rest = share(stream.weight, stream.judged, source, listed=False)
        assert own + rest == pytest.approx(part)
        assert own / (own + rest) == pytest.approx(rate)
    assert stream.notes == ()
    assert stream.weight.sum() == pytest.approx(1)


def test_a_source_of_one_kind_of_vehicle_alone_is_named() -> None:
    alone = [one for one in CAMERA if one.listed]
    assert without_innocent([*alone, *PEOPLE]) == {Source.CAMERA}
    stream = stream_of([*alone, *[one for one in PEOPLE if not one.listed]], [], RATES)
    assert stream.notes == (
        "camera: no read of an innocent vehicle, so its base rate does not hold",
        "eyesight: no read of a listed vehicle, so its base rate does not hold",
    )
    assert stream.weight.sum() == pytest.approx(1)


def test_played_innocent_ones_have_the_weight_of_innocent_ones() -> None:
    alone = [one for one in CAMERA if one.listed]
    played = [one._replace(listed=False) for one in alone]
    stream = stream_of(alone, played, RATES)
    assert stream.played == len(played)
    assert stream.notes == ()
    assert share(stream.weight, stream.judged, Source.CAMERA, listed=False) == pytest.approx(0.9)


def test_what_counts_for_traffic_is_how_many_vehicles_carry_such_plates() -> None:
    many = [Plate(text) for text in ("8XKV41", "9XKV41", "1XKV41", "2XKV41")]
    rare = [Plate("0001AD")]
    weight = as_traffic([*many, *rare])
    per_layout = [weight[:4].sum(), weight[4]]
    assert per_layout[0] > 5 * per_layout[1] > 0
    again = as_traffic([*many[:1], *rare])
    assert again[0] / again[1] == pytest.approx(per_layout[0] / per_layout[1])


def test_a_plate_of_no_layout_counts_for_nothing_unless_all_are() -> None:
    foreign = Plate("1ABC234")
    assert as_traffic([foreign, Plate("8XKV41")])[0] == 0
    assert as_traffic([foreign, foreign]).tolist() == [1, 1]
    assert as_traffic([]).tolist() == []
