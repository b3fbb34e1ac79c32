"""A survey: what is asked, in which order, and every setting of it that an account may change."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Scale:
    """The values a question takes, `low` to `high`; `best` is the end that is good news."""

    id: str
    low: int
    high: int
    best: int

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int) and self.low <= value <= self.high


@dataclass(frozen=True)
class Question:
    """`metric` and `scale` are None for a question that is answered in words."""

    key: str
    metric: str | None
    scale: Scale | None
    required: bool


ONE_TO_FIVE = Scale("1_5", 1, 5, best=5)
ZERO_TO_TEN = Scale("0_10", 0, 10, best=10)
YES_NO_UNSURE = Scale("1_yes_2_no_3_unsure", 1, 3, best=1)

QUESTIONS: Mapping[str, Question] = {
    question.key: question
    for question in (
        Question("csat", "csat", ONE_TO_FIVE, required=True),
        Question("ownership", "ownership", ONE_TO_FIVE, required=True),
        Question("nps", "nps", ZERO_TO_TEN, required=True),
        Question("fcr", "fcr", YES_NO_UNSURE, required=True),
        Question("comment", None, None, required=False),
    )
}

# at and under this CSAT the comment prompt says sorry and asks what went wrong
LOW_CSAT = 3


@dataclass(frozen=True)
class Survey:
    """One version of a survey. The defaults are contact centres' practice; durations in seconds."""

    key: str
    version: int
    active: bool = True
    order_sms: tuple[str, ...] = ("csat", "ownership", "nps", "comment")
    # carriers in mainland China hold several different texts a day to one number for review: ask less
    order_sms_china: tuple[str, ...] = ("csat", "ownership")
    delay_seconds: int = 180
    min_talk_seconds: int = 20
    cooldown_seconds: int = 14 * 86_400
    too_old_seconds: int = 2 * 3_600
    send_within_seconds: int = 18 * 3_600
    answer_within_seconds: int = 48 * 3_600
    edit_within_seconds: int = 24 * 3_600
    nps_every_seconds: int = 90 * 86_400
    comment_quiet_seconds: int = 300
    probability: float = 1.0
    send_hours: str = "lawful"  # or "any": no quiet hours, for demonstrations and tests
    link: bool = False  # append the signed link to the first text

    @classmethod
    def from_definition(cls, key: str, version: int, definition: Mapping[str, Any]) -> "Survey":
        """Build from stored JSON; unknown keys (a newer release wrote them) are left alone."""
        known = {field.name for field in fields(cls)} - {"key", "version"}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in definition.items()
            if name in known
        }
        return cls(key=key, version=version, **values)

    def definition(self) -> dict[str, Any]:
        """The JSON that `from_definition` reads: every setting, defaults written out."""
        return {
            field.name: list(value) if isinstance(value := getattr(self, field.name), tuple) else value
            for field in fields(self)
            if field.name not in ("key", "version")
        }

    def order(self, region: str | None) -> tuple[str, ...]:
        """The questions by SMS to a number of `region` (ISO 3166-1 alpha-2)."""
        return self.order_sms_china if region == "CN" else self.order_sms


def next_question(order: Sequence[str], settled: Collection[str]) -> str | None:
    """The first question of `order` that is neither answered nor skipped; None at the end."""
    return next((key for key in order if key not in settled), None)


def is_complete(order: Sequence[str], answered: Collection[str], skipped: Collection[str]) -> bool:
    """Whether every required scored question that was not skipped has an answer."""
    return all(
        key in answered or key in skipped
        for key in order
        if QUESTIONS[key].required and QUESTIONS[key].metric is not None
    )
