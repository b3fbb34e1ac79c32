"""What answers amount to: a headline figure with its n, its interval and how far it may be relied on.

Percent runs 0..100 and net promoters -100..100; figures are exact here and rounded only in `to_dict`.
Results are named tuples: a page of results makes tens of thousands, and they are the quickest value to make.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from operator import mul
from typing import Any, Literal, NamedTuple

from app.domain.intervals import Interval, adjusted_wald, mean_bounds, rounded, wilson
from app.domain.metrics import Metric

Evidence = Literal["none", "insufficient", "indicative", "reportable"]
Verdict = Literal["met", "missed", "unproven"]

# a repeat call within seven days of the period's last call can still change what that call was worth
DAYS_UNTIL_FINAL = 8


@dataclass(frozen=True, slots=True)
class Tally:
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

    def to_dict(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "source": self.source,
            "point_met": self.point_met,
            "verdict": self.verdict,
        }


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
    score: float | None
    bottom: float | None  # share of bottom values; None too for net promoters
    interval: Interval | None
    mean: float | None
    mean_interval: Interval | None
    evidence: Evidence
    target: Target | None

    def to_dict(self) -> dict[str, Any]:
        """The score as the API shows it, figures to four decimals."""
        metric, counts = self.metric, self.counts
        shown: dict[str, Any] = {
            "n": self.n,
            "histogram": dict(zip(metric.labels, counts, strict=True)),
            "score": rounded(self.score),
            "unit": metric.unit,
            "mean": rounded(self.mean),
            "mean_interval": self.mean_interval and self.mean_interval.to_dict(),
            "interval": self.interval and self.interval.to_dict(),
            "evidence": self.evidence,
            "target": self.target and self.target.to_dict(),
            "definition": {"name": metric.name, "version": metric.version},
            "weighting": "inverse_probability" if self.weighted else "none",
            "effective_n": rounded(self.effective_n),
        }
        if metric.kind == "net_promoters":
            promoters, detractors = sum(counts[metric.top_at]), sum(counts[metric.bottom_at])
            shown["promoters"] = promoters
            shown["passives"] = self.n - promoters - detractors
            shown["detractors"] = detractors
        elif metric.bottom:
            shown["bottom2box"] = rounded(self.bottom)
        return shown


class _Sums(NamedTuple):
    """What figures are divided from: plain counts, or weights. `size` is how many equal answers they are."""

    top: float
    bottom: float
    value: float
    total: float
    size: float


def score(metric: Metric, tally: Tally, *, weighted: bool = False, level: float = 0.95) -> Score:
    """Score a tally: agents as counted, teams and vendors `weighted` by inverse selection probability.

    Weighted figures are shares of the weight, with the interval of Kish's effective n, (sum w)^2 / sum w^2.
    Equal weights give exactly the unweighted figures. Raises ValueError for counts of another scale, for
    answers without weights where they are needed, and for a level outside 0..1.
    """
    counts = tally.counts or (0,) * len(metric.values)
    if len(counts) != len(metric.values):
        raise ValueError(f"{metric.key} has {len(metric.values)} values, not {len(counts)}")
    n = sum(counts) - sum(counts[metric.outside_at])
    sums = _sums(metric, tally, counts, n, weighted=weighted)
    figure = bottom = mean = None
    interval = mean_interval = None
    if n > 0:
        figure, interval = _headline(metric, sums, weighted=weighted, level=level)
        if metric.bottom and metric.kind == "top_share":
            bottom = 100 * sums.bottom / sums.total
        if metric.has_mean:
            mean = sums.value / sums.total
            mean_interval = _mean_interval(metric, counts, mean, sums.size, weighted=weighted, level=level)
    return Score(
        metric=metric,
        counts=counts,
        n=n,
        effective_n=sums.size,
        weighted=weighted,
        score=figure,
        bottom=bottom,
        interval=interval,
        mean=mean,
        mean_interval=mean_interval,
        evidence=evidence(n, metric.thresholds),
        target=_held_against(metric, figure, interval),
    )


def _sums(metric: Metric, tally: Tally, counts: tuple[int, ...], n: int, *, weighted: bool) -> _Sums:
    if weighted and n > 0:
        if tally.weight <= 0 or tally.weight_squared <= 0:
            raise ValueError(f"{n} answers to {metric.key} carry no weight")
        size = tally.weight * tally.weight / tally.weight_squared
        # worth all n: the weights are equal, and the counts say the same without their rounding errors
        if size < n * (1 - 1e-12):
            return _Sums(tally.weight_top, tally.weight_bottom, tally.weight_value, tally.weight, size)
    return _Sums(
        top=sum(counts[metric.top_at]),
        bottom=sum(counts[metric.bottom_at]),
        value=sum(map(mul, counts, metric.values)),
        total=n,
        size=n,
    )


def _headline(metric: Metric, sums: _Sums, *, weighted: bool, level: float) -> tuple[float, Interval]:
    suffix = "_effective_n" if weighted else ""
    worth = sums.size / sums.total
    # multiplied first, divided once: 57 of 100 is then the 57 of a target, not a hair under it
    if metric.kind == "net_promoters":
        low, high = adjusted_wald(sums.top * worth, sums.bottom * worth, sums.size, level)
        figure = 100 * (sums.top - sums.bottom) / sums.total
        return figure, Interval(low, high, level, "adjusted_wald" + suffix)
    low, high = wilson(sums.top * worth, sums.size, level)
    return 100 * sums.top / sums.total, Interval(100 * low, 100 * high, level, "wilson" + suffix)


def _mean_interval(
    metric: Metric, counts: tuple[int, ...], mean: float, size: float, *, weighted: bool, level: float
) -> Interval | None:
    n = sum(counts)
    if n < 2:
        return None
    # no sum of w * value^2 is kept: the spread is that of the answers as given
    value = sum(map(mul, counts, metric.values))
    variance = (n * sum(map(mul, counts, metric.squares)) - value * value) / (n * (n - 1))
    bounds = mean_bounds(mean, variance, size, level)
    if bounds is None:
        return None
    low, high = max(bounds[0], metric.low), min(bounds[1], metric.high)
    return Interval(low, high, level, "t_effective_n" if weighted else "t")


def evidence(n: int, thresholds: tuple[int, int]) -> Evidence:
    """How far a figure from `n` answers may be relied on; effective n plays no part in it."""
    indicative, reportable = thresholds
    if n == 0:
        return "none"
    if n < indicative:
        return "insufficient"
    return "indicative" if n < reportable else "reportable"


def verdict(interval: Interval | None, target: float) -> Verdict:
    """What the interval proves: met from its low end at the target, missed with its high end below."""
    if interval is None or interval.low < target <= interval.high:
        return "unproven"
    return "met" if interval.low >= target else "missed"


def _held_against(metric: Metric, figure: float | None, interval: Interval | None) -> Target | None:
    if metric.target is None:
        return None
    # a sum of weights carries rounding errors, and none of them may cost anyone a target
    point_met = None if figure is None else round(figure, 9) >= metric.target
    return Target(metric.target, metric.target_source, point_met, verdict(interval, metric.target))


def final_on(period_end: date) -> date:
    """The day from which a period's figures stand, `period_end` being its last day."""
    return period_end + timedelta(days=DAYS_UNTIL_FINAL)


def status(period_end: date, today: date) -> Literal["provisional", "final"]:
    """`today` is the date in the account's business time zone, as the period's days are."""
    return "final" if today >= final_on(period_end) else "provisional"
