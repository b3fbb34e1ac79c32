"""How many were asked, reached and heard, of how many: the rates beside every score."""

from collections.abc import Callable
from typing import Any, NamedTuple

from app.domain.intervals import Bounds, Interval, rounded, wilson_at


class Basis(NamedTuple):
    """Why messages count as delivered: the carrier's `receipt`, or `assumed` from a start or an answer."""

    receipt: int
    assumed: int


class Rate(NamedTuple):
    """`numerator` of `denominator`, in percent; no value and no interval where there is nothing to divide."""

    numerator: int
    denominator: int
    level: float
    value: float | None = None
    low: float | None = None
    high: float | None = None
    basis: Basis | None = None

    @property
    def interval(self) -> Interval | None:
        if self.low is None or self.high is None:
            return None
        return Interval(self.low, self.high, self.level, "wilson")

    def to_dict(self) -> dict[str, Any]:
        """The rate as the API shows it, percent to four decimals."""
        numerator, denominator, level, value, low, high, basis = self
        shown: dict[str, Any] = {
            "value": rounded(value),
            "numerator": numerator,
            "denominator": denominator,
            "interval": None
            if value is None
            else {"low": rounded(low), "high": rounded(high), "level": level, "method": "wilson"},
        }
        if basis is not None:
            shown["basis"] = {"receipt": basis.receipt, "assumed": basis.assumed}
        return shown


class _Counts(NamedTuple):
    calls: int
    answered: int
    invited: int
    delivered: int
    delivered_receipt: int
    responded: int
    completed: int


class Volume(_Counts):
    """What became of the calls of a cell. Raises ValueError for counts that contradict their definitions.

    `delivered` counts a receipt **or** any start or answer, so no one responds to what was not delivered;
    `invited` calls were answered; `completed` surveys have all their required scored questions answered.
    """

    __slots__ = ()

    def __new__(  # noqa: PLR0917  # the fields, in their order
        cls,
        calls: int = 0,
        answered: int = 0,
        invited: int = 0,
        delivered: int = 0,
        delivered_receipt: int = 0,
        responded: int = 0,
        completed: int = 0,
    ) -> "Volume":
        counts = calls, answered, invited, delivered, delivered_receipt, responded, completed
        if not (
            0 <= invited <= answered <= calls
            and 0 <= completed <= responded <= delivered
            and 0 <= delivered_receipt <= delivered
        ):
            raise ValueError(f"these counts contradict each other: {_Counts(*counts)}")
        return tuple.__new__(cls, counts)


def rate(k: int, n: int, *, level: float = 0.95, basis: Basis | None = None) -> Rate:
    """`k` of `n` as a percentage with Wilson's interval. ValueError unless 0 <= k <= n."""
    return _rate(k, n, level, wilson_at(level), basis)


def _rate(
    k: int, n: int, level: float, bounds: Callable[[float, float], Bounds], basis: Basis | None = None
) -> Rate:
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no rate")
    if n == 0:
        return Rate(k, n, level, None, None, None, basis)
    low, high = bounds(k, n)
    # as Rate(...) would, at half of the cost
    return tuple.__new__(Rate, (k, n, level, 100 * k / n, 100 * low, 100 * high, basis))


def rates(volume: Volume, *, level: float = 0.95) -> dict[str, Rate]:
    """The rates `offer` (邀评率), `response` (参评率) and `completion` of a volume, by those names."""
    _, answered, invited, delivered, receipts, responded, completed = volume
    bounds = wilson_at(level)
    return {
        "offer": _rate(invited, answered, level, bounds),
        "response": _rate(responded, delivered, level, bounds, Basis(receipts, delivered - receipts)),
        "completion": _rate(completed, responded, level, bounds),
    }
