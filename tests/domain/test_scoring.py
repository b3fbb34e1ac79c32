from datetime import date

import pytest
from hypothesis import assume, given

from app.domain.metrics import METRICS, account_metrics
from app.domain.scoring import Tally, evidence, final_on, score, status, verdict
from tests.domain.tallies import any_histogram, counted, low_and_high

CSAT, NPS, OWNERSHIP, FCR = (METRICS[key] for key in ("csat", "nps", "ownership", "fcr"))


def voices(promoters: int, passives: int, detractors: int) -> Tally:
    return counted(detractors, 0, 0, 0, 0, 0, 0, passives, 0, 0, promoters)


def test_csat_is_the_share_of_4_and_5_with_all_that_judges_it() -> None:
    assert score(CSAT, counted(2, 1, 3, 10, 14)).to_dict() == {
        "n": 30,
        "histogram": {"1": 2, "2": 1, "3": 3, "4": 10, "5": 14},
        "score": 80.0,
        "unit": "percent",
        "mean": 4.1,
        "mean_interval": {"low": 3.6686, "high": 4.5314, "level": 0.95, "method": "t"},
        "interval": {"low": 62.6943, "high": 90.4949, "level": 0.95, "method": "wilson"},
        "evidence": "reportable",
        "target": {"value": 80.0, "source": "house", "point_met": True, "verdict": "unproven"},
        "definition": {"name": "csat_top2box", "version": 1},
        "weighting": "none",
        "effective_n": 30.0,
        "bottom2box": 10.0,
    }


def test_nps_is_promoters_less_detractors_in_points() -> None:
    shown = score(NPS, counted(1, 0, 0, 0, 1, 0, 1, 2, 4, 9, 12)).to_dict()
    assert shown["score"] == 60.0
    assert shown["unit"] == "points"
    assert shown["interval"] == {"low": 31.0257, "high": 78.0652, "level": 0.95, "method": "adjusted_wald"}
    assert (shown["promoters"], shown["passives"], shown["detractors"]) == (21, 6, 3)
    assert shown["definition"] == {"name": "nps", "version": 1}
    assert "bottom2box" not in shown


@pytest.mark.parametrize(
    ("heard", "points", "low", "high"),
    [
        (voices(21, 6, 3), 60, 31.0257, 78.0652),
        (voices(70, 20, 10), 60, 45.2698, 71.2351),
        (voices(280, 80, 40), 60, 53.0543, 66.0524),
        (voices(0, 0, 5), -100, -100, -17.4915),
    ],
)
def test_nps_gives_its_known_values(heard: Tally, points: float, low: float, high: float) -> None:
    result = score(NPS, heard)
    assert result.score == points
    assert low_and_high(result) == pytest.approx((low, high), abs=5e-5)


def test_six_is_a_detractor_and_nine_a_promoter() -> None:
    assert score(NPS, Tally.of(NPS, [(6, 1)])).score == -100
    assert score(NPS, Tally.of(NPS, [(7, 1)])).score == 0
    assert score(NPS, Tally.of(NPS, [(8, 1)])).score == 0
    assert score(NPS, Tally.of(NPS, [(9, 1)])).score == 100


def test_not_sure_yet_is_counted_but_in_no_denominator() -> None:
    result = score(FCR, counted(8, 2, 5))
    assert result.n == 10
    assert result.score == 80.0
    assert low_and_high(result) == pytest.approx((49.0162, 94.3318), abs=5e-5)
    assert result.to_dict()["histogram"] == {"1": 8, "2": 2, "3": 5}
    assert result.mean is None
    assert "bottom2box" not in result.to_dict()


def test_only_unsure_customers_are_no_evidence() -> None:
    result = score(FCR, counted(0, 0, 5))
    assert (result.n, result.score, result.evidence) == (0, None, "none")


def test_ownership_is_held_against_no_target_of_the_house() -> None:
    assert score(OWNERSHIP, counted(0, 0, 0, 1, 9)).to_dict()["target"] is None


@pytest.mark.parametrize("key", sorted(METRICS))
@pytest.mark.parametrize("weighted", [False, True])
def test_no_answers_have_no_figures_and_prove_nothing(key: str, weighted: bool) -> None:
    metric = METRICS[key]
    shown = score(metric, Tally(), weighted=weighted).to_dict()
    assert shown["n"] == 0
    assert set(shown["histogram"].values()) == {0}
    assert [shown[name] for name in ("score", "mean", "mean_interval", "interval")] == [None] * 4
    assert shown["evidence"] == "none"
    if metric.target is not None:
        assert shown["target"]["point_met"] is None
        assert shown["target"]["verdict"] == "unproven"


@given(any_histogram)
def test_a_score_lies_within_its_interval(histogram: tuple[str, tuple[int, ...]]) -> None:
    key, counts = histogram
    result = score(METRICS[key], counted(*counts))
    assume(result.n > 0)
    low, high = low_and_high(result)
    assert result.score is not None
    assert low <= result.score <= high


@given(any_histogram)
def test_a_mean_lies_within_its_interval_and_both_on_the_scale(
    histogram: tuple[str, tuple[int, ...]],
) -> None:
    key, counts = histogram
    result = score(METRICS[key], counted(*counts))
    assume(result.mean_interval is not None)
    assert result.mean_interval is not None
    assert result.mean is not None
    low, high = result.mean_interval.low, result.mean_interval.high
    assert METRICS[key].low <= low <= result.mean <= high <= METRICS[key].high


def test_two_contrary_answers_put_the_mean_anywhere_on_the_scale() -> None:
    interval = score(CSAT, counted(1, 0, 0, 0, 1)).mean_interval
    assert interval is not None
    assert (interval.low, interval.high) == (1, 5)


@given(any_histogram)
def test_the_histogram_adds_up(histogram: tuple[str, tuple[int, ...]]) -> None:
    key, counts = histogram
    shown = score(METRICS[key], counted(*counts)).to_dict()
    outside = sum(shown["histogram"][str(value)] for value in METRICS[key].outside)
    assert sum(shown["histogram"].values()) == shown["n"] + outside
    if key == "nps":
        assert shown["promoters"] + shown["passives"] + shown["detractors"] == shown["n"]


@pytest.mark.parametrize("percent", range(101))
def test_a_whole_percentage_meets_itself_as_a_target(percent: int) -> None:
    metric = account_metrics({"csat": percent}, {})["csat"]
    result = score(metric, counted(100 - percent, 0, 0, 0, percent))
    assert result.score == percent
    assert result.target is not None
    assert result.target.point_met is True


@pytest.mark.parametrize(
    ("n", "share", "net"),
    [
        (0, "none", "none"),
        (1, "insufficient", "insufficient"),
        (9, "insufficient", "insufficient"),
        (10, "indicative", "insufficient"),
        (29, "indicative", "insufficient"),
        (30, "reportable", "indicative"),
        (99, "reportable", "indicative"),
        (100, "reportable", "reportable"),
    ],
)
def test_evidence_grows_with_the_answers_and_later_for_nps(n: int, share: str, net: str) -> None:
    assert evidence(n, CSAT.thresholds) == evidence(n, FCR.thresholds) == share
    assert evidence(n, OWNERSHIP.thresholds) == share
    assert evidence(n, NPS.thresholds) == net


@pytest.mark.parametrize(
    ("low", "high", "proven"),
    [(80, 95, "met"), (79.99, 95, "unproven"), (60, 80, "unproven"), (60, 79.99, "missed")],
)
def test_a_verdict_needs_the_whole_interval_on_one_side(low: float, high: float, proven: str) -> None:
    assert verdict(low, high, 80) == proven


def test_a_target_may_be_met_on_paper_and_unproven() -> None:
    target = score(CSAT, counted(0, 0, 0, 0, 10)).target
    assert target is not None
    assert (target.point_met, target.verdict) == (True, "unproven")


def test_36_perfect_answers_prove_what_10_do_not() -> None:
    target = score(CSAT, counted(0, 0, 0, 0, 36)).target
    assert target is not None
    assert target.verdict == "met"


def test_a_low_score_of_many_answers_is_missed() -> None:
    target = score(CSAT, counted(20, 0, 0, 0, 20)).target
    assert target is not None
    assert (target.point_met, target.verdict) == (False, "missed")


def test_a_higher_level_gives_a_wider_interval() -> None:
    tally = counted(1, 0, 2, 3, 9)
    (low, high), (wider_low, wider_high) = (
        low_and_high(score(CSAT, tally, level=level)) for level in (0.9, 0.99)
    )
    assert wider_low < low < high < wider_high


def test_a_period_is_final_eight_days_after_its_last_day() -> None:
    assert final_on(date(2025, 2, 28)) == date(2025, 3, 8)
    assert status(date(2025, 2, 28), date(2025, 3, 7)) == "provisional"
    assert status(date(2025, 2, 28), date(2025, 3, 8)) == "final"
