"""Whether a call's customer is asked, and if not, why not.

A rule is a function named after its reason; adding one is a function and a line in RULES.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.domain.call import CallEnd
from app.domain.candidate import Candidate
from app.domain.channel import CONTACT_KIND, Channel
from app.domain.sending_limits import LIMITED

# a sender's clock may be off; beyond this the report is refused, for nothing can be timed by it
MOST_AHEAD = timedelta(minutes=10)
LONGEST_SECONDS = 7 * 86_400


class Finding(NamedTuple):
    passed: bool
    detail: str  # for people; no phone number, no name


def ask_false(candidate: Candidate) -> Finding:
    return Finding(
        candidate.call.ask, "a survey is wanted" if candidate.call.ask else "reported with ask: false"
    )


def survey_off(candidate: Candidate) -> Finding:
    if candidate.survey is None:
        return Finding(False, "there is no survey")
    state = "on" if candidate.survey.active else "off"
    return Finding(
        candidate.survey.active,
        f"survey {candidate.survey.key}, version {candidate.survey.version}, is {state}",
    )


def not_answered(candidate: Candidate) -> Finding:
    answered = candidate.call.answered
    return Finding(answered, "somebody talked" if answered else "nobody talked")


def too_old(candidate: Candidate) -> Finding:
    age = (candidate.now - candidate.call.ended_at).total_seconds()
    limit = candidate.terms.too_old_seconds
    return Finding(age <= limit, f"reported {age:.0f} s after its end, asked up to {limit} s")


def too_short(candidate: Candidate) -> Finding:
    talked, least = candidate.call.talk_seconds, candidate.terms.min_talk_seconds
    if talked is None:
        return Finding(True, "talk time not reported, which is not short")
    return Finding(talked >= least, f"talked for {talked} s, asked from {least} s")


def _by_email(candidate: Candidate) -> Finding | None:
    """Of a telephone number nothing is asked by mail."""
    if CONTACT_KIND[candidate.way.channel] != "email" or not candidate.has_email:
        return None
    return Finding(True, "asked by email")


def no_contact(candidate: Candidate) -> Finding:
    if CONTACT_KIND[candidate.way.channel] == "email":
        return _by_email(candidate) or Finding(False, "no email address was given")
    given = candidate.phone.problem != "missing"
    return Finding(given, "a phone number was given" if given else "no phone number was given")


def masked_phone(candidate: Candidate) -> Finding:
    shown = candidate.phone.problem != "masked"
    return _by_email(candidate) or Finding(
        shown, "the phone number is shown" if shown else "the phone number is hidden or masked"
    )


def invalid_phone(candidate: Candidate) -> Finding:
    valid = candidate.phone.e164 is not None
    region = candidate.phone.region or "an unknown region"
    return _by_email(candidate) or Finding(
        valid, f"a number of {region}" if valid else "not a phone number that can be texted"
    )


def country_not_allowed(candidate: Candidate) -> Finding:
    region = candidate.phone.region or "an unknown region"
    if candidate.allows_country(candidate.way):
        return Finding(True, "no list of countries stands against it")
    return Finding(False, f"the account sends nothing to {region}")


def no_sender(candidate: Candidate) -> Finding:
    there = candidate.can_send(candidate.way)
    return Finding(there, "the account has a sender" if there else "the account has no sender")


def sampled_out(candidate: Candidate) -> Finding:
    probability = candidate.terms.probability
    return Finding(candidate.draw < probability, f"drew {candidate.draw:.6f}, asked below {probability:g}")


def opted_out(candidate: Candidate) -> Finding:
    return Finding(not candidate.opted_out, "opted out" if candidate.opted_out else "not opted out")


def survey_open(candidate: Candidate) -> Finding:
    busy = candidate.open_survey
    return Finding(not busy, "another survey is open" if busy else "no other survey is open")


def asked_recently(candidate: Candidate) -> Finding:
    if candidate.last_asked_at is None:
        return Finding(True, "not asked before")
    again = candidate.last_asked_at + timedelta(seconds=candidate.terms.cooldown_seconds)
    return Finding(
        again <= candidate.now,
        f"last asked {candidate.last_asked_at.isoformat()}, may be asked from {again.isoformat()}",
    )


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
    ask_false,
    survey_off,
    not_answered,
    too_old,
    too_short,
    no_contact,
    masked_phone,
    invalid_phone,
    country_not_allowed,
    no_sender,
    sampled_out,
    opted_out,
    survey_open,
    asked_recently,
    daily_cap,
    outside_hours,
    dry_run,  # the last one: what is tried shows the reasons that there would be
)
SKIP_REASONS: tuple[str, ...] = tuple(rule.__name__ for rule in RULES)

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
        candidate.terms.probability,
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
