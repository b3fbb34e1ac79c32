"""What answers amount to: a headline figure with its n, its interval and how far it may be relied on.

Percent runs 0..100 and net promoters -100..100; figures are exact here and rounded only in `to_dict`.
Results are named tuples: a page of results makes tens of thousands, and they are the quickest value to make.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import lru_cache
from operator import mul
from typing import Any, Literal, NamedTuple

from app.domain.intervals import Interval, adjusted_wald_at, mean_bounds_at, rounded, wilson_at
from app.domain.metrics import Metric

Evidence = Literal["none", "insufficient", "indicative", "reportable"]
Verdict = Literal["met", "missed", "unproven"]

# a repeat call within seven days of the period's last call can still change what that call was worth
DAYS_UNTIL_FINAL = 8


class Tally(NamedTuple):
    """Answers to one question, summed. `counts` per value of the scale, low to high; () is nothing at all.

    The weighted sums run over the answers inside the denominator, w being 1 / selection probability.
    """

    counts: tuple[int, ...] = ()
    weight: float = 0.0  # sum of w
    weight_squared: float = 0.0  # sum of w * w
    weight_top: float = 0.0  # sum of w where the value is a top one
    weight_bottom: float = 0.0
    weight_value: float = 0.0  # sum of w * value

    @classmethod
    def of(cls, metric: Metric, answers: Iterable[tuple[int, float]]) -> "Tally":
        """Sum answers, each a value and its weight. ValueError for a value that is not on the scale."""
        counts = [0] * len(metric.values)
        inside: list[tuple[int, float]] = []
        for value, weight in answers:
            if value not in metric.values:
                raise ValueError(f"{value} is not on the scale of {metric.key}")
            counts[value - metric.low] += 1
            if value not in metric.outside:
                inside.append((value, weight))
        return cls(
            counts=tuple(counts),
            weight=sum(weight for _, weight in inside),
            weight_squared=sum(weight * weight for _, weight in inside),
            weight_top=sum(weight for value, weight in inside if value in metric.top),
            weight_bottom=sum(weight for value, weight in inside if value in metric.bottom),
            weight_value=sum(weight * value for value, weight in inside),
        )


def add(tallies: Iterable[Tally]) -> Tally:
    """One tally of several of the same metric. ValueError where their scales differ in length."""
    parts = [part for part in tallies if part.counts]
    return Tally(
        counts=tuple(map(sum, zip(*(part.counts for part in parts), strict=True))),
        weight=sum(part.weight for part in parts),
        weight_squared=sum(part.weight_squared for part in parts),
        weight_top=sum(part.weight_top for part in parts),
        weight_bottom=sum(part.weight_bottom for part in parts),
        weight_value=sum(part.weight_value for part in parts),
    )


class Target(NamedTuple):
    """A figure held against its target: by plain arithmetic, and by what the interval proves."""

    value: float
    source: str  # house | account
    point_met: bool | None  # None without answers
    verdict: Verdict


class Score(NamedTuple):
    """One figure and all that is needed to judge it. Figures are None without answers.

    `n` counts answers inside the denominator and decides the evidence; `effective_n` is what they are worth
    once weighted, and sets the interval. Counts are of answers as given, weighted or not.
    """

    metric: Metric
    counts: tuple[int, ...]
    n: int
    effective_n: float
    weighted: bool
    level: float
    score: float | None = None
    low: float | None = None  # the score's interval
    high: float | None = None
    bottom: float | None = None  # share of bottom values; None too for net promoters
    mean: float | None = None
    mean_low: float | None = None  # the mean's; none for a single answer, nor where all agree
    mean_high: float | None = None

    @property
    def interval(self) -> Interval | None:
        if self.low is None or self.high is None:
            return None
        return Interval(self.low, self.high, self.level, METHODS[self.metric.kind, self.weighted])

    @property
    def mean_interval(self) -> Interval | None:
        if self.mean_low is None or self.mean_high is None:
            return None
        return Interval(self.mean_low, self.mean_high, self.level, MEAN_METHODS[self.weighted])

    @property
    def evidence(self) -> Evidence:
        return evidence(self.n, self.metric.thresholds)

    @property
    def target(self) -> Target | None:
        held = _held_against(self.metric, self.score, self.low, self.high)
        return None if held is None else Target(**held)

    def to_dict(self) -> dict[str, Any]:
        """The score as the API shows it, figures to four decimals."""
        (
            metric,
            counts,
            n,
            effective_n,
            weighted,
            level,
            figure,
            low,
            high,
            bottom,
            mean,
            mean_low,
            mean_high,
        ) = self
        interval = mean_interval = None
        if figure is not None:
            interval = {
                "low": rounded(low),
                "high": rounded(high),
                "level": level,
                "method": METHODS[metric.kind, weighted],
            }
        if mean_low is not None:
            mean_interval = {
                "low": rounded(mean_low),
                "high": rounded(mean_high),
                "level": level,
                "method": MEAN_METHODS[weighted],
            }
        shown = {
            "n": n,
            "histogram": dict(zip(metric.labels, counts, strict=True)),
            "score": rounded(figure),
            "unit": metric.unit,
            "mean": rounded(mean),
            "mean_interval": mean_interval,
            "interval": interval,
            "evidence": evidence(n, metric.thresholds),
            "target": _held_against(metric, figure, low, high),
            "definition": metric.definition,
            "weighting": "inverse_probability" if weighted else "none",
            "effective_n": rounded(effective_n),
        }
        if metric.kind == "net_promoters":
            promoters, detractors = sum(counts[metric.top_at]), sum(counts[metric.bottom_at])
            shown["promoters"] = promoters
            shown["passives"] = n - promoters - detractors
            shown["detractors"] = detractors
        elif metric.bottom:
            shown["bottom2box"] = rounded(bottom)
        return shown


METHODS = {
    ("top_share", False): "wilson",
    ("top_share", True): "wilson_effective_n",
    ("net_promoters", False): "adjusted_wald",
    ("net_promoters", True): "adjusted_wald_effective_n",
}
MEAN_METHODS = {False: "t", True: "t_effective_n"}


def score(metric: Metric, tally: Tally, *, weighted: bool = False, level: float = 0.95) -> Score:
    """Score a tally: agents as counted, teams and vendors `weighted` by inverse selection probability.

    Weighted figures are shares of the weight, with the interval of Kish's effective n, (sum w)^2 / sum w^2.
    Equal weights give exactly the unweighted figures. Raises ValueError for counts of another scale, for
    answers without weights where they are needed, and for a level outside 0..1.
    """
    return scorer(metric, weighted=weighted, level=level)(tally)


@lru_cache(maxsize=1_000)
def scorer(metric: Metric, *, weighted: bool, level: float = 0.95) -> Callable[[Tally], Score]:
    """`score` for many tallies of one metric: what is the same for all of them is looked up once."""
    no_answers, length, has_mean = metric.no_answers, len(metric.values), metric.has_mean
    values, squares, least, most = metric.values, metric.squares, metric.low, metric.high
    top_at, bottom_at, outside_at = metric.top_at, metric.bottom_at, metric.outside_at
    has_outside, has_bottom = bool(metric.outside), bool(metric.bottom)
    is_net = metric.kind == "net_promoters"
    new = tuple.__new__
    share_bounds, net_bounds, mean_bounds = wilson_at(level), adjusted_wald_at(level), mean_bounds_at(level)

    def scored(tally: Tally) -> Score:
        counts = tally.counts or no_answers
        if len(counts) != length:
            raise ValueError(f"{metric.key} has {length} values, not {len(counts)}")
        n = sum(counts)
        if has_outside:
            n -= sum(counts[outside_at])
        if n <= 0:
            return Score(metric, counts, n, n, weighted, level)
        # plain counts, or weights: of top values, of bottom ones, of all; and the equal answers they are worth
        top: float = sum(counts[top_at])
        bottom: float = sum(counts[bottom_at])
        total: float = n
        size: float = n
        value: float = sum(map(mul, counts, values)) if has_mean else 0
        answered = value
        if weighted:
            size = _effective_n(metric, tally, n)
            if size != n:
                _, total, _, top, bottom, value = tally
        worth = size / total
        share = mean = mean_low = mean_high = None
        # multiplied first, divided once: 57 of 100 is then the 57 of a target, not a hair under it
        if is_net:
            figure = 100 * (top - bottom) / total
            low, high = net_bounds(top * worth, bottom * worth, size)
        else:
            figure = 100 * top / total
            low, high = share_bounds(top * worth, size)
            low, high = 100 * low, 100 * high
            if has_bottom:
                share = 100 * bottom / total
        if has_mean:
            mean = value / total
            if n > 1:
                # no sum of w * value^2 is kept: the spread is that of the answers as given
                spread = n * sum(map(mul, counts, squares)) - answered * answered
                if (bounds := mean_bounds(mean, spread / (n * (n - 1)), size)) is not None:
                    mean_low, mean_high = bounds
                    mean_low = mean_low if mean_low > least else least
                    mean_high = mean_high if mean_high < most else most
        # as Score(...) would, at half of the cost
        return new(
            Score,
            (metric, counts, n, size, weighted, level, figure, low, high, share, mean, mean_low, mean_high),
        )

    return scored


def _effective_n(metric: Metric, tally: Tally, n: int) -> float:
    if tally.weight <= 0 or tally.weight_squared <= 0:
        raise ValueError(f"{n} answers to {metric.key} carry no weight")
    size = tally.weight * tally.weight / tally.weight_squared
    # worth all n: the weights are equal, and the counts say the same without their rounding errors
    return size if size < n * (1 - 1e-12) else n


def evidence(n: int, thresholds: tuple[int, int]) -> Evidence:
    """How far a figure from `n` answers may be relied on; effective n plays no part in it."""
    indicative, reportable = thresholds
    if n == 0:
        return "none"
    if n < indicative:
        return "insufficient"
    return "indicative" if n < reportable else "reportable"


def verdict(low: float | None, high: float | None, target: float) -> Verdict:
    """What an interval proves: met from its low end at the target, missed with its high end below."""
    if low is None or high is None or low < target <= high:
        return "unproven"
    return "met" if low >= target else "missed"


def _held_against(
    metric: Metric, figure: float | None, low: float | None, high: float | None
) -> dict[str, Any] | None:
    if metric.target is None:
        return None
    return {
        "value": metric.target,
        "source": metric.target_source,
        "point_met": None if figure is None else is_met(figure, metric.target),
        "verdict": verdict(low, high, metric.target),
    }


def is_met(figure: float, target: float) -> bool:
    """By plain arithmetic. A sum of weights carries rounding errors, and none of them may cost anyone a target."""
    return figure + 1e-9 >= target


def final_on(period_end: date) -> date:
    """The day from which a period's figures stand, `period_end` being its last day."""
    return period_end + timedelta(days=DAYS_UNTIL_FINAL)


def status(period_end: date, today: date) -> Literal["provisional", "final"]:
    """`today` is the date in the account's business time zone, as the period's days are."""
    return "final" if today >= final_on(period_end) else "provisional"
