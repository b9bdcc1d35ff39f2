"""A higher confidence never discloses less, and costs decide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.hotlist import Category
from plate_match.policy import COSTS, Costs, Disposition, disposition

ORDER = [Disposition.WITHHOLD, Disposition.SHOW, Disposition.ALERT]


@given(st.sets(st.sampled_from(Category), min_size=1), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_confidence_never_asks_for_less(
    categories: set[Category], one: float, other: float
) -> None:
    low, high = sorted((one, other))
    asked = [ORDER.index(disposition(categories, confidence)) for confidence in (low, high)]
    assert asked[0] <= asked[1]


@given(st.sets(st.sampled_from(Category), min_size=1), st.floats(0, 1))
def test_the_gravest_of_several_entries_decides(
    categories: set[Category], confidence: float
) -> None:
    together = ORDER.index(disposition(categories, confidence))
    assert together == max(ORDER.index(disposition([one], confidence)) for one in categories)


@pytest.mark.parametrize("category", Category)
def test_every_category_has_costs_and_reaches_every_disposition(category: Category) -> None:
    assert COSTS[category].wrong_show < COSTS[category].wrong_alert
    asked = {disposition([category], confidence / 1000) for confidence in range(1001)}
    assert asked == set(Disposition)


def test_every_cost_changes_an_outcome() -> None:
    confidence = 0.3
    assert Costs(10, 10, 1).disposition(confidence) is Disposition.SHOW
    assert Costs(30, 10, 1).disposition(confidence) is Disposition.ALERT
    assert Costs(10, 4, 1).disposition(confidence) is Disposition.ALERT
    assert Costs(10, 10, 8).disposition(confidence) is Disposition.WITHHOLD


def test_a_robbery_alerts_where_a_fine_does_not() -> None:
    assert disposition([Category.ROBBERY], 0.5) is Disposition.ALERT
    assert disposition([Category.FINES], 0.5) is Disposition.SHOW
