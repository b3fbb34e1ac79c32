import pytest

from app.domain.metrics import METRICS, account_metrics
from app.domain.questionnaire import QUESTIONS


@pytest.mark.parametrize("key", sorted(METRICS))
def test_a_metric_takes_the_values_of_its_question(key: str) -> None:
    scale = QUESTIONS[key].scale
    assert scale is not None
    assert (scale.low, scale.high) == (METRICS[key].low, METRICS[key].high)
    assert scale.best in METRICS[key].top


def test_an_account_sets_its_own_targets_and_thresholds() -> None:
    metrics = account_metrics({"ownership": 75, "csat": None}, {"nps": [50, 200]})
    assert (metrics["ownership"].target, metrics["ownership"].target_source) == (75, "account")
    assert metrics["csat"].target is None
    assert metrics["nps"].thresholds == (50, 200)
    assert (metrics["nps"].target, metrics["nps"].target_source) == (60, "house")
    assert metrics["fcr"] == METRICS["fcr"]


@pytest.mark.parametrize(
    ("targets", "thresholds", "complaint"),
    [
        ({"speed": 80.0}, {}, "no metric speed"),
        ({}, {"speed": (10, 30)}, "no metric speed"),
        ({"csat": 101.0}, {}, "between 0 and 100"),
        ({"csat": -1.0}, {}, "between 0 and 100"),
        ({"nps": -101.0}, {}, "between -100 and 100"),
        ({}, {"csat": (0, 30)}, "two rising numbers"),
        ({}, {"csat": (30, 10)}, "two rising numbers"),
        ({}, {"csat": (10,)}, "two rising numbers"),
    ],
)
def test_targets_and_thresholds_that_make_no_sense_are_refused(
    targets: dict[str, float | None], thresholds: dict[str, tuple[int, ...]], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        account_metrics(targets, thresholds)
