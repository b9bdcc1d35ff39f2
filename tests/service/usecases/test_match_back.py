from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

from hypothesis import given
from hypothesis import strategies as st

from service import clock
from service.records import IssuedCredential, Role, SightingRecord
from service.usecases.match_back import SPANS, MatchBack
from tests.service.db.synthetic import NOW, Maker

WINDOW = 24 * clock.HOUR
MAKER = Maker(Mock(spec=IssuedCredential, id="c", organisation="Synthetic", role=Role.GUARD))


@dataclass(frozen=True)
class Kept:
    """Sightings that are kept, as the database gives them."""

    all: Sequence[SightingRecord]

    def sightings(self, *, after: int, before: int, limit: int) -> Sequence[SightingRecord]:
        there = sorted(one.id for one in self.all if after < one.id < before)
        return [one for id_ in there for one in self.all if one.id == id_][:limit]


def order(ages: Sequence[int], window: int) -> list[int]:
    """The ages of sightings in the order in which they are matched."""
    records = [MAKER.sighting(NOW - age) for age in ages]
    kept: Any = Kept(records)
    nothing: Any = None
    matching = MatchBack(
        versions=nothing,
        entries=nothing,
        past=kept,
        reading=nothing,
        metrics=nothing,
        window=timedelta(microseconds=window),
        base_rate=0.01,
    )
    return [NOW - one.received_at for one in matching._newest_first(NOW)]


AGES = st.one_of(
    st.integers(0, 2 * WINDOW),
    st.sampled_from([span + more for span in (*SPANS, WINDOW) for more in (-1000, 0, 1000)]),
)


@given(st.lists(AGES, max_size=30), st.sampled_from([clock.MINUTE, clock.HOUR, WINDOW]))
def test_each_sighting_in_the_window_is_matched_once_those_of_the_last_minutes_first(
    ages: list[int], window: int
) -> None:
    found = order(ages, window)
    inside = [age for age in ages if age < window]
    assert sorted(found)[: len(inside)] == sorted(inside)
    assert len(found) <= sum(age <= window + 1000 for age in ages)
    spans = [sum(age > span for span in SPANS) for age in found]
    clear = [
        number
        for age, number in zip(found, spans, strict=True)
        if all(abs(age - span) > 2000 for span in SPANS)  # ids tell milliseconds
    ]
    assert clear == sorted(clear)
