"""What another system did: it asked a customer, or took their answers, and we are told of it afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.call import CallEnd
from app.domain.questionnaire import ONE_TO_FIVE, QUESTIONS

# the survey that such invitations belong to, and the wording of their answers: not one of ours
ELSEWHERE = "imported"
ELSEWHERE_VERSION = 1

CHANNELS = ("sms", "email", "web", "ivr", "other")

# callers of mainland China expect 1 to be the best; the key is kept beside the value
ONE_IS_BEST = "zh_ivr_1best"
SCALES = (ONE_TO_FIVE.id, ONE_IS_BEST)


@dataclass(frozen=True)
class PastCall:
    """A call of the past. `asked_at`: when the other system asked its customer; None: it did not, or can't say."""

    call: CallEnd
    asked_at: datetime | None = None


@dataclass(frozen=True)
class PastResponse:
    """What a customer answered elsewhere. `keys`: question -> what was pressed; only those that were answered.

    `questions`: all that were asked. `scale` (one of SCALES) holds for those on 1 to 5.
    """

    source: str
    call_id: str
    answered_at: datetime
    channel: str  # one of CHANNELS
    questions: tuple[str, ...]
    keys: Mapping[str, int]
    comment: str | None = None
    language: str | None = None
    scale: str = ONE_TO_FIVE.id


@dataclass(frozen=True)
class Ratings:
    """What a platform asked its caller itself. `keys`: question -> what was pressed; those on 1 to 5 on `scale`."""

    channel: str  # one of CHANNELS
    keys: Mapping[str, int]
    answered_at: datetime | None = None  # None: now
    comment: str | None = None
    language: str | None = None
    scale: str = ONE_TO_FIVE.id


def read_key(question_key: str, key: int, scale: str) -> tuple[int, str]:
    """The value of a key, and the id of the scale on which it was read."""
    own = QUESTIONS[question_key].scale
    assert own is not None  # noqa: S101 - a comment has no key
    if own is ONE_TO_FIVE and scale == ONE_IS_BEST:
        return own.low + own.high - key, ONE_IS_BEST
    return key, own.id
