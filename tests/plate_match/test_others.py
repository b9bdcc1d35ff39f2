"""The other vehicles: by series or by registry, one look or several, kernel or numpy."""

import numpy as np
import pytest

from plate_match import kernel
from plate_match.channel import Read, Source, load
from plate_match.glance import Looks
from plate_match.index import Index
from plate_match.looks import together
from plate_match.normalize import parse
from plate_match.others import Others
from plate_match.plate import Plate
from plate_match.population import load as population
from plate_match.report import Look
from plate_match.sight import Sight

REGISTERED = [Plate(text) for text in ("8XKV41", "8XKV42", "8XKB41", "12ABC3", "GX001B", "NL12")]


@pytest.fixture(params=["kernel", "numpy"], autouse=True)
def search(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "numpy":
        monkeypatch.setattr(kernel, "native", None)
    elif not kernel.native:
        pytest.skip("this installation has no kernel")
    return str(request.param)


def looks(*texts: str) -> Looks:
    source = Source.CAMERA
    sights = tuple(Sight.of(load(), Read(parse(text)), source) for text in texts)
    if len(sights) == 1:
        return Looks.of(sights[0])
    told = [Look(sight.read, source) for sight in sights]
    return Looks(sights, together(told, [sight.observations[0][1] for sight in sights]))


def registry() -> Others:
    return Others(population(), Index.build(REGISTERED, bits_from=1), "registry-test")


def test_a_registry_is_named_in_the_version_and_counts_its_vehicles() -> None:
    assert registry().version == f"{population().version}+registry-test"
    assert Others(population()).version == population().version
    assert registry().vehicles == len(REGISTERED) + population().foreign.vehicles


def test_what_is_registered_is_carried_by_one_vehicle_and_nothing_else_dutch_is() -> None:
    others = registry()
    found = others.densities([Plate("8XKV41"), Plate("8XKV43"), Plate("NOHEE515")])
    assert found[0] == pytest.approx(1 / others.vehicles)
    assert found[1] == 0
    assert 0 < found[2] < found[0]


@pytest.mark.parametrize("texts", [("8-XKV-41",), ("8XKV4?",), ("8-XKV-41", "8-XKB-41")])
def test_the_sum_over_a_registry_is_that_over_its_plates(texts: tuple[str, ...]) -> None:
    seen, others = looks(*texts), registry()
    each = [float(seen.above(seen.each([plate]))[0]) for plate in REGISTERED]
    abroad = others.likelihood(seen) * others.vehicles - sum(each)
    assert abroad >= -1e-9 * sum(each)
    assert abroad < 0.2 * sum(each)


def test_of_two_looks_the_sum_by_series_is_near_that_over_neighbours() -> None:
    """By hand: the plates one symbol away carry nearly all of two good looks."""
    seen, others = looks("8-XKV-41", "8-XKV-41"), Others(population())
    near = {
        Plate("8XKV41"[:i] + symbol + "8XKV41"[i + 1 :])
        for i in range(6)
        for symbol in "0123456789BDFGHJKLMNPRSTVWXZ"
    }
    plates = sorted(near)
    by_hand = float(others.densities(plates) @ seen.above(seen.each(plates)))
    assert others.likelihood(seen) == pytest.approx(by_hand, rel=0.5)


def test_a_second_look_halves_what_is_left_of_the_population() -> None:
    others = Others(population())
    one, two = looks("8X?V41"), looks("8X?V41", "8-XKV-41")
    plate = [Plate("8XKV41")]

    def left(seen: Looks) -> float:
        return others.likelihood(seen) / float(seen.above(seen.each(plate))[0])

    assert left(two) < left(one) / 2


def test_the_country_said_weighs_the_vehicles_of_a_registry() -> None:
    seen, others = looks("8-XKV-41"), registry()
    assert others.likelihood(seen, "NL") > 10 * others.likelihood(seen, "DE")
    assert others.agreement("NL") > others.agreement("DE")


def test_the_mean_density_of_a_list_is_that_of_its_plates() -> None:
    others, index = Others(population()), Index.build(REGISTERED)
    expected = float(np.mean(others.densities(index.plates)))
    assert others.mean_density(index) == pytest.approx(expected)
    assert others.mean_density(Index.build([])) == 0.0
