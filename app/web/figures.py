"""Scores and rates as JSON: written at once, and remembered.

A page of results has tens of thousands of figures. Filling in a form, whose fixed parts are made once for each
metric, takes two thirds of what making dictionaries and walking through them does; a test holds both to the same
figures. And between two looks at a list of agents most have not changed. What is remembered is known by all that it
depends on (metric, counts, weights), so it never goes stale; it only falls out when newer ones need its place.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from itertools import product

import orjson

from app.domain.metrics import Metric
from app.domain.rates import Volume, rates
from app.domain.scoring import MEAN_METHODS, METHODS, Tally, evidence, is_met, scorer, verdict
from app.flow.read_results import Show
from app.web.json import dump_json

# 2,000 agents with three scores each, twice: some 20 MB in each process that serves them
_MOST_SCORES, _MOST_RATES = 12_000, 4_000
_LEVEL = 0.95


@lru_cache(maxsize=_MOST_SCORES)
def _score(metric: Metric, weighted: bool, tally: Tally) -> orjson.Fragment:
    return _writer(metric, weighted)(tally)


@lru_cache(maxsize=1_000)
def _writer(metric: Metric, weighted: bool) -> Callable[[Tally], orjson.Fragment]:
    score_of = scorer(metric, weighted=weighted, level=_LEVEL)
    forms, is_net, has_bottom = _forms(metric, weighted), metric.kind == "net_promoters", bool(metric.bottom)
    top_at, bottom_at, target, thresholds = metric.top_at, metric.bottom_at, metric.target, metric.thresholds
    targets = {
        (met, proven): _json(
            {"value": target, "source": metric.target_source, "point_met": met, "verdict": proven}
        )
        for met, proven in product((True, False), ("met", "missed", "unproven"))
    }

    def write(tally: Tally) -> orjson.Fragment:
        score = score_of(tally)
        _, counts, n, size, _, _, figure, low, high, bottom, mean, mean_low, mean_high = score
        if figure is None or low is None or high is None:
            return orjson.Fragment(dump_json(score.to_dict()))
        means = () if mean is None else (mean,) if mean_low is None else (mean, mean_low, mean_high)
        held = "null" if target is None else targets[is_met(figure, target), verdict(low, high, target)]
        if is_net:
            promoters, detractors = sum(counts[top_at]), sum(counts[bottom_at])
            rest: tuple[float | None, ...] = promoters, n - promoters - detractors, detractors
        else:
            rest = (bottom,) if has_bottom else ()
        written = forms[len(means)] % (
            *(n, *counts, figure, *means, low, high),
            *(evidence(n, thresholds), held, size, *rest),
        )
        return orjson.Fragment(written.replace("-0.0000", "0.0000") if "-0.0000" in written else written)

    return write


def _forms(metric: Metric, weighted: bool) -> dict[int, str]:
    """By how many figures there are of a mean: none, it alone, or its interval too."""
    rest = ""
    if metric.kind == "net_promoters":
        rest = ',"promoters":%d,"passives":%d,"detractors":%d'
    elif metric.bottom:
        rest = ',"bottom2box":%.4f'
    means = {
        0: '"mean":null,"mean_interval":null',
        1: '"mean":%.4f,"mean_interval":null',
        3: f'"mean":%.4f,"mean_interval":{_interval(MEAN_METHODS[weighted])}',
    }
    return {
        figures: f'{{"n":%d,"histogram":{{{",".join(f"{_json(label)}:%d" for label in metric.labels)}}},'
        f'"score":%.4f,"unit":{_json(metric.unit)},{mean},'
        f'"interval":{_interval(METHODS[metric.kind, weighted])},"evidence":"%s","target":%s,'
        f'"definition":{_json(metric.definition)},'
        f'"weighting":"{"inverse_probability" if weighted else "none"}",'
        f'"effective_n":{"%.4f" if weighted else "%d.0"}{rest}}}'
        for figures, mean in means.items()
    }


def _interval(method: str) -> str:
    return f'{{"low":%.4f,"high":%.4f,"level":{_LEVEL},"method":"{method}"}}'


def _json(value: object) -> str:
    return dump_json(value).decode()


def _rate(name: str, rest: str = "") -> str:
    return f'"{name}":{{"value":%.4f,"numerator":%d,"denominator":%d,"interval":{_interval("wilson")}{rest}}}'


_BASIS = ',"basis":{"receipt":%d,"assumed":%d}'
_RATES_FORM = f"{{{_rate('offer')},{_rate('response', _BASIS)},{_rate('completion')}}}"


@lru_cache(maxsize=_MOST_RATES)
def _rates(volume: Volume) -> orjson.Fragment:
    found = rates(volume, level=_LEVEL)
    invited, answered, _, offer, offer_low, offer_high, _ = found["offer"]
    responded, delivered, _, response, response_low, response_high, basis = found["response"]
    completed, started, _, completion, completion_low, completion_high, _ = found["completion"]
    if offer is None or response is None or completion is None or basis is None:
        return orjson.Fragment(dump_json({name: rate.to_dict() for name, rate in found.items()}))
    return orjson.Fragment(
        _RATES_FORM
        % (
            *(offer, invited, answered, offer_low, offer_high),
            *(response, responded, delivered, response_low, response_high, *basis),
            *(completion, completed, started, completion_low, completion_high),
        )
    )


def _scores(metric: Metric, weighted: bool) -> Callable[[Tally], orjson.Fragment]:
    return partial(_score, metric, weighted)


REMEMBERED = Show(_scores, _rates)


def forget() -> None:
    """Begin anew: for benchmarks, which want to know what the first look costs."""
    _score.cache_clear()
    _rates.cache_clear()
