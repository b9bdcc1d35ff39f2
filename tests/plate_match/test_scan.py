"""The scan scores every plate under the channel itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match import channel, kernel, scan
from plate_match.channel import Read, Source
from plate_match.keys import keys_of, plates_of
from plate_match.plate import Pattern, Plate
from plate_match.scan import Scan, likelihoods_of
from plate_match.sight import Sight
from plate_match.store import lay_out
from tests.plate_match import twin
from tests.strategies import plates, reads

SOURCES = st.sampled_from(Source)


@given(st.lists(plates(), min_size=1, max_size=3), st.data(), SOURCES)
def test_every_plate_is_worth_what_the_twin_says(
    listed: list[Plate], data: st.DataObject, source: Source
) -> None:
    seen = Sight.of(channel.load(), data.draw(reads(listed)), source)
    store = lay_out(keys_of(listed))
    sums, bests = Scan.of(store).likelihoods(seen)
    for plate, total, best in zip(plates_of(store.all_keys()), sums, bests, strict=True):
        assert total == pytest.approx(twin.total_of(seen, plate), rel=1e-9)
        assert best == pytest.approx(twin.best_of(seen, plate), rel=1e-9)


@given(st.lists(plates(), min_size=1, max_size=30), st.data(), SOURCES, st.integers(1, 4))
def test_how_many_plates_are_scored_at_a_time_changes_nothing(
    listed: list[Plate], data: st.DataObject, source: Source, chunk: int
) -> None:
    seen = Sight.of(channel.load(), data.draw(reads(listed)), source)
    every = Scan.of(lay_out(keys_of(listed)))
    whole = np.array(every.likelihoods(seen))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_CHUNK", chunk)
        assert np.array(every.likelihoods(seen)) == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("native", [True, False], ids=["kernel", "numpy"])
@given(listed=st.lists(plates(), min_size=1, max_size=30), data=st.data(), source=SOURCES)
def test_plates_need_not_be_listed_to_be_scored(
    *, native: bool, listed: list[Plate], data: st.DataObject, source: Source
) -> None:
    seen = Sight.of(channel.load(), data.draw(reads(listed)), source)
    store = lay_out(keys_of(listed))
    sums, _ = Scan.of(store).likelihoods(seen)
    with pytest.MonkeyPatch.context() as patch:
        if not native:
            patch.setattr(kernel, "native", None)
        for plate, total in zip(plates_of(store.all_keys()), sums, strict=True):
            assert likelihoods_of(seen, [plate])[0] == pytest.approx(total, rel=1e-9)
        alike = [plate for plate in listed if len(plate) == len(listed[0])]
        each = [likelihoods_of(seen, [plate])[0] for plate in alike]
        assert likelihoods_of(seen, alike) == pytest.approx(each, rel=1e-12)


def test_of_no_plates_there_is_nothing_to_score() -> None:
    seen = Sight.of(channel.load(), Read(Pattern(tuple("8XKV41"))), Source.CAMERA)
    sums, bests = Scan.of(lay_out(keys_of([]))).likelihoods(seen)
    assert len(sums) == len(bests) == 0
