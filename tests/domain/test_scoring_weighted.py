from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.metrics import METRICS
from app.domain.scoring import Tally, score
from tests.domain.tallies import any_histogram, counted, low_and_high

CSAT, NPS, FCR = (METRICS[key] for key in ("csat", "nps", "fcr"))


def weighted_by(weight: float, counts: Sequence[int], key: str) -> Tally:
    metric = METRICS[key]
    values = [value for value, count in zip(metric.values, counts, strict=True) for _ in range(count)]
    return Tally.of(metric, [(value, weight) for value in values])


@given(any_histogram)
def test_weights_of_one_give_the_unweighted_figures(histogram: tuple[str, tuple[int, ...]]) -> None:
    assert_same_figures(*histogram, weight=1.0)


@given(any_histogram, st.floats(1, 10))
def test_equal_weights_give_the_unweighted_figures(
    histogram: tuple[str, tuple[int, ...]], weight: float
) -> None:
    assert_same_figures(*histogram, weight=weight)


def assert_same_figures(key: str, counts: tuple[int, ...], weight: float) -> None:
    tally = weighted_by(weight, counts, key)
    plain, weighted = score(METRICS[key], tally), score(METRICS[key], tally, weighted=True)
    figures = ("n", "effective_n", "score", "bottom", "mean", "evidence", "target")
    assert [getattr(weighted, name) for name in figures] == [getattr(plain, name) for name in figures]
    for theirs, ours in ((weighted.interval, plain.interval), (weighted.mean_interval, plain.mean_interval)):
        assert (theirs and theirs[:3]) == (ours and ours[:3])


def test_a_weighted_share_is_of_the_weight_and_its_interval_of_kishs_effective_n() -> None:
    # one in ten of the busy agent's customers were asked, and all of the others'
    tally = Tally.of(CSAT, [(5, 10.0), (1, 10.0), (5, 1.0), (4, 1.0), (4, 1.0), (2, 1.0)])
    shown = score(CSAT, tally, weighted=True).to_dict()
    assert shown["n"] == 6
    assert shown["weighting"] == "inverse_probability"
    assert shown["score"] == rounded_percent(13, 24)
    assert shown["bottom2box"] == rounded_percent(11, 24)
    assert shown["mean"] == 3.125  # (50 + 10 + 5 + 4 + 4 + 2) / 24
    assert shown["effective_n"] == 2.8235  # 24 squared over 204
    assert shown["interval"]["method"] == "wilson_effective_n"
    assert shown["mean_interval"]["method"] == "t_effective_n"


def rounded_percent(part: float, whole: float) -> float:
    return round(100 * part / whole, 4)


def test_a_weighted_net_score_takes_effective_numbers_of_promoters_and_detractors() -> None:
    # weights 1 and 3: effective n is 8 squared over 20, of which the promoters are worth 6/8, the detractors 1/8
    tally = Tally.of(NPS, [(10, 3.0), (9, 3.0), (8, 1.0), (0, 1.0)])
    result = score(NPS, tally, weighted=True)
    assert result.score == 62.5
    assert result.effective_n == 3.2
    assert result.interval is not None
    assert result.interval.method == "adjusted_wald_effective_n"
    net, heads = (2.4 - 0.4) / 6.2, (2.4 + 0.75 + 0.4 + 0.75) / 6.2
    half = 1.959963984540054 * ((heads - net**2) / 6.2) ** 0.5
    assert low_and_high(result) == pytest.approx((100 * (net - half), min(100, 100 * (net + half))))


def test_unequal_weights_widen_the_interval_and_leave_the_evidence() -> None:
    answers = [(5, 1.0 + 9.0 * (i % 2)) for i in range(24)] + [(1, 1.0 + 9.0 * (i % 2)) for i in range(6)]
    tally = Tally.of(CSAT, answers)
    plain, weighted = score(CSAT, tally), score(CSAT, tally, weighted=True)
    (low, high), (wider_low, wider_high) = low_and_high(plain), low_and_high(weighted)
    assert weighted.score == pytest.approx(plain.score)
    assert wider_low < low < high < wider_high
    assert weighted.n == plain.n == 30
    assert weighted.evidence == plain.evidence == "reportable"


def test_rounding_errors_of_weights_cost_nobody_a_target() -> None:
    # eight of ten, half of them asked with probability 0.1 and half with 0.35: exactly 80 % but for the floats
    tally = Tally(
        counts=(1, 1, 0, 4, 4),
        weight=64.28571428571429,
        weight_squared=540.8163265306123,
        weight_top=51.42857142857142,
        weight_bottom=12.857142857142858,
        weight_value=262.85714285714283,
    )
    result = score(CSAT, tally, weighted=True)
    assert result.score is not None
    assert result.score < 80
    assert result.target is not None
    assert result.target.point_met is True


def test_outside_the_denominator_nothing_weighs() -> None:
    tally = Tally.of(FCR, [(1, 2.0), (2, 1.0), (3, 7.0)])
    assert (tally.weight, tally.weight_squared, tally.weight_top) == (3.0, 5.0, 2.0)
    assert score(FCR, tally, weighted=True).score == pytest.approx(100 * 2 / 3)


def test_answers_without_weights_cannot_be_weighted() -> None:
    with pytest.raises(ValueError, match="carry no weight"):
        score(CSAT, counted(0, 0, 0, 1, 1), weighted=True)
