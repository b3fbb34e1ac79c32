"""An ask that its account's limits have stopped where it was claimed goes another way, on another day, or not at
all."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.invitation import InvitationState, can_move
from app.domain.message import MessageState
from app.domain.sending_limits import COUNTRY_NOT_ALLOWED, DAILY_CAP
from app.flow.message_outcomes import forget_plans, note_expired
from app.flow.next_channel import ask_on_next_channel
from app.flow.reschedule import make_due, next_window
from app.store.accounts import get_account
from app.store.contacts import release_cooldown
from app.store.events import add_event
from app.store.facts import mark_call_stale
from app.store.invitations import Invitation
from app.store.messages import Message
from app.tally import happened

_TOO_LATE = {
    DAILY_CAP: "the account's daily cap was used up until it was too late",
    COUNTRY_NOT_ALLOWED: "the account sends nothing to its country any more",
}


def put_off(session: Session, invitation: Invitation, message: Message, now: datetime) -> None:
    """By the survey's next channel where one can reach them, else, stopped by a cap, at the next day's first lawful
    moment. Where that is too late, and nothing was tried, its call counts as skipped, as if the limit had been seen
    when it ended.

    The invitation keeps why, and what came of it. Callers hold both: invitation, then message.
    """
    zone = ZoneInfo(get_account(session, invitation.account_id).timezone)
    tomorrow = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    why, message.detail = message.detail or DAILY_CAP, None
    if _goes_on_by(invitation, message) and ask_on_next_channel(session, invitation, now):
        _take_back(session, message, why, now)
        _tell(session, invitation, why, now, instead=str(invitation.channel))
    elif _is_untried(invitation, message) and (
        why == COUNTRY_NOT_ALLOWED or next_window(session, invitation, message, tomorrow) is None
    ):
        _take_back(session, message, why, now)
        _skip(session, invitation, why, now)
    else:
        if why == COUNTRY_NOT_ALLOWED:
            forget_plans(message)
            note_expired(session, invitation, message, now)
        else:
            make_due(session, invitation, message, tomorrow, now)
        message.detail = message.detail or (None if message.state == MessageState.DUE else why)
        waits = message.state == MessageState.DUE
        _tell(session, invitation, why, now, **({"until": message.due_at.isoformat()} if waits else {}))
    session.flush()


def _goes_on_by(invitation: Invitation, message: Message) -> bool:
    """Whether the survey has no other way yet, and nothing of this one can have arrived."""
    return message.sender_id == invitation.sender_id and not message.doubted


def _is_untried(invitation: Invitation, message: Message) -> bool:
    return (
        invitation.state == InvitationState.SCHEDULED
        and invitation.asked_at is None
        and message.attempts == 0
        and _goes_on_by(invitation, message)
    )


def _take_back(session: Session, message: Message, why: str, now: datetime) -> None:
    forget_plans(message)
    message.state, message.ended_at, message.detail = MessageState.CANCELLED, now, why
    happened(session, "messages_ended", MessageState.CANCELLED)


def _skip(session: Session, invitation: Invitation, why: str, now: datetime) -> None:
    state = InvitationState.SKIPPED
    assert can_move(InvitationState(invitation.state), state)  # noqa: S101 - only scheduled ones come here
    _tell(session, invitation, why, now)
    invitation.decision = {**invitation.decision, "taken_back": _TOO_LATE[why]}
    invitation.state, invitation.skip_reason, invitation.channel = state, why, None
    invitation.ended_at = now
    session.flush()
    release_cooldown(session, invitation.account_id, invitation.id)
    mark_call_stale(session, invitation.account_id, invitation.call_id)
    happened(session, "invitations", state)
    add_event(
        session,
        invitation.account_id,
        "invitation.skipped",
        invitation.id,
        call_id=str(invitation.call_id),
        reason=why,
    )


def _tell(session: Session, invitation: Invitation, why: str, now: datetime, **what: Any) -> None:
    told = {"reason": why, "at": now.isoformat(), **what}
    before = invitation.decision.get("put_off", [])
    invitation.decision = {**invitation.decision, "put_off": [*before, told]}
    if what:
        add_event(session, invitation.account_id, "invitation.put_off", invitation.id, reason=why, **what)
