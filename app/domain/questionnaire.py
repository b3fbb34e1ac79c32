"""A survey: what is asked, in which order, and every setting of it that an account may change."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from app.domain.channel import Channel


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
ONE_TO_SEVEN = Scale("1_7", 1, 7, best=7)
YES_NO_UNSURE = Scale("1_yes_2_no_3_unsure", 1, 3, best=1)
# a choice: numbers name things, and none is better than another
ONE_OF_SIX = Scale("choice_1_6", 1, 6, best=1)

QUESTIONS: Mapping[str, Question] = {
    question.key: question
    for question in (
        Question("csat", "csat", ONE_TO_FIVE, required=True),
        Question("ownership", "ownership", ONE_TO_FIVE, required=True),
        Question("nps", "nps", ZERO_TO_TEN, required=True),
        Question("fcr", "fcr", YES_NO_UNSURE, required=True),
        Question("ces", "ces", ONE_TO_SEVEN, required=True),
        Question("reason", None, ONE_OF_SIX, required=False),
        Question("comment", None, None, required=False),
    )
}

# at and under this CSAT the comment prompt says sorry and asks what went wrong
LOW_CSAT = 3


@dataclass(frozen=True)
class Way:
    """One way of asking. `delay_seconds`: from the call's end to the ask; None: what is usual for the channel."""

    channel: Channel
    delay_seconds: int | None = None


# question -> the question it depends on -> the answers to that one which make it worth asking
Conditions = Mapping[str, Mapping[str, tuple[int, ...]]]

# a mail may lie for a while, and nobody likes to be rung at once
_USUAL_DELAYS = {Channel.EMAIL: 600, Channel.CALLBACK: 1_800, Channel.IVR: 0, Channel.LINK: 0}
_BY_PAGE = frozenset({Channel.EMAIL, Channel.LINK})


@dataclass(frozen=True)
class Survey:
    """One version of a survey. The defaults are contact centres' practice; durations in seconds."""

    key: str
    version: int
    active: bool = True
    # tried in this order; the next one where the one before can't reach the customer
    channels: tuple[Way, ...] = (Way(Channel.SMS), Way(Channel.EMAIL))
    order_sms: tuple[str, ...] = ("csat", "ownership", "nps", "comment")
    # carriers in mainland China hold several different texts a day to one number for review: ask less
    order_sms_china: tuple[str, ...] = ("csat", "ownership")
    order_page: tuple[str, ...] = ("csat", "ownership", "fcr", "nps", "reason", "comment")
    order_ivr: tuple[str, ...] = ("csat", "ownership", "fcr", "comment")
    only_if: Conditions = field(default_factory=lambda: {"reason": {"csat": (1, 2, 3)}})
    delay_seconds: int = 180
    min_talk_seconds: int = 20
    cooldown_seconds: int = 14 * 86_400
    too_old_seconds: int = 2 * 3_600
    send_within_seconds: int = 18 * 3_600
    answer_within_seconds: int = 48 * 3_600
    answer_page_within_seconds: int = 7 * 86_400
    reminder_after_seconds: int = 48 * 3_600  # by email only; 0: none
    edit_within_seconds: int = 24 * 3_600
    nps_every_seconds: int = 90 * 86_400
    comment_quiet_seconds: int = 300
    probability: float = 1.0
    send_hours: str = "lawful"  # or "any": no quiet hours, for demonstrations and tests
    link: bool = False  # append the signed link to the first text
    keep_audio: bool = False  # of a comment by telephone, once it is written down
    ivr_speech: bool = False  # by telephone, answers may be spoken as well as pressed
    # after which calls: the empty ones ask for nothing
    directions: tuple[str, ...] = ("inbound", "outbound")
    queues: tuple[str, ...] = ()
    not_queues: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    not_tags: tuple[str, ...] = ()
    attributes: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)  # name -> any of these values
    ask_transferred_in: bool = True
    ask_transferred_out: bool = True
    # for which of its handlers a call counts: the last, the first, the one who talked longest
    attribute_to: str = "last"
    attribute_min_talk_seconds: int = 30
    quota_per_month: int | None = None  # answers per agent; None: every agent's calls at `probability`
    consent: str = "not_needed"  # or "required"
    most_per_customer: int | None = None
    most_per_customer_days: int = 365
    most_per_agent_day: int | None = None
    most_per_day: int | None = None

    @classmethod
    def from_definition(cls, key: str, version: int, definition: Mapping[str, Any]) -> "Survey":
        """Build from stored JSON; unknown keys (a newer release wrote them) are left alone."""
        known = {field.name for field in fields(cls)} - {"key", "version"}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in definition.items()
            if name in known
        }
        if "channels" in values:
            values["channels"] = tuple(
                Way(Channel(way["channel"]), way.get("delay_seconds")) for way in values["channels"]
            )
        if "only_if" in values:
            values["only_if"] = {
                question: {on: tuple(answers) for on, answers in condition.items()}
                for question, condition in values["only_if"].items()
            }
        if "attributes" in values:
            values["attributes"] = {name: tuple(wanted) for name, wanted in values["attributes"].items()}
        return cls(key=key, version=version, **values)

    def definition(self) -> dict[str, Any]:
        """The JSON that `from_definition` reads: every setting, defaults written out."""
        values = {
            field.name: list(value) if isinstance(value := getattr(self, field.name), tuple) else value
            for field in fields(self)
            if field.name not in ("key", "version")
        }
        values["channels"] = [
            {"channel": way.channel.value}
            | ({} if way.delay_seconds is None else {"delay_seconds": way.delay_seconds})
            for way in self.channels
        ]
        values["only_if"] = {
            question: {on: list(answers) for on, answers in condition.items()}
            for question, condition in self.only_if.items()
        }
        values["attributes"] = {name: list(wanted) for name, wanted in self.attributes.items()}
        return values

    def order(self, channel: Channel, region: str | None = None) -> tuple[str, ...]:
        """The questions by a channel; by text to a number of `region` (ISO 3166-1 alpha-2)."""
        if channel is Channel.SMS:
            return self.order_sms_china if region == "CN" else self.order_sms
        return self.order_page if channel in _BY_PAGE else self.order_ivr

    def delay(self, way: Way) -> int:
        """Seconds from the call's end to the ask."""
        if way.delay_seconds is not None:
            return way.delay_seconds
        return self.delay_seconds if way.channel is Channel.SMS else _USUAL_DELAYS[way.channel]

    def answer_within(self, channel: Channel) -> int:
        """Seconds from the ask to the survey's end."""
        return self.answer_page_within_seconds if channel in _BY_PAGE else self.answer_within_seconds

    def ways_after(self, channel: Channel | None) -> tuple[Way, ...]:
        """What is left to try where `channel` did not reach the customer; all of it for None."""
        channels = [way.channel for way in self.channels]
        return self.channels[channels.index(channel) + 1 :] if channel in channels else self.channels


def is_asked(question: str, answers: Mapping[str, int], only_if: Conditions) -> bool:
    """Whether the answers so far make a question worth asking; not while what it depends on is open."""
    return all(answers.get(on) in wanted for on, wanted in only_if.get(question, {}).items())


def next_question(
    order: Sequence[str],
    settled: Collection[str],
    answers: Mapping[str, int] | None = None,
    only_if: Conditions | None = None,
) -> str | None:
    """The first of `order` that is neither settled nor, by the answers so far, left out; None at the end."""
    return next(
        (key for key in order if key not in settled and is_asked(key, answers or {}, only_if or {})), None
    )


def is_complete(order: Sequence[str], answered: Collection[str], skipped: Collection[str]) -> bool:
    """Whether every required scored question that was not skipped has an answer."""
    return all(
        key in answered or key in skipped
        for key in order
        if QUESTIONS[key].required and QUESTIONS[key].metric is not None
    )
