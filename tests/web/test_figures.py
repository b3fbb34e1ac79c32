"""Remembered figures are the ones that would be computed."""

from typing import Any

import orjson
import pytest

from app.domain.metrics import METRICS, account_metrics
from app.domain.rates import Volume
from app.domain.scoring import Tally
from app.flow.read_results import PLAIN
from app.web.figures import REMEMBERED, forget

HEARD = Tally((2, 1, 3, 10, 14), 40.0, 60.0, 30.0, 5.0, 150.0)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    forget()


def read(figure: Any) -> Any:
    return orjson.loads(orjson.dumps(figure))


@pytest.mark.parametrize("weighted", [False, True])
def test_a_score_is_the_same_the_first_time_and_later(weighted: bool) -> None:
    metric = METRICS["csat"]
    for _ in range(2):
        assert read(REMEMBERED.score(metric, HEARD, weighted)) == PLAIN.score(metric, HEARD, weighted)


def test_what_a_score_depends_on_is_not_mixed_up() -> None:
    strict = account_metrics({"csat": 95.0}, {})["csat"]
    asked = [
        (METRICS["csat"], HEARD, False),
        (METRICS["csat"], HEARD, True),
        (METRICS["ownership"], HEARD, False),
        (strict, HEARD, False),
        (METRICS["csat"], HEARD._replace(counts=(2, 1, 3, 14, 10)), False),
        (METRICS["csat"], HEARD._replace(weight_top=31.0), True),
    ]
    shown = [REMEMBERED.score(*each) for each in asked]
    assert [read(each) for each in shown] == [PLAIN.score(*each) for each in asked]


def test_rates_are_the_same_the_first_time_and_later() -> None:
    for volume in (Volume(9, 8, 7, 6, 5, 4, 3), Volume(9, 8, 7, 6, 6, 4, 3), Volume(9, 8, 7, 6, 5, 4, 3)):
        assert read(REMEMBERED.rates(volume)) == PLAIN.rates(volume)
