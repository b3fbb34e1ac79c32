from math import comb, inf

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import t as student  # type: ignore[import-untyped]
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

from app.domain.intervals import (
    Interval,
    adjusted_wald,
    mean_bounds,
    normal_quantile,
    rounded,
    student_quantile,
    wilson,
)

levels = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
sizes = st.integers(1, 5_000)


@st.composite
def seen(draw: st.DrawFn) -> tuple[int, int]:
    n = draw(sizes)
    return draw(st.integers(0, n)), n


@st.composite
def voices(draw: st.DrawFn) -> tuple[int, int, int]:
    """Promoters, detractors, and all who answered."""
    promoters, passives, detractors = draw(st.tuples(*[st.integers(0, 2_000)] * 3))
    assume(promoters + passives + detractors > 0)
    return promoters, detractors, promoters + passives + detractors


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (0, 1, 0, 0.793451),
        (1, 1, 0.206549, 1),
        (8, 10, 0.490162, 0.943318),
        (24, 30, 0.626943, 0.904949),
        (80, 100, 0.711171, 0.866633),
        (37, 37, 0.905942, 1),
        (0, 12, 0, 0.242494),
    ],
)
def test_wilson_gives_its_known_values(k: int, n: int, low: float, high: float) -> None:
    assert wilson(k, n, 0.95) == pytest.approx((low, high), abs=5e-7)


@given(seen(), levels)
def test_wilson_agrees_with_statsmodels(share: tuple[int, int], level: float) -> None:
    k, n = share
    theirs = proportion_confint(k, n, alpha=1 - level, method="wilson")
    assert wilson(k, n, level) == pytest.approx(theirs, abs=1e-12)


@given(seen(), levels)
def test_wilson_surrounds_the_share_and_stays_within_bounds(share: tuple[int, int], level: float) -> None:
    k, n = share
    low, high = wilson(k, n, level)
    assert 0 <= low <= k / n <= high <= 1
    assert low < high


@given(seen(), levels)
def test_wilson_rises_with_every_good_answer(share: tuple[int, int], level: float) -> None:
    k, n = share
    assume(k < n)
    low, high = wilson(k, n, level)
    next_low, next_high = wilson(k + 1, n, level)
    assert low < next_low
    assert high < next_high


@given(seen(), levels)
def test_wilson_treats_good_and_bad_alike(share: tuple[int, int], level: float) -> None:
    k, n = share
    low, high = wilson(k, n, level)
    assert wilson(n - k, n, level) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@given(seen(), st.integers(2, 10))
def test_wilson_narrows_as_the_same_share_is_seen_more_often(share: tuple[int, int], times: int) -> None:
    k, n = share
    low, high = wilson(k, n, 0.95)
    more_low, more_high = wilson(k * times, n * times, 0.95)
    assert more_high - more_low < high - low


def coverage(n: int, p: float) -> float:
    """The probability that Wilson's 95 % interval from n answers holds the truth p, by enumeration."""
    bounds = (wilson(k, n, 0.95) for k in range(n + 1))
    return sum(
        comb(n, k) * p**k * (1 - p) ** (n - k) for k, (low, high) in enumerate(bounds) if low <= p <= high
    )


@pytest.mark.parametrize("n", [10, 18, 25, 30, 60])
def test_wilson_holds_the_truth_as_often_as_it_says_on_average(n: int) -> None:
    shares = [0.5 + 0.48 * (i + 0.5) / 200 for i in range(200)]
    assert 0.94 <= sum(coverage(n, p) for p in shares) / len(shares) <= 0.965


def test_wilson_falls_short_of_its_level_where_it_is_known_to() -> None:
    assert coverage(10, 0.7) == pytest.approx(0.924, abs=5e-4)


@pytest.mark.parametrize(("percent", "answers"), [(95, 37), (90, 61), (85, 230)])
def test_proving_80_percent_takes_this_many_answers(percent: int, answers: int) -> None:
    def proves(n: int) -> bool:
        k = (2 * percent * n + 100) // 200  # the nearest whole count, if it also shows as that percentage
        return round(100 * k / n) == percent and wilson(k, n, 0.95)[0] >= 0.8

    assert next(n for n in range(1, 1_000) if proves(n)) == answers


def test_an_agent_truly_at_85_percent_proves_80_in_one_of_ten_samples_of_60() -> None:
    proving = (k for k in range(61) if wilson(k, 60, 0.95)[0] >= 0.8)
    assert sum(comb(60, k) * 0.85**k * 0.15 ** (60 - k) for k in proving) == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize(
    ("promoters", "passives", "detractors", "low", "high"),
    [
        (21, 6, 3, 31.0257, 78.0652),
        (70, 20, 10, 45.2698, 71.2351),
        (280, 80, 40, 53.0543, 66.0524),
        (0, 0, 5, -100, -17.4915),
    ],
)
def test_adjusted_wald_gives_its_known_values(
    promoters: int, passives: int, detractors: int, low: float, high: float
) -> None:
    n = promoters + passives + detractors
    assert adjusted_wald(promoters, detractors, n, 0.95) == pytest.approx((low, high), abs=5e-5)


@given(voices(), levels)
def test_adjusted_wald_stays_on_the_scale(heard: tuple[int, int, int], level: float) -> None:
    low, high = adjusted_wald(*heard, level)
    assert -100 <= low < high <= 100


@given(voices(), levels)
def test_adjusted_wald_surrounds_the_raw_score(heard: tuple[int, int, int], level: float) -> None:
    promoters, detractors, n = heard
    low, high = adjusted_wald(promoters, detractors, n, level)
    assert low <= 100 * (promoters - detractors) / n <= high


def test_adjusted_wald_is_widened_to_hold_the_score_of_a_single_answer() -> None:
    assert adjusted_wald(1, 0, 1, 0.95)[1] == 100
    assert adjusted_wald(0, 1, 1, 0.95)[0] == -100


@given(voices(), levels)
def test_adjusted_wald_mirrors_when_promoters_and_detractors_swap(
    heard: tuple[int, int, int], level: float
) -> None:
    promoters, detractors, n = heard
    low, high = adjusted_wald(promoters, detractors, n, level)
    assert adjusted_wald(detractors, promoters, n, level) == pytest.approx((-high, -low), abs=1e-9)


@given(st.integers(1, 2_000), levels)
def test_student_quantile_agrees_with_scipy(freedom: int, level: float) -> None:
    assert student_quantile(level, freedom) == pytest.approx(
        student.ppf(0.5 + level / 2, freedom), rel=1e-9, abs=1e-9
    )


def test_student_quantile_agrees_with_scipy_where_the_method_changes() -> None:
    for freedom in (1, 2, 3, 4, 248, 249, 250, 251, 10**6):
        assert student_quantile(0.999, freedom) == pytest.approx(
            student.ppf(0.9995, freedom), abs=1e-9, rel=1e-9
        )


def test_normal_quantile_of_95_percent_is_the_usual_one() -> None:
    assert normal_quantile(0.95) == pytest.approx(1.959963984540054, abs=1e-15)


@pytest.mark.parametrize("level", [0, 1, -0.5, 95, inf])
def test_a_level_outside_0_and_1_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        wilson(1, 2, level)


def test_no_degrees_of_freedom_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        student_quantile(0.95, 0)


def test_mean_bounds_are_the_textbook_t_interval() -> None:
    # 5, 4, 4, 3: mean 4, variance 2/3, and t is 3.182446 with 3 degrees of freedom
    half = 3.182446305 * (2 / 3 / 4) ** 0.5
    assert mean_bounds(4, 2 / 3, 4, 0.95) == pytest.approx((4 - half, 4 + half), abs=1e-8)


def test_one_answer_bounds_no_mean() -> None:
    assert mean_bounds(4, 1, 1, 0.95) is None
    assert mean_bounds(4, 1, 1.9, 0.95) is None


def test_answers_that_all_agree_bound_no_mean() -> None:
    assert mean_bounds(5, 0, 12, 0.95) is None


def test_a_fractional_n_takes_the_wider_t() -> None:
    bounds = mean_bounds(4, 1, 9.9, 0.95)
    assert bounds is not None
    assert bounds[1] - 4 == pytest.approx(student_quantile(0.95, 8) / 9.9**0.5)


def test_an_interval_is_shown_to_four_decimals() -> None:
    assert Interval(12.345678, 100.0, 0.95, "wilson").to_dict() == {
        "low": 12.3457,
        "high": 100.0,
        "level": 0.95,
        "method": "wilson",
    }


def test_rounding_shows_no_negative_zero() -> None:
    assert str(rounded(-0.00001)) == "0.0"
    assert rounded(None) is None
