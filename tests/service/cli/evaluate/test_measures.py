import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from service.cli.evaluate import measures
from service.cli.evaluate.measures import Floats

READS = 40

shares = st.floats(0, 1, allow_subnormal=False)
scores = arrays(float, READS, elements=st.sampled_from([0.0, 0.005, 0.2, 0.5, 0.50001, 0.9, 1.0]))
weights = arrays(float, READS, elements=st.sampled_from([0.5, 1.0, 3.0]))
flags = arrays(bool, READS)
ranks = arrays(np.intp, READS, elements=st.integers(0, 20))
orders = st.permutations(range(READS)).map(np.array)


@given(rank=ranks, weight=weights, k=st.integers(1, 19))
def test_recall_grows_with_k_and_is_a_share(rank: np.ndarray, weight: Floats, k: int) -> None:
    at = [measures.recall(rank, weight, one) for one in (k, k + 1)]
    assert 0 <= at[0] <= at[1] <= 1 + 1e-12


@given(score=scores, right=flags, listed=flags, weight=weights, one=shares, other=shares)
def test_more_is_alerted_where_more_false_alarms_are_allowed(
    score: Floats, right: np.ndarray, listed: np.ndarray, weight: Floats, one: float, other: float
) -> None:
    curve = measures.curve(score, right.astype(float), listed, weight=weight)
    less, more = (measures.alerted(curve, rate) for rate in sorted((one, other)))
    assert less.recall <= more.recall
    assert less.false_rate <= min(one, other) * (1 + 1e-6)


@given(score=scores, right=flags, listed=flags, weight=weights, rate=shares)
def test_no_other_threshold_would_alert_more_at_that_rate(
    score: Floats, right: np.ndarray, listed: np.ndarray, weight: Floats, rate: float
) -> None:
    curve = measures.curve(score, right.astype(float), listed, weight=weight)
    best = 0.0
    for threshold in set(score.tolist()) - {0.0}:
        alert = score >= threshold
        false = weight[alert & ~listed].sum() / (weight[~listed].sum() or 1)
        if false <= rate:
            found = weight[alert & listed & right].sum() / (weight[listed].sum() or 1)
            best = max(best, float(found))
    assert measures.alerted(curve, rate).recall == pytest.approx(best)


@given(
    score=scores, right=flags, listed=flags, weight=weights, rank=ranks, order=orders, rate=shares
)
def test_the_order_of_the_reads_plays_no_part(
    score: Floats,
    right: np.ndarray,
    listed: np.ndarray,
    weight: Floats,
    rank: np.ndarray,
    order: np.ndarray,
    rate: float,
) -> None:
    def figures(order: np.ndarray) -> list[float]:
        curve = measures.curve(
            score[order], right[order].astype(float), listed[order], weight=weight[order]
        )
        return [
            measures.recall(rank[order], weight[order], 5),
            measures.alerted(curve, rate).recall,
            measures.calibration_error(score[order], right[order], weight[order]),
            measures.effective(weight[order]),
        ]

    assert figures(order) == pytest.approx(figures(np.arange(READS)))


@given(score=scores, right=flags, weight=weights, times=st.integers(2, 9))
def test_a_read_of_weight_n_counts_as_n_reads(
    score: Floats, right: np.ndarray, weight: Floats, times: int
) -> None:
    once = measures.calibration_error(score, right, weight * times)
    often = measures.calibration_error(
        np.tile(score, times), np.tile(right, times), np.tile(weight, times)
    )
    assert once == pytest.approx(often)


@pytest.mark.parametrize(("reads", "most"), [(2_000, 0.06), (20_000, 0.02), (200_000, 0.006)])
def test_the_error_of_a_calibrated_forecast_tends_to_nothing(reads: int, most: float) -> None:
    draw = np.random.default_rng(7)
    said = draw.uniform(0.01, 1, reads)
    true = draw.uniform(size=reads) < said
    assert measures.calibration_error(said, true, np.ones(reads)) < most
    wrong = measures.calibration_error(said, draw.uniform(size=reads) < said**2, np.ones(reads))
    assert wrong > 0.1


def test_the_error_is_the_distance_between_what_is_said_and_what_comes_true() -> None:
    said, true = np.full(10, 0.7), np.array([True] * 4 + [False] * 6)
    assert measures.calibration_error(said, true, np.ones(10)) == pytest.approx(0.3)
    (bin_,) = measures.reliability(said, true, np.ones(10))
    assert (bin_.reads, bin_.share, bin_.low < 0.7 <= bin_.high) == (10, 1.0, True)
    assert (bin_.confidence, bin_.observed) == pytest.approx((0.7, 0.4))


@given(score=scores, right=flags, weight=weights)
def test_every_confidence_above_the_least_is_in_one_bin(
    score: Floats, right: np.ndarray, weight: Floats
) -> None:
    bins = measures.reliability(score, right, weight)
    assert sum(one.reads for one in bins) == int((score > measures.LEAST).sum())
    assert sum(one.share for one in bins) == pytest.approx(1 if bins else 0)
    assert all(one.low <= one.confidence <= one.high + 1e-12 for one in bins)


def test_what_has_no_weight_is_not_judged() -> None:
    none = np.zeros(2)
    said, true = np.array([0.5, 0.9]), np.array([True, False])
    assert measures.calibration_error(said, true, none) == 0
    assert measures.reliability(said, true, none) == []
    assert measures.mean(said, none) == measures.effective(none) == 0
    curve = measures.curve(said, true.astype(float), np.array([True, True]), weight=none)
    assert measures.alerted(curve, 0.5).recall == 0


def test_where_nothing_may_alert_nothing_does() -> None:
    said, none = np.array([0.9, 0.5]), np.array([False, False])
    curve = measures.curve(said, np.zeros(2), none, weight=np.ones(2))
    reached = measures.alerted(curve, 0.1)
    assert (reached.recall, reached.false_rate, reached.threshold) == (0, 0, None)
    empty = np.zeros(0)
    nothing = measures.curve(empty, empty, empty.astype(bool), weight=empty)
    assert measures.alerted(nothing, 1).threshold is None


def by_chance(said: Floats, right: np.ndarray, group: np.ndarray | None = None) -> float:
    each = np.arange(len(said)) if group is None else group
    return measures.error_by_chance(said, right, np.ones(len(said)), group=each)


def test_what_is_true_shows_the_error_of_chance_and_what_is_not_shows_more() -> None:
    rng = np.random.default_rng(1)
    said, weight = rng.uniform(0.02, 0.98, 900), np.ones(900)
    draws = [rng.random(900) < said for _ in range(100)]
    shown = np.mean([measures.calibration_error(said, one, weight) for one in draws])
    assert by_chance(said, draws[0]) == pytest.approx(float(shown), rel=0.15)
    assert measures.calibration_error(said, rng.random(900) < said**2, weight) > 2 * shown


def test_of_more_reads_chance_makes_less_and_of_reads_that_go_together_more() -> None:
    rng = np.random.default_rng(2)
    few, many = (np.full(n, 0.3) for n in (60, 6_000))
    little = by_chance(many, rng.random(6_000) < 0.3)
    assert little < by_chance(few, rng.random(60) < 0.3) / 5
    together = np.repeat(rng.random(60) < 0.3, 100)
    assert by_chance(many, together, np.repeat(np.arange(60), 100)) > 5 * little
    assert by_chance(few[:1], np.array([True])) == 0


def test_roles_that_are_played_in_their_shares_leave_chance_nothing() -> None:
    said = np.full(200, 0.5)
    played = np.tile([True, False], 100)
    assert by_chance(said, played, np.repeat(np.arange(100), 2)) == pytest.approx(0)


def test_reads_of_equal_weight_tell_as_much_as_there_are() -> None:
    assert measures.effective(np.full(9, 0.2)) == pytest.approx(9)
    assert measures.effective(np.array([1, 1e-9])) == pytest.approx(1)


def test_the_interval_holds_the_truth_and_is_narrower_with_more_plates() -> None:
    draw = np.random.default_rng(3)

    def interval(plates: int) -> tuple[float, float]:
        rank = (draw.uniform(size=plates) < 0.8).astype(np.intp)
        group = np.arange(plates)
        (found,) = measures.intervals(
            lambda weight: [measures.recall(rank, weight, 1)], np.ones(plates), group
        )
        return found

    few, many = interval(50), interval(5000)
    assert few[0] < 0.8 < few[1]
    assert many[0] < 0.8 < many[1]
    assert many[1] - many[0] < (few[1] - few[0]) / 5


def test_reads_of_one_plate_stand_or_fall_together() -> None:
    rank = np.array([1, 0] * 100, dtype=np.intp)
    apart, together = np.arange(200), np.arange(200) // 20 * 2 + np.arange(200) % 2

    def width(group: np.ndarray) -> float:
        ((low, high),) = measures.intervals(
            lambda weight: [measures.recall(rank, weight, 1)], np.ones(200), group
        )
        return high - low

    assert width(together) > 2 * width(apart)
    assert measures.intervals(lambda _: [1.0], np.zeros(0), np.zeros(0, dtype=np.intp)) == [
        (1.0, 1.0)
    ]
