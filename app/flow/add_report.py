"""One more report of a call that is known: it adds what was not known, and never contradicts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.call import MOST_ATTRIBUTES, MOST_TAGS, CallEnd
from app.domain.invitation import PENDING
from app.domain.message import MessageState
from app.domain.roster import ReportedAgent, attribute, sat_at
from app.flow.attribution import name_agent, write_attribution
from app.flow.reschedule import next_window
from app.store.base import database_now
from app.store.calls import Call
from app.store.facts import mark_stale
from app.store.invitations import Invitation, lock_invitation_of_call
from app.store.messages import Message, lock_message
from app.store.roster import find_entry_at

_ADDED = (
    "answered_at",
    "talk_seconds",
    "wait_seconds",
    "hold_seconds",
    "wrap_seconds",
    "ended_by",
    "transferred_from",
    "queue",
    "contact_reason",
    "customer_ref",
    "language",
    "timezone",
)
_WHO = {"id": "agent_id", "name": "agent_name", "team": "team", "vendor": "vendor"}


def add_report(
    session: Session, account_id: UUID, call_id: UUID, report: CallEnd, zone: ZoneInfo
) -> list[str]:
    """The names of what is known now and was not: known over null. The decision to ask is not retaken.

    Until the first message has gone, a leg that ended later is the call's end, and its agent the call's: the
    message waits accordingly. `zone`: the account's.
    """
    # answers hold this lock too: none can be counted where the call is just being taken from
    invitation = lock_invitation_of_call(session, account_id, call_id)
    call = session.get_one(Call, (account_id, call_id), populate_existing=True)
    before = (call.agent_id, call.ended_on)
    added = [
        *_add_end(session, call, invitation, report, zone),
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


def _add_end(
    session: Session, call: Call, invitation: Invitation, report: CallEnd, zone: ZoneInfo
) -> list[str]:
    """Who took it, and when it was over."""
    message = _first_message(session, invitation) if report.ended_at > call.ended_at else None
    is_last = report.ended_at > call.ended_at and (message is not None or invitation.state == "skipped")
    added = _add_agent(session, call, report, is_last=is_last)
    if is_last:
        if message is not None:
            _wait_longer(session, invitation, message, report.ended_at - call.ended_at)
        call.ended_at = report.ended_at
        call.ended_on = report.ended_at.astimezone(zone).date()
        added.append("ended_at")
    if report.started_at < call.started_at:
        call.started_at = report.started_at
        added.append("started_at")
    return added


def _add_agent(session: Session, call: Call, report: CallEnd, *, is_last: bool) -> list[str]:
    if report.agent_id is None or report.agent_id == call.platform_agent_id:
        return []
    if call.platform_agent_id is None:
        given = {name: getattr(report, field) for name, field in _WHO.items() if getattr(report, field)}
        known = {"team": call.team, "vendor": call.vendor}
        # a team that was named before its agent stays
        name_agent(session, call, {k: v for k, v in given.items() if known.get(k) in (None, v)})
        return ["agent"]
    if is_last:
        call.transferred_from = call.platform_agent_id
        said = ReportedAgent(report.agent_id, report.agent_name, report.team, report.vendor)
        sat = sat_at(report.answered_at, report.started_at)
        entry, rostered = find_entry_at(session, call.account_id, call.source, report.agent_id, sat)
        write_attribution(call, said, attribute(said, entry, rostered=rostered))
        return ["agent", "transferred_from"]
    if report.ended_at < call.ended_at and call.transferred_from is None:
        call.transferred_from = report.agent_id
        return ["transferred_from"]
    return []


def _first_message(session: Session, invitation: Invitation) -> Message | None:
    """The ask, while it has not gone: ours alone then."""
    if invitation.state not in PENDING:
        return None
    message_id = session.scalar(
        select(Message.id).where(
            Message.account_id == invitation.account_id,
            Message.invitation_id == invitation.id,
            Message.purpose == "ask",
            Message.state == MessageState.DUE,
        )
    )
    if message_id is None:
        return None
    message = lock_message(session, invitation.account_id, message_id)
    return message if message.state == MessageState.DUE and not message.attempts else None


def _wait_longer(session: Session, invitation: Invitation, message: Message, more: timedelta) -> None:
    message.not_after += more
    window = next_window(session, invitation, message, message.due_at + more)
    if window is None:
        return  # no lawful hour is left after it: rather a little early than never
    message.due_at, message.send_before = window.opens_at, window.closes_at
    invitation.due_at, invitation.not_after = window.opens_at, message.not_after
