"""Tallies to score, and every histogram that may come."""

from hypothesis import strategies as st

from app.domain.metrics import METRICS
from app.domain.scoring import Score, Tally

count = st.integers(0, 2) | st.integers(0, 60)  # a handful in all, as often as many
histograms = {key: st.tuples(*[count] * len(metric.values)) for key, metric in METRICS.items()}
any_histogram = st.sampled_from(sorted(METRICS)).flatmap(lambda key: st.tuples(st.just(key), histograms[key]))


def counted(*counts: int) -> Tally:
    return Tally(counts=counts)


def low_and_high(result: Score) -> tuple[float, float]:
    assert result.interval is not None
    return result.interval.low, result.interval.high
