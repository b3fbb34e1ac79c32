"""A person has a text sent again that the machine won't, or closes it: decided under the locks, and audited."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.phone import read_phone
from app.domain.invitation import InvitationState
from app.domain.message import MessageState
from app.domain.questionnaire import Survey
from app.domain.resending import BY_HAND, Case, why_not_close, why_not_resend
from app.domain.text import clean, without_addresses
from app.errors import Conflict, NotFound
from app.flow.answer_sheet import read_sheet
from app.flow.message_outcomes import forget_plans, keep_answerable, move_invitation
from app.flow.next_channel import go_on_by
from app.flow.read_messages import CLOSED, RESENT, read_message
from app.flow.reschedule import next_window
from app.flow.views import iso
from app.log import get_logger
from app.store.audit import add_audit_of, audited_of
from app.store.base import database_now
from app.store.calls import Call
from app.store.contacts import Contact, address_of, end_open_survey, release_cooldown, why_barred
from app.store.events import add_event
from app.store.facts import mark_call_stale
from app.store.holds import hold_again
from app.store.invitations import Invitation, lock_invitation
from app.store.messages import Attempt, Message, attempts_of, lock_message, messages_of
from app.store.senders import sender_facts, sender_is_active
from app.tally import happened

log = get_logger(__name__)

_UNDER_WAY = frozenset(MessageState) - BY_HAND - {MessageState.EXPIRED, MessageState.CANCELLED}
_MAY_REACH = _UNDER_WAY | {MessageState.IN_DOUBT}
# requests that leave nothing with the customer
_WITHOUT_EFFECT = frozenset({"rejected", "not_sent"})
_LONGEST_REASON = 500


def resend_by_hand(
    session: Session, *, account_id: UUID, actor: str, message_id: UUID, reason: str | None = None
) -> dict[str, Any]:
    """Let it be due again, at the next lawful moment within the survey's terms, with what was counted set back.

    The same again while it is on its way or has got through changes nothing. The message as it then stands.
    Raises NotFound, and Conflict with the reason where it can't be sent again.
    """
    invitation, message = _hold(session, account_id, message_id)
    state = MessageState(message.state)
    if message.resend_asked_at is not None and state in _UNDER_WAY:
        return read_message(session, account_id=account_id, message_id=message_id)
    now = database_now(session)
    survey = read_sheet(session, invitation).survey
    case = _case(session, invitation, message, survey, now)
    if why := why_not_resend(case):
        raise _refusal(why)
    was, since = _as_it_was(message), message.resend_asked_at
    # a person's decision comes at our hour: the lawful ones hold for every text of it
    message.resend_asked_at, message.not_after = now, case.until or now
    window = next_window(session, invitation, message, now)
    if window is None:
        raise _refusal(f"no lawful hour is left before {iso(message.not_after)}, when its survey's terms end")
    if message.purpose == "ask":
        held = hold_again(session, account_id, invitation.id, survey)
        if why := why_not_resend(replace(case, **held._asdict())):
            raise _refusal(why)
        sender = sender_facts(session, account_id, message.sender_id)
        go_on_by(session, invitation, message, sender.channel)
        _begin_again(session, invitation, window.opens_at, message.not_after)
    _reset(session, message, state, since)
    message.due_at, message.send_before = window.opens_at, window.closes_at
    happened(session, "resends", state)
    _tell(session, invitation, message, _Decision(actor, RESENT, was, reason))
    return read_message(session, account_id=account_id, message_id=message_id)


def close_by_hand(
    session: Session, *, account_id: UUID, actor: str, message_id: UUID, reason: str | None = None
) -> dict[str, Any]:
    """End it for good. Where the customer may have it, their answer is still taken until the survey's time is over;
    where nothing can have reached them, they are free for the next call.

    The same again changes nothing. Raises NotFound, and Conflict with the reason where it can't be closed.
    """
    invitation, message = _hold(session, account_id, message_id)
    state = MessageState(message.state)
    if state is MessageState.CANCELLED and _is_closed(session, message):
        return read_message(session, account_id=account_id, message_id=message_id)
    if why := why_not_close(state):
        raise Conflict(f"This message can't be closed: {why}.")
    now = database_now(session)
    was = _as_it_was(message)
    message.state = MessageState.CANCELLED
    message.ended_at = now
    forget_plans(message)
    if message.purpose == "ask":
        _end_survey(session, invitation, message, state, now)
    if state is not MessageState.FAILED:  # counted when it failed
        happened(session, "messages_ended", MessageState.CANCELLED)
    _tell(session, invitation, message, _Decision(actor, CLOSED, was, reason))
    return read_message(session, account_id=account_id, message_id=message_id)


def _hold(session: Session, account_id: UUID, message_id: UUID) -> tuple[Invitation, Message]:
    """Both, ours alone: invitation, then message, as all who lock both. Raises NotFound."""
    invitation_id = session.scalar(
        select(Message.invitation_id).where(Message.account_id == account_id, Message.id == message_id)
    )
    if invitation_id is None:
        raise NotFound("No such message")
    invitation = lock_invitation(session, account_id, invitation_id)
    return invitation, lock_message(session, account_id, message_id)


def _refusal(reason: str) -> Conflict:
    return Conflict(f"This message can't be sent again: {reason}.")


def _case(session: Session, invitation: Invitation, message: Message, survey: Survey, now: datetime) -> Case:
    sheet = read_sheet(session, invitation)
    asked_otherwise = False
    if message.purpose == "ask":
        asked_otherwise = any(
            other.id != message.id and other.purpose == "ask" and other.state in _MAY_REACH
            for other in messages_of(session, message.account_id, invitation.id)
        )
        answered = invitation.responded_at is not None or invitation.delivered_at is not None
    else:
        answered = sheet.waiting != message.question_key
    contact = session.get_one(Contact, (message.account_id, message.contact_id))
    # kept before the number was known to be one
    premium = contact.kind == "phone" and read_phone(address_of(session, contact)).problem == "premium"
    return Case(
        state=MessageState(message.state),
        purpose=message.purpose,
        code=message.error_code,
        survey=InvitationState(invitation.state),
        now=now,
        until=_until(session, invitation, message, survey, now),
        answered=answered,
        asked_otherwise=asked_otherwise,
        opted_out=sheet.opted_out,
        barred=why_barred(session, message.account_id, message.contact_id, message.purpose) is not None,
        premium=premium,
        sender_active=sender_is_active(session, message.account_id, message.sender_id),
    )


def _until(
    session: Session, invitation: Invitation, message: Message, survey: Survey, now: datetime
) -> datetime | None:
    """As long as a first text may wait, and never beyond the time when answers to it would be taken."""
    if message.purpose == "ask":
        call = session.get_one(Call, (invitation.account_id, invitation.call_id))
        last = call.ended_at + timedelta(seconds=survey.send_within_seconds + survey.answer_within_seconds)
    elif invitation.close_at is not None:
        last = invitation.close_at
    else:
        return None
    return min(last, now + timedelta(seconds=survey.send_within_seconds))


def _begin_again(session: Session, invitation: Invitation, due_at: datetime, not_after: datetime) -> None:
    """The survey waits for its first text once more."""
    if invitation.state != InvitationState.SCHEDULED:
        invitation.state = InvitationState.SCHEDULED
        happened(session, "invitations", InvitationState.SCHEDULED)
        add_event(session, invitation.account_id, "invitation.scheduled", invitation.id)
    invitation.due_at, invitation.not_after = due_at, not_after
    invitation.close_at = invitation.ended_at = None
    mark_call_stale(session, invitation.account_id, invitation.call_id)


def _reset(session: Session, message: Message, was: MessageState, since: datetime | None) -> None:
    """As it was written, but for its earlier requests, which stay as they are."""
    if message.provider_id is not None:
        _keep_with_its_request(session, message, since)
    message.state = MessageState.DUE
    # quarantined ones had no request that is unclear; one doubted before stays so until something is known
    message.doubted = message.doubted or was is MessageState.IN_DOUBT
    message.claims = message.empty_looks = 0
    message.resent = False
    message.provider_id = message.provider_status = None
    message.error_code = message.detail = None
    message.accepted_at = message.delivered_at = message.ended_at = None
    forget_plans(message)


def _keep_with_its_request(session: Session, message: Message, since: datetime | None) -> None:
    """Receipts of what was given up may still come, and must not be taken for the next one's."""
    attempts = attempts_of(session, message.account_id, [message.id])
    if any(attempt.provider_id == message.provider_id for attempt in attempts):
        return
    nameless = [
        one for one in attempts if one.provider_id is None and (since is None or one.started_at >= since)
    ]
    for attempt in nameless[-1:]:
        attempt.provider_id = message.provider_id


def _end_survey(
    session: Session, invitation: Invitation, message: Message, was: MessageState, now: datetime
) -> None:
    if was is MessageState.IN_DOUBT or message.doubted:
        # the customer may have it: as if nobody had closed it, until the time to answer is over
        if invitation.close_at is not None or keep_answerable(session, invitation, now):
            return
        _cancel(session, invitation, now, may_have_arrived=True)
    elif was is MessageState.QUARANTINED:
        attempts = attempts_of(session, message.account_id, [message.id])
        _cancel(session, invitation, now, may_have_arrived=_may_have_arrived(invitation, attempts))


def _may_have_arrived(invitation: Invitation, attempts: list[Attempt]) -> bool:
    return invitation.asked_at is not None or any(one.outcome not in _WITHOUT_EFFECT for one in attempts)


def _cancel(session: Session, invitation: Invitation, now: datetime, *, may_have_arrived: bool) -> None:
    if not move_invitation(session, invitation, InvitationState.CANCELLED):
        return
    invitation.ended_at = now
    invitation.close_at = None
    session.flush()
    (end_open_survey if may_have_arrived else release_cooldown)(session, invitation.account_id, invitation.id)
    mark_call_stale(session, invitation.account_id, invitation.call_id)


def _is_closed(session: Session, message: Message) -> bool:
    return any(audit.action == CLOSED for audit in audited_of(session, message.account_id, [message.id]))


def _as_it_was(message: Message) -> dict[str, Any]:
    return {
        "status": message.state,
        "at": iso(message.ended_at),
        "code": message.error_code,
        "detail": message.detail,
        "provider_id": message.provider_id,
        "attempts": message.attempts,
    }


@dataclass(frozen=True)
class _Decision:
    """Who decided what about a message, and why. `was`: the message before it."""

    actor: str
    action: str
    was: dict[str, Any]
    reason: str | None


def _tell(session: Session, invitation: Invitation, message: Message, decision: _Decision) -> None:
    session.flush()
    was, reason = decision.was, decision.reason
    detail = {
        "message_id": str(message.id),
        "invitation_id": str(invitation.id),
        "was": was,
        # people write what they see: no number of a customer is kept by it
        "reason": without_addresses(clean(reason, _LONGEST_REASON)) if reason else None,
    }
    subject = message.account_id, message.id
    add_audit_of(session, subject, decision.actor, decision.action, detail)
    add_event(session, message.account_id, decision.action, message.id, was=was["status"])
    log.info(
        "a person decided about a message",
        action=decision.action,
        actor=decision.actor,
        account_id=str(message.account_id),
        invitation_id=str(invitation.id),
        message_id=str(message.id),
        was=was["status"],
    )
