"""Figures that are written at once, and remembered, are the ones that would be computed and shown one by one."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.metrics import METRICS, account_metrics
from app.domain.rates import Volume
from app.domain.scoring import Tally
from app.flow.read_results import PLAIN
from app.web.figures import REMEMBERED, forget
from tests.domain.tallies import any_histogram

HEARD = Tally((2, 1, 3, 10, 14), 40.0, 60.0, 30.0, 5.0, 150.0)
# without a target, with one off the grid, with one below zero
OWN = account_metrics({"csat": 81.25, "nps": -12.5, "fcr": None}, {"ownership": (1, 3)})

chances = st.sampled_from((0.05, 0.3, 0.8, 1.0))


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    forget()


def read(figure: Any) -> Any:
    return orjson.loads(orjson.dumps(figure))


@given(any_histogram, st.sampled_from((METRICS, OWN)))
def test_a_score_is_written_as_it_is_shown(heard: Any, metrics: Any) -> None:
    key, counts = heard
    metric, tally = metrics[key], Tally(counts=counts)
    assert read(REMEMBERED.scores(metric, False)(tally)) == PLAIN.scores(metric, False)(tally)


@given(st.sampled_from(sorted(METRICS)), st.data())
def test_so_is_a_weighted_one(key: str, data: st.DataObject) -> None:
    metric = METRICS[key]
    answers = st.tuples(st.sampled_from(metric.values), chances.map(lambda chance: 1 / chance))
    tally = Tally.of(metric, data.draw(st.lists(answers, max_size=40)))
    assert read(REMEMBERED.scores(metric, True)(tally)) == PLAIN.scores(metric, True)(tally)


@given(st.lists(st.integers(0, 60), min_size=7, max_size=7))
def test_rates_are_written_as_they_are_shown(counts: list[int]) -> None:
    invited, answered, calls = sorted(counts[:3])
    completed, responded, delivered = sorted(counts[3:6])
    volume = Volume(calls, answered, invited, delivered, min(counts[6], delivered), responded, completed)
    assert read(REMEMBERED.rates(volume)) == PLAIN.rates(volume)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_score_is_the_same_the_first_time_and_later(weighted: bool) -> None:
    metric = METRICS["csat"]
    for _ in range(2):
        assert read(REMEMBERED.scores(metric, weighted)(HEARD)) == PLAIN.scores(metric, weighted)(HEARD)


def test_what_a_score_depends_on_is_not_mixed_up() -> None:
    asked = [
        (METRICS["csat"], False, HEARD),
        (METRICS["csat"], True, HEARD),
        (METRICS["ownership"], False, HEARD),
        (OWN["csat"], False, HEARD),
        (METRICS["csat"], False, HEARD._replace(counts=(2, 1, 3, 14, 10))),
        (METRICS["csat"], True, HEARD._replace(weight_top=31.0)),
    ]
    shown = [REMEMBERED.scores(metric, weighted)(tally) for metric, weighted, tally in asked]
    wanted = [PLAIN.scores(metric, weighted)(tally) for metric, weighted, tally in asked]
    assert [read(each) for each in shown] == wanted


def test_no_figure_is_written_as_less_than_nothing() -> None:
    """As many promoters as detractors, by weights that do not quite add up to that."""
    even = Tally((1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), 3.0, 5.0, 1.5, 1.5 + 1e-9, 15.0)
    written = orjson.dumps(REMEMBERED.scores(METRICS["nps"], True)(even))
    assert read(REMEMBERED.scores(METRICS["nps"], True)(even))["score"] == 0
    assert b"-0.0000" not in written
