"""The population's closed form is the sum over its plates."""

import pickle
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match import kernel
from plate_match.channel import Read, Source, load
from plate_match.plate import SYMBOLS, Pattern, Plate
from plate_match.population import Population
from plate_match.population import load as loaded
from plate_match.sidecode import sidecode
from plate_match.sight import Sight
from tests.plate_match import twin
from tests.strategies import patterns

COLUMNS = ("pattern", "first", "second", "letters", "registered")
FEW = (
    dict(zip(COLUMNS, ("X-XX", "GH", "B", "BD", "300"), strict=True)),
    dict(zip(COLUMNS, ("XX-X", "K", "", "GB", "700"), strict=True)),
)
"""Two small series of three symbols: 2 x 1 x 2 and 1 x 2 x 2 plates."""


def enumerated() -> dict[tuple[str, tuple[int, ...]], float]:
    vehicles: dict[tuple[str, tuple[int, ...]], float] = {}
    for first, third in product("GH", "BD"):
        vehicles[f"{first}B{third}", (1,)] = 300 / 4
    for second, third in product("GB", "GB"):
        vehicles[f"K{second}{third}", (2,)] = 700 / 4
    return vehicles


@pytest.fixture(params=["kernel", "numpy"], autouse=True, scope="module")
def search(request: pytest.FixtureRequest) -> Iterator[None]:
    """All of it twice: by the kernel, and by numpy alone."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "numpy":
            patch.setattr(kernel, "native", None)
        yield


@given(patterns(), st.sampled_from(Source))
def test_the_sum_over_all_vehicles_is_the_closed_form(pattern: Pattern, source: Source) -> None:
    few = Population.of_rows("few", FEW)
    sight = Sight(load(), source, ((1.0, Read(pattern)),))
    seen = sight.observations[0][1]
    total = sum(
        vehicles * twin.total(seen, plate, dashes)
        for (plate, dashes), vehicles in enumerated().items()
    )
    assert few.likelihood(sight) == pytest.approx(total / 1000, rel=1e-9)
    best = max(twin.best(seen, plate, dashes) for plate, dashes in enumerated())
    assert few.likeliest(sight) == pytest.approx(best, rel=1e-9)


def test_densities_are_shares_of_all_vehicles() -> None:
    few = Population.of_rows("few", FEW)
    texts = [Plate(plate) for plate, _ in enumerated()]
    expected = [vehicles / 1000 for vehicles in enumerated().values()]
    assert few.densities(texts) == pytest.approx(expected)
    assert few.densities([Plate("ZZ9"), Plate("8XKV41")]).tolist() == [0.0, 0.0]


def test_the_series_table_holds_the_vehicles_of_dutch_roads() -> None:
    population = loaded()
    registered = population.vehicles
    assert 15e6 < registered < 18e6
    current, old, unissued = population.densities(
        [Plate("GBB01B"), Plate("01DBBB"), Plate("XBB01B")]
    )
    assert current * registered == pytest.approx(0.97, abs=0.03)
    assert 0.1 < old * registered < 0.3
    assert unissued * registered < 0.001


def test_combinations_that_are_not_issued_are_next_to_nothing() -> None:
    population = loaded()
    forbidden = ["GVD12B", "KKK12K", "1KVT23", "12DFSS", "GSS12B", "GSD12B", "12GSS1", "V01BBB"]
    beside = ["GVF12B", "KKL12K", "1KVR23", "12DFST", "GST12B", "GSF12B", "12GST1", "V01BBD"]
    rare = population.densities([Plate(text) for text in forbidden])
    common = population.densities([Plate(text) for text in beside])
    assert (rare > 0).all()
    assert rare / common == pytest.approx(1e-4, rel=0.01)


def test_taking_out_leaves_as_many_vehicles_as_are_registered() -> None:
    row = {"sidecode": "11", "pattern": "XXX-1-X", "first": "KPS", "second": "",
           "letters": "BDKSV", "registered": "1000"}  # fmt: skip
    everyone = Population.of_rows("few", [row])
    drawn = product("KPS", "BDKSV", "BDKSV", "123456789", "BDKSV")
    plates = [Plate("".join(symbols)) for symbols in drawn]
    densities = everyone.densities(plates)
    assert densities.sum() == pytest.approx(1)
    assert everyone.vehicles == pytest.approx(1000)
    for plate, density in zip(plates, densities, strict=True):
        word = plate[:3]
        barred = word in {"KKK", "PKK", "PSV", "KVT", "PVV"} or "SS" in word or "SD" in word
        assert density > 0
        assert (density < 1e-3 / len(plates)) == barred, plate


@pytest.mark.parametrize("plate", ["SD00SD", "SS12SS", "DF12SS", "SD12FG", "12SSSD"])
def test_what_is_not_issued_in_two_groups_is_taken_out_once(plate: str) -> None:
    beside = plate.replace("SS", "FG").replace("SD", "FG")
    rare, common = loaded().densities([Plate(plate), Plate(beside)])
    assert 0 < rare < common * 1e-3


def test_every_dutch_series_has_the_layout_of_its_sidecode() -> None:
    for one in loaded().series:
        for column in range(len(one.vehicles)):
            ids = one.chances.argmax(axis=0)[one.draw[:, column]]
            plate = Plate("".join(SYMBOLS[id_] for id_ in ids))
            layout = sidecode(plate)
            if layout and len(plate) == 6:
                places = (np.flatnonzero(one.dashed[:, column]) + 1).tolist()
                assert tuple(places) in {layout.dashes, (3,)}


def test_a_population_that_was_sent_to_another_process_answers_alike() -> None:
    asked = [Plate("GBB01B"), Plate("BORAB12")]
    before = loaded().densities(asked).tolist()
    assert pickle.loads(pickle.dumps(loaded())).densities(asked).tolist() == before  # noqa: S301 # our own
