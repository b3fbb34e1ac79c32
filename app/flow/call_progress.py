"""A call that we made has ended, or goes on: what becomes of its ask, and whether the telephone rings once more."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.channels.twilio_voice import CallReport
from app.domain.callback import Ring, ring_again, ring_of
from app.domain.delivery import NextStep, Step
from app.domain.invitation import InvitationState
from app.flow.hang_up import close_now
from app.flow.message_outcomes import (
    is_of_another_request,
    note_accepted,
    note_doubled,
    note_failed,
    note_unheard,
)
from app.flow.reschedule import next_window
from app.log import get_logger
from app.store.base import database_now
from app.store.contacts import Contact
from app.store.invitations import Invitation, lock_invitation
from app.store.messages import Attempt, Message, add_message, find_by_provider_id, lock_message
from app.store.phone_surveys import phone_survey_of
from app.store.provider_events import keep_event
from app.store.senders import accounts_of_provider
from app.tally import happened

log = get_logger(__name__)

_UNHEARD = frozenset({InvitationState.SCHEDULED, InvitationState.ASKED, InvitationState.IN_DOUBT})


def record_call_report(
    session: Session, report: CallReport, *, account_id: UUID | None, attempt_id: UUID | None
) -> None:
    """`account_id`, `attempt_id`: from the callback's URL, whose signature covers them."""
    accounts = accounts_of_provider(session, report.account_sid)
    message = _message(session, report, accounts, account_id, attempt_id)
    if message is None:
        log.warning("a report of a call that we did not make", provider_id=report.call_sid)
        return
    invitation = lock_invitation(session, message.account_id, message.invitation_id)
    message = lock_message(session, message.account_id, message.id)
    now = database_now(session)
    event = keep_event(
        session,
        message.account_id,
        kind="call",
        event_key=f"{report.call_sid}:{report.status}",
        provider_id=report.call_sid,
        status=report.status,
    )
    if event is None:
        return
    event.applied_at, event.message_id, event.invitation_id = now, message.id, invitation.id
    happened(session, "receipts", report.status, None)
    if is_of_another_request(session, message, report.call_sid):
        return
    if message.provider_id not in (None, report.call_sid):
        note_doubled(session, message, report.call_sid)
        return
    note_accepted(session, invitation, message, provider_id=report.call_sid, now=now)
    phone = phone_survey_of(session, message.account_id, report.call_sid)
    answered_by = report.answered_by or (phone.answered_by if phone else None)
    ring = ring_of(report.status, answered_by, heard=phone is not None and bool(phone.step))
    if ring is None:
        return
    message.provider_status = report.status
    event.understood = ring
    if ring is Ring.HEARD:
        close_now(session, invitation, now)
    else:
        _end_ring(session, invitation, message, ring, now)
    log.info(
        "a call has ended",
        account_id=str(message.account_id),
        invitation_id=str(invitation.id),
        message_id=str(message.id),
        ring=ring,
    )


def _end_ring(session: Session, invitation: Invitation, message: Message, ring: Ring, now: datetime) -> None:
    """Nobody heard the survey: once more, or by the next channel, or it is over."""
    message.detail = ring
    if not _rings_again(session, invitation, message, ring, now):
        note_failed(session, invitation, message, NextStep(Step.FAILED), now)


def _rings_again(
    session: Session, invitation: Invitation, message: Message, ring: Ring, now: datetime
) -> bool:
    at = ring_again(ring, _rings(session, message), now)
    contact = session.get_one(Contact, (message.account_id, message.contact_id))
    if at is None or invitation.state not in _UNHEARD or contact.bars("ask"):
        return False
    window = next_window(session, invitation, message, at)
    if window is None:
        return False
    note_unheard(session, message, now)
    add_message(
        session,
        account_id=message.account_id,
        invitation_id=invitation.id,
        contact_id=message.contact_id,
        sender_id=message.sender_id,
        purpose="ask",
        question_key=message.question_key,
        language=message.language,
        wording_version=message.wording_version,
        body=message.body,
        due_at=window.opens_at,
        send_before=window.closes_at,
        not_after=message.not_after,
    )
    return True


def _rings(session: Session, message: Message) -> int:
    """How often the telephone has rung for this survey, this time included."""
    rings = session.scalar(
        select(func.count())
        .select_from(Message)
        .where(
            Message.account_id == message.account_id,
            Message.invitation_id == message.invitation_id,
            Message.sender_id == message.sender_id,
            Message.purpose == "ask",
        )
    )
    return rings or 0


def _message(
    session: Session,
    report: CallReport,
    accounts: list[UUID],
    account_id: UUID | None,
    attempt_id: UUID | None,
) -> Message | None:
    if account_id in accounts and attempt_id is not None:
        attempt = session.get(Attempt, (account_id, attempt_id))
        if attempt is not None:
            return session.get(Message, (account_id, attempt.message_id))
    return find_by_provider_id(session, accounts, report.call_sid)
