"""The ledger: of every call whether its customer was invited, and if not, why; offer rates held against another."""

from math import sqrt
from typing import Any, NamedTuple

from app.domain.eligibility import AFTER_DRAW
from app.domain.intervals import Interval, rounded, wilson_at
from app.domain.rates import Rate, rate

# calls that were skipped for a reason which the facts have no column of: told, rather than lost
OTHER = "other"


class Entry(NamedTuple):
    """What became of a number of calls: `calls` = `invited` + the sum of `skipped`, by reason.

    `offered` of the `answered` calls were followed by an invitation; `invited` has also those that nobody took.
    """

    calls: int = 0
    answered: int = 0
    offered: int = 0
    invited: int = 0
    skipped: dict[str, int] = {}  # noqa: RUF012  # never changed

    def __add__(self, other: object) -> "Entry":
        assert isinstance(other, Entry)  # noqa: S101 - only these are added
        return self._with(other, 1)

    def without(self, part: "Entry") -> "Entry":
        """All of it but `part`."""
        return self._with(part, -1)

    def _with(self, other: "Entry", sign: int) -> "Entry":
        reasons = dict.fromkeys([*self.skipped, *other.skipped])
        counts = {
            reason: self.skipped.get(reason, 0) + sign * other.skipped.get(reason, 0) for reason in reasons
        }
        return Entry(
            self.calls + sign * other.calls,
            self.answered + sign * other.answered,
            self.offered + sign * other.offered,
            self.invited + sign * other.invited,
            {reason: count for reason, count in counts.items() if count},
        )

    @property
    def offer(self) -> Rate:
        """邀评率: invited of the calls that somebody took."""
        return rate(self.offered, self.answered)

    @property
    def up_to_the_draw(self) -> "Entry":
        """As if all that reached the draw had been offered: by quota, agents have rates of their own after it."""
        reached = self.offered + sum(self.skipped.get(reason, 0) for reason in AFTER_DRAW)
        return self._replace(offered=min(reached, self.answered))


def entry(
    *, calls: int, answered: int, offered: int, invited_unanswered: int, skipped: dict[str, int]
) -> Entry:
    """Whatever is left of `calls` goes to `other`: the ledger always adds up."""
    invited = offered + invited_unanswered
    told = {reason: count for reason, count in skipped.items() if count}
    rest = calls - invited - sum(told.values())
    return Entry(calls, answered, offered, invited, {**told, **({OTHER: rest} if rest else {})})


class Difference(NamedTuple):
    """An offer rate less the `others`', in percentage points."""

    others: Rate
    points: float
    interval: Interval

    @property
    def verdict(self) -> str:
        """What the interval proves: `lower`, `higher`, or `unproven`."""
        if self.interval.high < 0:
            return "lower"
        return "higher" if self.interval.low > 0 else "unproven"

    def to_dict(self) -> dict[str, Any]:
        return {
            "others": self.others.to_dict(),
            "difference": rounded(self.points),
            "interval": self.interval.to_dict(),
            "verdict": self.verdict,
        }


def compare(one: Entry, others: Entry, *, level: float = 0.95) -> Difference | None:
    """`one`'s offer rate against that of all others together; None where either has no answered call.

    Newcombe's hybrid score interval of a difference of two independent shares (1998, method 10): it holds at
    shares near 0 and 1, where offer rates lie.
    """
    if not one.answered or not others.answered:
        return None
    bounds = wilson_at(level)
    p, q = one.offered / one.answered, others.offered / others.answered
    p_low, p_high = bounds(one.offered, one.answered)
    q_low, q_high = bounds(others.offered, others.answered)
    difference = p - q
    low = difference - sqrt((p - p_low) ** 2 + (q_high - q) ** 2)
    high = difference + sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return Difference(others.offer, 100 * difference, Interval(100 * low, 100 * high, level, "newcombe"))
