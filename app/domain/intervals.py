"""Confidence intervals of small samples: two-sided, by formulas with a name, on the standard library alone.

Counts may be fractional: weighted answers are worth an effective number of equal ones. A page of results asks
for ten thousand intervals of one level, so each formula is also there with what its level gives worked out (`_at`).
"""

from collections.abc import Callable
from functools import lru_cache, partial
from math import atan, exp, lgamma, pi, sqrt, tan
from statistics import NormalDist
from typing import NamedTuple

# from here on the expansion alone is right to 1e-9 up to a level of 0.999
EXPANSION_FROM = 250

Bounds = tuple[float, float]


class Interval(NamedTuple):
    """`low` and `high` in the unit of the figure they surround; `level` is a fraction, as 0.95."""

    low: float
    high: float
    level: float
    method: str

    def to_dict(self) -> dict[str, float | str | None]:
        return {
            "low": rounded(self.low),
            "high": rounded(self.high),
            "level": self.level,
            "method": self.method,
        }


def rounded(value: float | None) -> float | None:
    """Four decimals, for readers: verdicts are reached on the unrounded figure. Never a negative zero."""
    return None if value is None else round(value, 4) + 0.0


# added to a number and taken away again it leaves the nearest whole one, halves to even: a float this large has no
# room for a fraction
_WHOLE = 1.5 * 2.0**52


def rounded_mean(total: float, n: int) -> float | None:
    """One decimal, for readers; None of nothing."""
    # five times as fast as round(total / n, 1)
    return (total * 10 / n + _WHOLE - _WHOLE) / 10 if n else None


def wilson(k: float, n: float, level: float) -> Bounds:
    """Bounds, 0..1, of a share seen as `k` of `n` > 0.

    Wilson's score interval (1927; Agresti & Coull 1998): it stays inside 0..1 and keeps near its level
    at the dozen answers an agent gets in a month, where the textbook interval does not.
    """
    return wilson_at(level)(k, n)


@lru_cache(maxsize=64)
def wilson_at(level: float) -> Callable[[float, float], Bounds]:
    """`wilson` of one level."""
    z = normal_quantile(level)
    square = z * z
    half_square, quarter_square = square / 2, square / 4

    def bounds(k: float, n: float) -> Bounds:
        centre = k + half_square
        spread = k * (n - k) / n
        half = z * sqrt((spread if spread > 0 else 0.0) + quarter_square)
        total = n + square
        # the formula is exact at the ends, its floating point is not
        return (centre - half) / total if k > 0 else 0.0, (centre + half) / total if k < n else 1.0

    return bounds


def adjusted_wald(promoters: float, detractors: float, n: float, level: float) -> Bounds:
    """Bounds, -100..100, of a net promoter score from `n` > 0 answers.

    Adds three respondents (3/4 promoter, 3/2 passive, 3/4 detractor) and takes the Wald interval of the
    difference, clipped (Rocks 2016). The raw score is what is shown, and the three pull away from it: where
    a few answers that all agree would leave it outside, the interval is widened to hold it.
    """
    return adjusted_wald_at(level)(promoters, detractors, n)


@lru_cache(maxsize=64)
def adjusted_wald_at(level: float) -> Callable[[float, float, float], Bounds]:
    """`adjusted_wald` of one level."""
    z = normal_quantile(level)

    def bounds(promoters: float, detractors: float, n: float) -> Bounds:
        total = n + 3
        promoting = (promoters + 0.75) / total
        detracting = (detractors + 0.75) / total
        net = promoting - detracting
        half = z * sqrt((promoting + detracting - net * net) / total)
        raw = 100 * (promoters - detractors) / n
        low, high = 100 * (net - half), 100 * (net + half)
        # by comparisons: min and max would cost more than all the rest
        low = low if low < raw else raw
        high = high if high > raw else raw
        return low if low > -100.0 else -100.0, high if high < 100.0 else 100.0

    return bounds


def mean_bounds(mean: float, variance: float, n: float, level: float) -> Bounds | None:
    """Student's t bounds of a mean, from the sample variance (divisor n - 1) of `n` answers.

    None under two answers, and when all answers agree: an interval without width would claim certainty.
    A fractional `n` takes the degrees of freedom of the whole number below: the wider interval.
    """
    return mean_bounds_at(level)(mean, variance, n)


@lru_cache(maxsize=64)
def mean_bounds_at(level: float) -> Callable[[float, float, float], Bounds | None]:
    """`mean_bounds` of one level."""
    quantile = partial(student_quantile, level)

    def bounds(mean: float, variance: float, n: float) -> Bounds | None:
        if n < 2 or variance <= 0:
            return None
        half = quantile(int(n) - 1) * sqrt(variance / n)
        return mean - half, mean + half

    return bounds


@lru_cache(maxsize=64)
def normal_quantile(level: float) -> float:
    """z such that a standard normal lies within ±z with probability `level`; ValueError outside 0 < level < 1."""
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, not {level}")
    return NormalDist().inv_cdf(0.5 + level / 2)


@lru_cache(maxsize=4096)
def student_quantile(level: float, freedom: int) -> float:
    """t such that Student's t with `freedom` >= 1 degrees lies within ±t with probability `level`.

    Right to 1e-9 for levels up to 0.999: the expansion about the normal quantile, and while the degrees are
    few Newton steps from there, on the closed form of the probability.
    """
    z = normal_quantile(level)
    if freedom < 1:
        raise ValueError(f"a t distribution has at least 1 degree of freedom, not {freedom}")
    if freedom == 1:
        return tan(pi * level / 2)
    t = _expansion(z, freedom)
    if freedom >= EXPANSION_FROM:
        return t
    peak = 2 * exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2)) / sqrt(freedom * pi)
    for _ in range(50):  # the expansion starts below the root, and from there Newton climbs without overshoot
        density = peak * (1 + t * t / freedom) ** (-(freedom + 1) / 2)
        step = (level - _within(t, freedom)) / density
        t += step
        if abs(step) <= 1e-12 * t:
            break
    return t


def _within(t: float, freedom: int) -> float:
    """P(-t < T < t), a finite sum for whole degrees from 2 (Abramowitz & Stegun 26.7.3 and 26.7.4)."""
    cosine_square = freedom / (freedom + t * t)
    sine = t / sqrt(freedom + t * t)
    odd = freedom % 2
    term = total = 1.0
    for i in range(2 + odd, freedom - 1, 2):
        term *= cosine_square * (i - 1) / i
        total += term
    if odd:
        return 2 / pi * (atan(t / sqrt(freedom)) + sine * sqrt(cosine_square) * total)
    return sine * total


def _expansion(z: float, freedom: int) -> float:
    """The t quantile from the normal one, to the fourth power of 1/freedom (Abramowitz & Stegun 26.7.5)."""
    square = z * z
    terms = (
        (square + 1) / 4,
        ((5 * square + 16) * square + 3) / 96,
        (((3 * square + 19) * square + 17) * square - 15) / 384,
        ((((79 * square + 776) * square + 1482) * square - 1920) * square - 945) / 92160,
    )
    return z + z * sum(term / float(freedom) ** power for power, term in enumerate(terms, start=1))
