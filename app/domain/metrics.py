"""Which figure an account publishes for a question: its definition, its target, and when it may be relied on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal


@dataclass(frozen=True, eq=False)
class Metric:
    """How answers to one question become one figure. Bump `version` when a figure would change by it.

    Equal only to itself, so that a score can be remembered by it at little cost.
    """

    key: str
    name: str
    version: int
    kind: Literal["top_share", "net_promoters"]
    low: int  # the scale's ends, both included
    high: int
    top: range
    bottom: range = range(0)
    outside: range = range(0)  # counted in the histogram, in no denominator
    has_mean: bool = True  # of every answer, so only where none is outside
    target: float | None = None
    target_source: Literal["house", "account"] = "house"
    # answers from which a figure is `indicative`, and from which it is `reportable`
    thresholds: tuple[int, int] = (10, 30)

    @property
    def unit(self) -> str:
        return "points" if self.kind == "net_promoters" else "percent"

    @cached_property
    def values(self) -> tuple[int, ...]:
        return tuple(range(self.low, self.high + 1))

    @cached_property
    def no_answers(self) -> tuple[int, ...]:
        return (0,) * len(self.values)

    @cached_property
    def squares(self) -> tuple[int, ...]:
        return tuple(value * value for value in self.values)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        return tuple(map(str, self.values))

    @cached_property
    def definition(self) -> dict[str, str | int]:
        return {"name": self.name, "version": self.version}

    @cached_property
    def top_at(self) -> slice:
        return self._at(self.top)

    @cached_property
    def bottom_at(self) -> slice:
        return self._at(self.bottom)

    @cached_property
    def outside_at(self) -> slice:
        return self._at(self.outside)

    def _at(self, values: range) -> slice:
        """Where `values` lie in counts that run from `low` to `high`."""
        return slice(values.start - self.low, values.stop - self.low)


METRICS: Mapping[str, Metric] = {
    metric.key: metric
    for metric in (
        Metric(
            key="csat",
            name="csat_top2box",
            version=1,
            kind="top_share",
            low=1,
            high=5,
            top=range(4, 6),
            bottom=range(1, 3),
            target=80.0,
        ),
        Metric(
            key="nps",
            name="nps",
            version=1,
            kind="net_promoters",
            low=0,
            high=10,
            top=range(9, 11),
            bottom=range(7),
            target=60.0,
            # a net score swings twice as wide as a share: at 30 answers by 24 points either way
            thresholds=(30, 100),
        ),
        Metric(
            key="ownership",
            name="ownership_top2box",
            version=1,
            kind="top_share",
            low=1,
            high=5,
            top=range(4, 6),
            bottom=range(1, 3),
        ),
        Metric(
            key="fcr",
            name="fcr_asked",
            version=1,
            kind="top_share",
            low=1,
            high=3,
            top=range(1, 2),
            outside=range(3, 4),  # "not sure yet" says neither yes nor no
            has_mean=False,
            target=80.0,
        ),
        Metric(
            key="ces",
            name="ces_top3box",
            version=1,
            kind="top_share",
            low=1,
            high=7,
            top=range(5, 8),
            bottom=range(1, 4),
        ),
    )
}


def account_metrics(
    targets: Mapping[str, float | None], thresholds: Mapping[str, Sequence[int]]
) -> dict[str, Metric]:
    """The metrics with an account's own targets (None: no target) and evidence thresholds, by metric key.

    Raises ValueError for an unknown metric, a target off its scale, and thresholds that do not rise from 1.
    """
    metrics = dict(METRICS)
    for key, target in targets.items():
        metric = _known(metrics, key)
        floor = -100 if metric.kind == "net_promoters" else 0
        if target is not None and not floor <= target <= 100:
            raise ValueError(f"the target for {key} lies between {floor} and 100, not {target}")
        metrics[key] = replace(metric, target=target, target_source="account")
    for key, pair in thresholds.items():
        metric = _known(metrics, key)
        if len(pair) != 2 or not 1 <= pair[0] <= pair[1]:
            raise ValueError(f"the thresholds for {key} are two rising numbers from 1, not {pair}")
        metrics[key] = replace(metric, thresholds=(pair[0], pair[1]))
    return metrics


def _known(metrics: Mapping[str, Metric], key: str) -> Metric:
    if key not in metrics:
        raise ValueError(f"there is no metric {key}")
    return metrics[key]
