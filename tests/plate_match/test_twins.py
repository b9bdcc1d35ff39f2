"""A twin is another issued plate that explains the read at least as well."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match import kernel
from plate_match.channel import Read, Source, load
from plate_match.glance import Looks
from plate_match.normalize import parse
from plate_match.others import Others
from plate_match.plate import Plate
from plate_match.population import load as population
from plate_match.sight import Sight
from plate_match.twins import MOST, twins
from tests.strategies import plates, reads


def twins_of(text: str, plate: str, source: Source = Source.CAMERA) -> tuple[Plate, ...]:
    looks = Looks.of(Sight.of(load(), Read(parse(text)), source))
    return twins(looks, Plate(plate), Others(population()))


def test_the_plate_as_it_was_read_is_a_twin_of_the_listed_one() -> None:
    assert twins_of("HJ-823-K", "HJB23K")[0] == "HJ823K"


def test_a_plate_that_was_read_as_it_is_has_no_twin() -> None:
    assert twins_of("8-XKV-41", "8XKV41") == ()


def test_a_series_that_was_never_issued_is_no_twin() -> None:
    assert "XBB01B" not in twins_of("XBB-01-B", "XBB01D")


def test_a_symbol_not_read_leaves_many_twins_and_three_are_named() -> None:
    found = twins_of("8X?V41", "8XKV41", Source.EYESIGHT)
    assert len(found) == MOST
    assert all(twin[:2] == "8X" and twin[3:] == "V41" and twin != "8XKV41" for twin in found)


@pytest.mark.skipif(not kernel.native, reason="this installation has no kernel")
@given(st.data(), st.sampled_from(Source))
def test_plates_one_symbol_away_are_worth_what_each_is_by_itself(
    data: st.DataObject, source: Source
) -> None:
    plate = data.draw(plates())
    looks = Looks.of(Sight.of(load(), data.draw(reads([plate])), source))
    found = looks.neighbours(plate)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "native", None)
        assert found == pytest.approx(looks.neighbours(plate), rel=1e-9, abs=1e-300)
