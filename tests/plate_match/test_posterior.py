"""Bayes, to the last bit: sums to one, adds up, and equals a twin of ten lines."""

from math import isinf, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plate_match.posterior import Evidence, Posterior, around, others_than

CHANCES = st.floats(1e-30, 1.0)


@st.composite
def posteriors(draw: st.DrawFn) -> Posterior:
    likelihood = tuple(sorted(draw(st.lists(CHANCES, max_size=6)), reverse=True))
    return Posterior(
        likelihood=likelihood,
        rest=draw(st.floats(0, 1)),
        others=draw(CHANCES),
        listed=len(likelihood) + draw(st.integers(0 if likelihood else 1, 1000)),
        base_rate=draw(st.floats(1e-6, 0.9)),
    )


def bayes(one: Posterior, base_rate: float) -> tuple[list[float], float, float]:
    """Every hypothesis with its prior, normalised: candidates, those beyond, none of these."""
    prior = base_rate / one.listed
    wanted = [prior * float(likelihood) for likelihood in one.likelihood]
    rest, none = prior * one.rest, (1 - base_rate) * one.others
    total = sum(wanted) + rest + none
    return [each / total for each in wanted], rest / total, none / total


@given(posteriors())
def test_confidences_are_those_of_bayes_and_sum_to_one(one: Posterior) -> None:
    wanted, beyond, none = bayes(one, one.base_rate)
    assert one.confidences() == pytest.approx(wanted, rel=1e-9)
    assert one.not_listed == pytest.approx(none, rel=1e-9)
    assert sum(one.confidences()) + beyond + one.not_listed == pytest.approx(1, rel=1e-9)


@given(posteriors(), st.floats(1e-6, 0.9))
def test_another_base_rate_is_as_if_it_had_been_the_first(one: Posterior, rate: float) -> None:
    assert one.confidences(rate) == pytest.approx(bayes(one, rate)[0], rel=1e-9)


@given(posteriors(), st.floats(-60, 0), st.data())
def test_evidence_adds_up_to_the_log_odds(
    one: Posterior, scale: float, data: st.DataObject
) -> None:
    if not len(one.likelihood):
        return
    place = data.draw(st.integers(0, len(one.likelihood) - 1))
    reasons = (Evidence("alignment", log2(one.likelihood[place]) - scale),)
    evidence = one.evidence(place, reasons, scale=scale)
    assert evidence[0].name == "prior"
    wanted, beyond, none = bayes(one, one.base_rate)
    odds = wanted[place] / (sum(wanted[:place] + wanted[place + 1 :]) + beyond + none)
    assert sum(each.bits for each in evidence) == pytest.approx(log2(odds), abs=1e-6)
    assert not any(isinf(each.bits) for each in evidence)


@given(posteriors())
def test_the_ratio_of_two_confidences_is_that_of_their_likelihoods(one: Posterior) -> None:
    confidences = one.confidences()
    for first, second in zip(range(len(confidences)), range(1, len(confidences)), strict=False):
        ratio = one.likelihood[first] / one.likelihood[second]
        assert confidences[first] / confidences[second] == pytest.approx(ratio, rel=1e-9)


def test_nothing_listed_is_surely_not_listed() -> None:
    one = Posterior((), 0.0, 1e-6, 0, 0.01)
    assert one.not_listed == 1.0
    assert one.confidences() == []


def test_a_listed_plate_is_taken_out_of_the_population() -> None:
    everybody = 0.25 * 0.8 + 0.75 * 0.1
    assert others_than(0.25 * 0.8, 0.25, everybody) == pytest.approx(0.1)
    assert others_than(1e-7 * 0.8, 1e-7, 0.8e-7) > 0


@given(st.floats(1e-6, 0.9), st.floats(1.1, 10))
def test_base_rates_around_one_differ_by_the_factor_in_their_odds(rate: float, by: float) -> None:
    low, same, high = (one / (1 - one) for one in around(rate, by))
    assert (same / low, high / same) == pytest.approx((by, by), rel=1e-6)
