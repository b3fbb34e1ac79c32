"""Whether a call's customer is asked, and if not, why not.

A rule is a function named after its reason; adding one is a function, a line in RULES and a column of the facts.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.domain.call import CallEnd
from app.domain.call_rules import (
    ask_false,
    excluded,
    not_answered,
    survey_off,
    too_old,
    too_short,
    transferred,
    wrong_attributes,
    wrong_direction,
    wrong_queue,
    wrong_tags,
)
from app.domain.candidate import Candidate, Finding
from app.domain.channel import Channel
from app.domain.customer_rules import (
    agents_number,
    asked_recently,
    country_not_allowed,
    customer_cap,
    internal_number,
    invalid_phone,
    masked_phone,
    no_consent,
    no_contact,
    no_sender,
    opted_out,
    premium_number,
    suppressed,
    survey_open,
)
from app.domain.sending_limits import LIMITED

# a sender's clock may be off; beyond this the report is refused, for nothing can be timed by it
MOST_AHEAD = timedelta(minutes=10)
LONGEST_SECONDS = 7 * 86_400


def sampled_out(candidate: Candidate) -> Finding:
    drawn = candidate.draw < candidate.probability
    if candidate.terms.quota_per_month is not None:
        # without figures: what was looked at is shown more widely than an agent's rate may be
        return Finding(drawn, f"{'drawn' if drawn else 'not drawn'} at the rate of this agent and week")
    return Finding(drawn, f"drew {candidate.draw:.6f}, asked below {candidate.probability:g}")


def agent_cap(candidate: Candidate) -> Finding:
    why = candidate.agent_used_up
    return Finding(why is None, "within the cap per agent and day" if why is None else why)


def survey_cap(candidate: Candidate) -> Finding:
    why = candidate.survey_used_up
    return Finding(why is None, "within the survey's cap per day" if why is None else why)


def daily_cap(candidate: Candidate) -> Finding:
    if candidate.way.channel not in LIMITED or candidate.used_up is None:
        return Finding(True, "within the account's daily caps")
    return Finding(False, candidate.used_up)


def outside_hours(candidate: Candidate) -> Finding:
    found = candidate.slot
    if found is None:
        return Finding(
            False,
            f"no lawful hour from {candidate.ready_at(candidate.way).isoformat()}"
            f" until {candidate.not_after.isoformat()}",
        )
    return Finding(True, f"lawful from {found.opens_at.isoformat()} until {found.closes_at.isoformat()}")


def dry_run(candidate: Candidate) -> Finding:
    if candidate.dry_run is None:
        return Finding(True, "not a dry run")
    return Finding(False, f"{candidate.dry_run} is only tried (postcall dry-run): nothing is sent")


Rule = Callable[[Candidate], Finding]

RULES: tuple[Rule, ...] = (
    # the call
    ask_false,
    survey_off,
    excluded,
    wrong_direction,
    wrong_queue,
    wrong_tags,
    wrong_attributes,
    transferred,
    not_answered,
    too_old,
    too_short,
    # the customer, and how they are reached
    no_contact,
    masked_phone,
    internal_number,
    premium_number,
    invalid_phone,
    agents_number,
    country_not_allowed,
    no_sender,
    sampled_out,
    opted_out,
    suppressed,
    no_consent,
    survey_open,
    asked_recently,
    customer_cap,
    # how much and when
    agent_cap,
    survey_cap,
    daily_cap,
    outside_hours,
    dry_run,  # the last one: what is tried shows the reasons that there would be
)
SKIP_REASONS: tuple[str, ...] = tuple(rule.__name__ for rule in RULES)
# of calls that reached the draw: it went against them, or a rule that is looked at only after it
AFTER_DRAW = SKIP_REASONS[SKIP_REASONS.index("sampled_out") :]

# what was looked at, in order: [{"check": reason, "passed": bool, "detail": str}]
Checks = list[dict[str, Any]]


@dataclass(frozen=True)
class Ask:
    """Due at `due_at`, in the window that ends at `send_before`; never sent at or after `not_after`."""

    channel: Channel
    due_at: datetime
    send_before: datetime
    not_after: datetime
    probability: float
    checks: Checks = field(default_factory=list)


@dataclass(frozen=True)
class Skip:
    """`tried`: for a dry run, what would have been decided without it."""

    reason: str  # one of SKIP_REASONS
    detail: str
    checks: Checks = field(default_factory=list)
    tried: Ask | None = None


def decide(candidate: Candidate) -> Ask | Skip:
    """Ask, or skip for the first reason that applies.

    The contact's state is what was read before the write; the write holds the same rules again, by the
    same names, against what it finds then.
    """
    checks: Checks = []
    for rule in RULES:
        passed, detail = rule(candidate)
        checks.append({"check": rule.__name__, "passed": passed, "detail": detail})
        if not passed:
            tried = _ask(candidate, checks) if rule is dry_run else None
            return Skip(rule.__name__, detail, checks, tried)
    return _ask(candidate, checks)


def _ask(candidate: Candidate, checks: Checks) -> Ask:
    window = candidate.slot
    assert window is not None  # noqa: S101 - outside_hours has passed
    return Ask(
        candidate.way.channel,
        window.opens_at,
        window.closes_at,
        candidate.not_after,
        candidate.probability,
        checks,
    )


def draw(key: bytes, account_id: str, source: str, call_id: str) -> float:
    """A number in [0, 1) that is always the same for a call, and that nobody without the key can foresee.

    The first 53 bits of HMAC-SHA256 over the call's identity, so a repeated report is sampled alike.
    """
    identity = json.dumps([account_id, source, call_id]).encode()
    digest = hmac.digest(key, identity, hashlib.sha256)
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def check_times(call: CallEnd, now: datetime) -> dict[str, str]:
    """Field -> what is wrong with it, for times and durations that can't be true. Empty if all can."""
    problems: dict[str, str] = {}
    if call.ended_at - now > MOST_AHEAD:
        problems["ended_at"] = "lies more than 10 minutes ahead"
    elif call.ended_at < call.started_at:
        problems["ended_at"] = "lies before started_at"
    if call.answered_at is not None and not call.started_at <= call.answered_at <= call.ended_at:
        problems["answered_at"] = "lies outside the call"
    durations = {
        "talk_seconds": call.talk_seconds,
        "wait_seconds": call.wait_seconds,
        "hold_seconds": call.hold_seconds,
        "wrap_seconds": call.wrap_seconds,
    }
    for name, seconds in durations.items():
        if seconds is not None and not 0 <= seconds <= LONGEST_SECONDS:
            problems[name] = "must be between 0 and 604800 seconds"
    return problems
