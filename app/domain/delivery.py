"""What one request to a carrier came to, and what happens to the message after it.

Never silently lost: every path ends in a final state or in `in_doubt`, where an operator sees it.
Never automatically doubled: a second request is made only after a definite refusal, or after the carrier
was asked twice and twice did not know the message.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from app.domain.message import MessageState, state_of

# requests to a carrier for one message; holding for a configuration error is outside this cap
MAX_ATTEMPTS = 6
# claims in a row that left no recorded result: the row kills its worker, and is set aside (quarantined)
MAX_CLAIMS = 5
# after so many it is claimed with nothing beside it: others that were lost with such a row are not set aside for it
SUSPECT_CLAIMS = 2
# successful empty listings that prove that the carrier never took the message
EMPTY_LOOKS = 2

# 5, 15, 45, 135, 405 s: six attempts outlast ten bad minutes of a carrier
_BACK_OFF_BASE = 5.0
_BACK_OFF_FACTOR = 3.0
_BACK_OFF_CAP = 900.0
_HOLD_SECONDS = 900.0
_LISTING_FAILED_SECONDS = 60.0


class Outcome(StrEnum):
    """ACCEPTED and REJECTED are the carrier's word; NOT_SENT is our own; UNKNOWN is everything else."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


class Action(StrEnum):
    """What an error code asks of us."""

    PERMANENT = "permanent"  # this message can't reach this number
    NEXT_CHANNEL = "next_channel"  # this number takes no texts
    OPT_OUT = "opt_out"  # the carrier holds an opt-out: write ours
    SLOW_DOWN = "slow_down"  # never processed: later is fine
    RETRY = "retry"
    RETRY_ONCE = "retry_once"
    CONFIGURATION = "configuration"  # ours to mend, no fault of the customer's number
    STOP_CHANNEL = "stop_channel"  # nothing by this sender goes out until an operator acts
    BLOCKED = "blocked"  # filtered on the way: trying again makes the filter stricter
    LOOP = "loop"  # two machines answer each other


@dataclass(frozen=True)
class SendResult:
    """What one request to a carrier came to."""

    outcome: Outcome
    provider_id: str | None = None
    code: int | None = None  # the carrier's error code
    http_status: int | None = None
    retry_after: float | None = None  # seconds
    detail: str = ""  # for operators; no phone number, no text
    action: Action | None = None  # what a refusal asks of us; None: `classify` tells by the code


# who can be asked what has become of a request; by all others a request without a clear end stays in doubt
ASKABLE = frozenset({"twilio"})

ALARMS = frozenset({Action.CONFIGURATION, Action.STOP_CHANNEL, Action.BLOCKED, Action.LOOP})

TWILIO_CODES: Mapping[int, tuple[str, Action]] = MappingProxyType(
    {
        14107: ("too many replies between two numbers", Action.LOOP),
        20429: ("too many requests", Action.SLOW_DOWN),
        21210: ("caller's number is not this account's", Action.CONFIGURATION),
        21211: ("not a phone number", Action.PERMANENT),
        21212: ("caller's number is not one", Action.CONFIGURATION),
        21213: ("caller's number is missing", Action.CONFIGURATION),
        21214: ("number can't be rung", Action.NEXT_CHANNEL),
        21215: ("country not permitted", Action.CONFIGURATION),
        21216: ("number may not be called", Action.NEXT_CHANNEL),
        21217: ("phone number does not seem to be valid", Action.PERMANENT),
        21408: ("country not enabled for this account", Action.CONFIGURATION),
        21603: ("sender is missing", Action.CONFIGURATION),
        21606: ("sender is not able to send this", Action.CONFIGURATION),
        21610: ("recipient has opted out", Action.OPT_OUT),
        21611: ("sender's queue is full", Action.SLOW_DOWN),
        21614: ("not a mobile number", Action.NEXT_CHANNEL),
        30001: ("queue is full", Action.SLOW_DOWN),
        30002: ("account is suspended", Action.STOP_CHANNEL),
        30003: ("handset is unreachable", Action.RETRY),
        30004: ("message was blocked", Action.BLOCKED),
        30005: ("number is unknown", Action.NEXT_CHANNEL),
        30006: ("landline or unreachable carrier", Action.NEXT_CHANNEL),
        30007: ("message was filtered by a carrier", Action.BLOCKED),
        30008: ("unknown error on the way", Action.RETRY_ONCE),
        30032: ("sender is not verified", Action.CONFIGURATION),
        30034: ("sender is not registered", Action.CONFIGURATION),
    }
)


def classify(code: int | None, http_status: int | None) -> Action:
    """What a refusal asks of us: by the carrier's code, else by the HTTP status."""
    if code is not None and code in TWILIO_CODES:
        return TWILIO_CODES[code][1]
    if http_status == 429:
        return Action.SLOW_DOWN
    # a rotated token or a closed account is no reason to give up on the customer
    if http_status in (401, 403, 404):
        return Action.CONFIGURATION
    return Action.PERMANENT


class Step(StrEnum):
    """What to do with the message now."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    RETRY = "retry"  # due again at `at`, after a definite refusal
    HOLD = "hold"  # due again at `at`, visible to operators until the configuration is mended
    RESEND = "resend"  # due again at `at`, as the one attempt that a look-up may lead to
    LOOK = "look"  # unknown: ask the carrier at `at`
    FAILED = "failed"
    OPT_OUT = "opt_out"  # failed, and an opt-out is written
    EXPIRED = "expired"  # too late, and nothing was accepted
    IN_DOUBT = "in_doubt"  # too late, or the provider can't be asked: what happened can't be known


@dataclass(frozen=True)
class NextStep:
    """`at` is set for RETRY, HOLD, RESEND and LOOK; `code` and `action` where the carrier gave a reason."""

    step: Step
    at: datetime | None = None
    code: int | None = None
    action: Action | None = None

    @property
    def alarm(self) -> bool:
        """Whether an operator should hear of it now."""
        return self.action in ALARMS


def _jitter(message_id: UUID, attempts: int) -> float:
    """In [0, 1), the same for the same message and attempt: many refused at once don't return at once."""
    digest = hashlib.sha256(message_id.bytes + attempts.to_bytes(4, "big")).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def back_off(attempts: int, message_id: UUID, retry_after: float | None = None) -> timedelta:
    """How long to wait after `attempts` requests: exponential, capped, up to a quarter more by jitter.

    Retry-After (seconds) lengthens the wait, up to the cap, and never shortens it: a carrier that keeps
    saying "1" would use up all attempts within seconds.
    """
    exponent = min(max(attempts, 1), MAX_ATTEMPTS) - 1
    wait = min(_BACK_OFF_BASE * _BACK_OFF_FACTOR**exponent, _BACK_OFF_CAP)
    asked = min(max(0.0, retry_after or 0.0), _BACK_OFF_CAP)
    return timedelta(seconds=max(wait, asked) * (1 + _jitter(message_id, attempts) / 4))


def after_send(
    result: SendResult,
    *,
    attempts: int,
    now: datetime,
    not_after: datetime,
    message_id: UUID,
    first_look_seconds: float = 60.0,
    askable: bool = True,
) -> NextStep:
    """The step after one request. `attempts` counts the requests made, this one included; `now` is its end.

    `askable`: whether the provider can be asked what it has taken, see ASKABLE.
    """
    match result.outcome:
        case Outcome.ACCEPTED:
            return NextStep(Step.ACCEPTED)
        case Outcome.UNKNOWN if not askable:
            return NextStep(Step.IN_DOUBT, None, result.code)
        case Outcome.UNKNOWN:
            at = now + timedelta(seconds=first_look_seconds)
            return NextStep(Step.LOOK, at, result.code)
        case Outcome.NOT_SENT:
            # free to go again, but not at once: a worker that is being stopped, or a carrier that refuses
            # connections, would otherwise spin
            return _again(Step.RETRY, now + back_off(attempts, message_id, result.retry_after), not_after)
        case Outcome.REJECTED:
            return _after_refusal(result, attempts, now, not_after, message_id)


def _again(
    step: Step, at: datetime, not_after: datetime, code: int | None = None, action: Action | None = None
) -> NextStep:
    if at >= not_after:
        return NextStep(Step.EXPIRED, None, code, action)
    return NextStep(step, at, code, action)


_MOST_ATTEMPTS = {Action.RETRY: MAX_ATTEMPTS, Action.RETRY_ONCE: 2}


def _after_refusal(
    result: SendResult, attempts: int, now: datetime, not_after: datetime, message_id: UUID
) -> NextStep:
    action = result.action or classify(result.code, result.http_status)
    if action is Action.OPT_OUT:
        return NextStep(Step.OPT_OUT, None, result.code, action)
    if action in (Action.CONFIGURATION, Action.STOP_CHANNEL):
        # one mended setting sends all that waited for it; a slow, spread retry costs next to nothing
        wait = timedelta(seconds=_HOLD_SECONDS * (1 + _jitter(message_id, attempts) / 4))
        return _again(Step.HOLD, now + wait, not_after, result.code, action)
    # what a busy carrier never processed is asked again until it is too late, at most every quarter of an hour
    if action is Action.SLOW_DOWN or attempts < _MOST_ATTEMPTS.get(action, 0):
        at = now + back_off(attempts, message_id, result.retry_after)
        return _again(Step.RETRY, at, not_after, result.code, action)
    return NextStep(Step.FAILED, None, result.code, action)


def after_look(
    found: bool | None,
    *,
    empty_looks: int,
    resent: bool,
    attempts: int,
    now: datetime,
    not_after: datetime,
    second_look_seconds: float = 120.0,
) -> NextStep:
    """The step after asking the carrier about a message of unknown fate.

    `found`: True, the carrier has it; False, a complete listing without it; None, the listing failed or
    can't be trusted, which proves nothing. `empty_looks` counts the complete listings without it since the
    last request, this one included. `resent`: a look-up has led to a new attempt before.
    """
    if found:
        return NextStep(Step.ACCEPTED)
    proven = empty_looks >= EMPTY_LOOKS
    if now >= not_after and (proven or found is None):
        return NextStep(Step.EXPIRED if proven else Step.IN_DOUBT)
    if found is None:
        wait = _LISTING_FAILED_SECONDS
    elif not proven:
        # even past not_after: a look sends nothing, and turns a doubt into an answer
        wait = second_look_seconds
    elif resent:
        # two attempts vanished: something is wrong beyond a lost reply, so no third; but a listing that lags
        # or a late receipt may still tell
        wait = _HOLD_SECONDS
    else:
        return NextStep(Step.FAILED) if attempts >= MAX_ATTEMPTS else NextStep(Step.RESEND, now)
    return NextStep(Step.LOOK, now + timedelta(seconds=wait))


def after_receipt(status: str, code: int | None) -> NextStep | None:
    """What a status report means for the message; None for a status that says nothing about it.

    The codes that allow a retry at the request (30003, 30008, ...) allow none here: the carrier took the
    text, handsets do show texts that were reported undelivered, and a second one is a double that we made.
    """
    state = state_of(status)
    if state is None:
        return None
    if state is MessageState.ACCEPTED:
        return NextStep(Step.ACCEPTED)
    if state is MessageState.DELIVERED:
        return NextStep(Step.DELIVERED)
    action = classify(code, None) if code is not None else None
    return NextStep(Step.OPT_OUT if action is Action.OPT_OUT else Step.FAILED, None, code, action)
