"""How many were asked, reached and heard, of how many: the rates beside every score."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from app.domain.intervals import Interval, rounded, wilson


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


@dataclass(frozen=True, slots=True)
class Volume:
    """What became of the calls of a cell. Raises ValueError for counts that contradict their definitions.

    `delivered` counts a receipt **or** any start or answer, so no one responds to what was not delivered;
    `invited` calls were answered; `completed` surveys have all their required scored questions answered.
    """

    calls: int = 0
    answered: int = 0
    invited: int = 0
    delivered: int = 0
    delivered_receipt: int = 0
    responded: int = 0
    completed: int = 0

    def __post_init__(self) -> None:
        if not (
            0 <= self.invited <= self.answered <= self.calls
            and 0 <= self.completed <= self.responded <= self.delivered
            and 0 <= self.delivered_receipt <= self.delivered
        ):
            raise ValueError(f"these counts contradict each other: {self}")


def rate(k: int, n: int, *, level: float = 0.95, basis: Basis | None = None) -> Rate:
    """`k` of `n` as a percentage with Wilson's interval. ValueError unless 0 <= k <= n."""
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no rate")
    if n == 0:
        return Rate(k, n, level, basis=basis)
    low, high = wilson(k, n, level)
    return Rate(k, n, level, 100 * k / n, 100 * low, 100 * high, basis)


def rates(volume: Volume, *, level: float = 0.95) -> dict[str, Rate]:
    """The rates `offer` (邀评率), `response` (参评率) and `completion` of a volume, by those names."""
    basis = Basis(volume.delivered_receipt, volume.delivered - volume.delivered_receipt)
    return {
        "offer": rate(volume.invited, volume.answered, level=level),
        "response": rate(volume.responded, volume.delivered, level=level, basis=basis),
        "completion": rate(volume.completed, volume.responded, level=level),
    }
