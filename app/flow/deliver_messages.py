"""A message went out: record what its request came to, and what follows from it.

What is plain is recorded for many messages at once; whatever is not, alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.parcel import TextParcel
from app.domain.delivery import (
    Action,
    NextStep,
    Outcome,
    SendResult,
    Step,
    after_send,
)
from app.domain.invitation import InvitationState
from app.domain.mail_codes import action_of
from app.domain.message import MessageState
from app.flow.apply_receipts import apply_waiting_receipts
from app.flow.envelopes import Envelope
from app.flow.message_outcomes import (
    forget_plans,
    note_accepted,
    note_answered,
    note_expired,
    note_failed,
    note_in_doubt,
    note_opted_out,
)
from app.flow.reschedule import make_due
from app.log import get_logger
from app.settings import CarrierLimits
from app.store.attempts import Acceptance, record_acceptances
from app.store.base import database_now
from app.store.contacts import Contact
from app.store.durability import commit_with_the_next
from app.store.invitations import Invitation, lock_invitation
from app.store.messages import Attempt, Message, attempts_of, lock_message
from app.tally import happened
from app.wording.texts import TextKey

log = get_logger(__name__)

_AGAIN = frozenset({Step.RETRY, Step.HOLD, Step.RESEND})
_HELD = frozenset({Action.CONFIGURATION, Action.STOP_CHANNEL})


@dataclass(frozen=True)
class Sent:
    """A request and what it came to."""

    envelope: Envelope
    result: SendResult


def record_results(session: Session, sent: Sequence[Sent]) -> set[UUID]:
    """Record many at once; the attempts that are recorded by it. All others go alone, by `record_result`."""
    plain = [
        Acceptance(
            one.envelope.claimed, one.envelope.attempt_id, one.result.provider_id, one.result.http_status
        )
        for one in sent
        if one.result.outcome is Outcome.ACCEPTED
        and one.result.provider_id is not None
        # more follows from a mail or a call than from a text: when it closes, what reminds of it
        and isinstance(one.envelope.parcel, TextParcel)
    ]
    # should a crash of the database undo it, the attempt is on disk, and is looked up at the carrier
    commit_with_the_next(session)
    recorded = record_acceptances(session, plain) if plain else {}
    for one in sent:
        if one.envelope.attempt_id in recorded:
            _log_step(one, MessageState.ACCEPTED)
    if recorded:
        happened(session, "attempts", Outcome.ACCEPTED, None, times=len(recorded))
        happened(session, "invitations", InvitationState.ASKED, times=sum(recorded.values()))
    return set(recorded)


def record_result(session: Session, envelope: Envelope, result: SendResult, limits: CarrierLimits) -> None:
    """Write what a request came to, and what follows from it for the message and its invitation."""
    claimed = envelope.claimed
    invitation = lock_invitation(session, claimed.account_id, claimed.invitation_id)
    message = lock_message(session, claimed.account_id, claimed.message_id)
    now = database_now(session)
    attempt = session.get_one(Attempt, (claimed.account_id, envelope.attempt_id))
    attempt.ended_at = now
    attempt.outcome = result.outcome
    attempt.http_status = result.http_status
    attempt.code = result.code
    attempt.provider_id = result.provider_id
    attempt.detail = result.detail or None
    if result.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN):
        note_crossing(session, message)
    if result.outcome is Outcome.ACCEPTED and result.provider_id is not None:
        note_accepted(session, invitation, message, provider_id=result.provider_id, now=now)
        apply_waiting_receipts(session, invitation, message, now)
    elif message.claim_id == claimed.claim_id and message.state == MessageState.CLAIMED:
        message.detail = result.detail or message.detail
        not_sent = result.outcome is Outcome.NOT_SENT
        step = after_send(
            result,
            attempts=count_attempts(session, message, of_those_not_sent=not_sent),
            now=now,
            not_after=message.not_after,
            message_id=message.id,
            first_look_seconds=limits.first_look_seconds,
            askable=envelope.askable,
        )
        take_step(session, invitation, message, step, now)
    happened(session, "attempts", result.outcome, result.code)
    _log_step(Sent(envelope, result), message.state)


def count_attempts(session: Session, message: Message, *, of_those_not_sent: bool = False) -> int:
    """How many requests count for the cap: not those that never left, nor those held for a configuration error.

    Or how many never left: they are in no cap, but an outage must not be knocked at every few seconds.
    """
    attempts = [
        attempt
        for attempt in attempts_of(session, message.account_id, [message.id])
        # a person who has it sent again begins anew
        if message.resend_asked_at is None or attempt.started_at >= message.resend_asked_at
    ]
    not_sent = [attempt for attempt in attempts if attempt.outcome == Outcome.NOT_SENT]
    if of_those_not_sent:
        return len(not_sent)
    held = [
        attempt
        for attempt in attempts
        if attempt.outcome == Outcome.REJECTED and action_of(attempt.code, attempt.http_status) in _HELD
    ]
    return len(attempts) - len(not_sent) - len(held)


def note_crossing(session: Session, message: Message) -> None:
    """Count a text whose request was under way when its customer opted out."""
    opted_out_at = session.scalar(
        select(Contact.opted_out_at).where(
            Contact.account_id == message.account_id, Contact.id == message.contact_id
        )
    )
    if opted_out_at is not None and message.purpose != TextKey.STOPPED:
        message.crossed_opt_out = True


def _log_step(sent: Sent, state: str) -> None:
    claimed, result = sent.envelope.claimed, sent.result
    log.info(
        "message attempted",
        account_id=str(claimed.account_id),
        invitation_id=str(claimed.invitation_id),
        message_id=str(claimed.message_id),
        attempt_id=str(sent.envelope.attempt_id),
        outcome=result.outcome.value,
        code=result.code,
        http_status=result.http_status,
        state=state,
        detail=result.detail,
    )


def take_step(
    session: Session, invitation: Invitation, message: Message, step: NextStep, now: datetime
) -> None:
    """Do what the rules said."""
    if step.alarm:
        log.error(
            "the carrier refuses until an operator acts",
            account_id=str(message.account_id),
            message_id=str(message.id),
            code=step.code,
            action=step.action,
        )
    if step.step in _AGAIN and message.purpose == "ask" and invitation.delivered_at is not None:
        # the customer has answered it meanwhile: it arrived, whatever the carrier says
        note_answered(message)
        return
    match step.step:
        case Step.RETRY | Step.HOLD | Step.RESEND:
            message.error_code = step.code or message.error_code
            message.resent = message.resent or step.step is Step.RESEND
            message.empty_looks = 0
            if step.step is not Step.RESEND:
                # a request was made and recorded: this claim did not kill its worker
                message.claims = 0
            make_due(session, invitation, message, step.at or now, now)
        case Step.LOOK:
            forget_plans(message)
            message.state = MessageState.UNKNOWN
            message.next_look_at = step.at
        case Step.FAILED:
            note_failed(session, invitation, message, step, now)
        case Step.OPT_OUT:
            note_opted_out(session, invitation, message, step, now)
        case Step.EXPIRED:
            note_expired(session, invitation, message, now)
        case Step.IN_DOUBT:
            note_in_doubt(session, invitation, message, now)
        case Step.ACCEPTED | Step.DELIVERED:
            raise AssertionError("an acceptance is recorded with its provider id")
