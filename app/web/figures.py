"""Scores and rates as JSON, remembered: between two looks at a list of agents most of them have not changed.

Computing and writing a score costs forty times as much as copying it. What is remembered is known by all that it
depends on (metric, counts, weights), so it never goes stale; it only falls out when newer ones need its place.
"""

from functools import lru_cache

import orjson

from app.domain.metrics import Metric
from app.domain.rates import Volume
from app.domain.scoring import Tally
from app.flow.read_results import Show, plain_rates, plain_score
from app.web.json import dump_json

# 2,000 agents with three scores each, twice: some 20 MB in each process that serves them
_MOST_SCORES, _MOST_RATES = 12_000, 4_000


@lru_cache(maxsize=_MOST_SCORES)
def _score(metric: Metric, tally: Tally, weighted: bool) -> orjson.Fragment:
    return orjson.Fragment(dump_json(plain_score(metric, tally, weighted)))


@lru_cache(maxsize=_MOST_RATES)
def _rates(volume: Volume) -> orjson.Fragment:
    return orjson.Fragment(dump_json(plain_rates(volume)))


REMEMBERED = Show(_score, _rates)


def forget() -> None:
    """Begin anew: for benchmarks, which want to know what the first look costs."""
    _score.cache_clear()
    _rates.cache_clear()
