"""One more report of a call that is known: it adds what was not known, and never contradicts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.call import MOST_ATTRIBUTES, MOST_TAGS, CallEnd
from app.domain.questionnaire import Survey
from app.flow.attribution import name_agent
from app.flow.keep_handlers import Held, keep_handlers, known_handlers
from app.flow.reschedule import next_window
from app.flow.unsent import unsent_ask
from app.store.base import database_now
from app.store.calls import Call
from app.store.facts import mark_stale
from app.store.invitations import Invitation, lock_invitation_of_call
from app.store.messages import Message

_ADDED = (
    "answered_at",
    "talk_seconds",
    "wait_seconds",
    "hold_seconds",
    "wrap_seconds",
    "ended_by",
    "transferred_from",
    "transferred_to",
    "queue",
    "contact_reason",
    "customer_ref",
    "language",
    "timezone",
)
# of the handler for whom the call counts
_OWN = ("talk_seconds", "hold_seconds", "wrap_seconds")
_WHO = {"id": "agent_id", "name": "agent_name", "team": "team", "vendor": "vendor"}


def add_report(
    session: Session,
    account_id: UUID,
    call_id: UUID,
    report: CallEnd,
    *,
    zone: ZoneInfo,
    survey: Survey | None,
) -> list[str]:
    """The names of what is known now and was not: known over null. The decision to ask is not retaken.

    Every agent is kept as a handler. Until the first message has gone, the rule of `survey` chooses among them for
    whom the call counts, and a leg that ended later is the call's end: the message waits accordingly. `zone`: the
    account's.
    """
    # answers hold this lock too: none can be counted where the call is just being taken from
    invitation = lock_invitation_of_call(session, account_id, call_id)
    call = session.get_one(Call, (account_id, call_id), populate_existing=True)
    before = (call.agent_id, call.ended_on)
    held = Held(call, invitation, unsent_ask(session, invitation))
    added = [
        *_add_agent(session, held, report, survey),
        *_add_end(session, held, report, zone),
        *_add_values(call, report),
    ]
    if not added:
        return []
    call.is_answered = call.is_answered or report.answered
    # whoever pages through the responses shall see this one again, with its agent
    invitation.updated_at = database_now(session)
    if not call.is_test:
        for agent_id, day in {before, (call.agent_id, call.ended_on)}:
            mark_stale(session, account_id, agent_id, day)
    session.flush()
    return added


def _add_values(call: Call, report: CallEnd) -> list[str]:
    if call.forgotten_at is not None:
        report = replace(report, customer_ref=None, attributes={})
    added = [name for name in _ADDED if getattr(call, name) is None and getattr(report, name) is not None]
    for name in added:
        setattr(call, name, getattr(report, name))
    tags = list(dict.fromkeys([*call.tags, *report.tags]))[:MOST_TAGS]
    attributes: dict[str, Any] = {**report.attributes, **call.attributes}
    if tags != call.tags:
        call.tags = tags
        added.append("tags")
    if attributes != call.attributes and len(attributes) <= MOST_ATTRIBUTES:
        call.attributes = attributes
        added.append("attributes")
    return added


def _add_end(session: Session, held: Held, report: CallEnd, zone: ZoneInfo) -> list[str]:
    """When it was over, and when it began."""
    call, added = held.call, []
    if report.ended_at > call.ended_at and (held.unsent or held.invitation.state == "skipped"):
        if held.unsent is not None:
            _wait_longer(session, held.invitation, held.unsent, report.ended_at - call.ended_at)
        call.ended_at = report.ended_at
        call.ended_on = report.ended_at.astimezone(zone).date()
        added.append("ended_at")
    if report.started_at < call.started_at:
        call.started_at = report.started_at
        added.append("started_at")
    return added


def _add_agent(session: Session, held: Held, report: CallEnd, survey: Survey | None) -> list[str]:
    call = held.call
    if report.agent_id is not None and call.platform_agent_id is None and not report.handlers:
        given = {name: getattr(report, field) for name, field in _WHO.items() if getattr(report, field)}
        known = {"team": call.team, "vendor": call.vendor}
        # a team that was named before its agent stays
        name_agent(session, call, {k: v for k, v in given.items() if known.get(k) in (None, v)})
        return ["agent"]
    is_open = held.is_open
    changed = keep_handlers(session, held, known_handlers(session, call, report), survey)
    if changed and is_open:
        for name in _OWN:
            if (value := getattr(report, name)) is not None:
                setattr(call, name, value)
    return changed


def _wait_longer(session: Session, invitation: Invitation, message: Message, more: timedelta) -> None:
    message.not_after += more
    window = next_window(session, invitation, message, message.due_at + more)
    if window is None:
        return  # no lawful hour is left after it: rather a little early than never
    message.due_at, message.send_before = window.opens_at, window.closes_at
    invitation.due_at, invitation.not_after = window.opens_at, message.not_after
