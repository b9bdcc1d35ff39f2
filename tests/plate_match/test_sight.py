"""A sight is a read and what may have been retold of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match import channel, kernel
from plate_match.channel import Read, Source
from plate_match.glance import Looks
from plate_match.keys import keys_of
from plate_match.normalize import parse
from plate_match.plate import Pattern, Plate
from plate_match.sight import MOST_COLUMNS, Sight
from plate_match.store import lay_out
from tests.plate_match import twin
from tests.strategies import looks_of, plates, reads

TABLES = channel.load()


def sight(text: str, source: Source = Source.EYESIGHT) -> Sight:
    return Sight.of(TABLES, Read(parse(text)), source)


@given(st.data(), st.sampled_from(Source))
def test_the_first_of_what_was_told_is_the_read_as_it_stands(
    data: st.DataObject, source: Source
) -> None:
    read = data.draw(reads([data.draw(plates())]))
    seen = Sight.of(TABLES, read, source)
    assert seen.read == read
    assert 0 < sum(weight for weight, _ in seen.told) <= 1 + 1e-12
    assert len(seen.observations) == len(seen.told)
    assert seen.garbage == pytest.approx(TABLES.observe(read, source).garbage, rel=1e-9)


def test_people_retell_and_cameras_do_not() -> None:
    assert len(sight("12ABC3").told) > 1
    assert len(sight("12ABC3", Source.CAMERA).told) == 1


@pytest.mark.parametrize("native", [True, False], ids=["kernel", "numpy"])
def test_a_read_longer_than_that_of_any_plate_says_nothing(
    *, native: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not native:
        monkeypatch.setattr(kernel, "native", None)
    just = Sight.of(TABLES, Read(Pattern(("8",) * MOST_COLUMNS)), Source.CAMERA)
    long = Sight.of(TABLES, Read(Pattern(("8",) * MOST_COLUMNS, (1,))), Source.CAMERA)
    plates_of_eights = [Plate("8" * 10)]
    assert Looks.of(just).each(plates_of_eights)[0, 0] > 0
    assert Looks.of(long).each(plates_of_eights)[0, 0] == 0
    assert long.garbage > 0
    assert not long.told
    assert not long.observations


@pytest.mark.skipif(not kernel.native, reason="this installation has no kernel")
def test_reads_are_scaled_for_the_kernel() -> None:
    seen, keys = sight("12ABC3"), keys_of(["12ABC3"])
    dashed = lay_out(keys).groups[0].dashes
    marks = np.array(dashed)[:, None]
    plain, scaled = (
        sum(float(kernel.likelihoods(one, keys, marks)[0]) for one in told)
        for told in (seen.native, seen.scaled(8.0))
    )
    assert scaled == pytest.approx(8 * plain, rel=1e-12)


@given(st.data())
def test_looks_are_worth_together_what_the_twin_says(data: st.DataObject) -> None:
    plate = data.draw(plates())
    looks = data.draw(looks_of([plate]))
    expected = twin.scored(looks, [plate])[0].value
    found = looks.above(looks.each([plate]))[0]
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-14 * looks.base)
    assert looks.base == pytest.approx(twin.joint(looks, [0.0] * len(looks.sights)), rel=1e-9)
    each = [twin.total_of(one, plate) + one.garbage for one in looks.sights]
    product = np.prod(each) * np.prod(looks.together.scale)
    assert looks.product(plate) == pytest.approx(product, rel=1e-9)
