"""A message goes out: prepare one request, record what it came to, and settle what was left unclear.

Each function is one unit of work; the network is asked between them, with no transaction open.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.twilio import TwilioSender
from app.domain.delivery import (
    Action,
    NextStep,
    Outcome,
    SendResult,
    Step,
    after_send,
    classify,
)
from app.domain.message import MessageState
from app.flow.apply_receipts import apply_waiting_receipts
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
from app.store.base import database_now, keyring
from app.store.claims import Claimed, begin_attempt, give_back
from app.store.contacts import Contact, address_of
from app.store.invitations import Invitation, lock_invitation
from app.store.messages import Attempt, Message, attempts_of, lock_message
from app.store.senders import SenderFacts, sender_facts
from app.wording.texts import TextKey

log = get_logger(__name__)

_AGAIN = frozenset({Step.RETRY, Step.HOLD, Step.RESEND})
_HELD = frozenset({Action.CONFIGURATION, Action.STOP_CHANNEL})

# a carrier's queue needs some seconds even for a text that leaves just before its window closes
_LEAST_VALID_SECONDS = 60
# a worker too slow to use its lease would claim the same message again at once
_GIVE_BACK_SECONDS = 1.0


@dataclass(frozen=True)
class Envelope:
    """Everything that a request to the carrier needs; its attempt is committed."""

    claimed: Claimed
    attempt_id: UUID
    sender: TwilioSender
    to: str
    body: str
    status_callback: str
    valid_seconds: int


def carrier_sender(sender: SenderFacts) -> TwilioSender:
    return TwilioSender(
        account_sid=sender.provider_account,
        auth_token=sender.auth_token,
        number=sender.number,
        messaging_service=sender.messaging_service,
    )


def text_of_message(
    session: Session, message_id: UUID, body: str, token_hash: bytes | None, public_url: str
) -> str:
    """The text as it goes over the wire: with its link, which is derived again at each request."""
    if token_hash is None:
        return body
    return f"{body} {public_url}/s/{keyring(session).token(message_id, token_hash)}"


def prepare_send(
    session: Session, claimed: Claimed, *, limits: CarrierLimits, public_url: str
) -> Envelope | None:
    """Commit right after it: the attempt has to be on disk before the request leaves.

    None when the claim is not ours any more, what is left of its lease too short, or the message's window closed:
    nothing is sent.
    """
    contact = session.get_one(Contact, (claimed.account_id, claimed.contact_id))
    to = address_of(session, contact)
    sender = sender_facts(session, claimed.account_id, claimed.sender_id)
    body = text_of_message(session, claimed.message_id, claimed.body, claimed.token_hash, public_url)
    left = claimed.send_before - database_now(session)
    attempt_id = begin_attempt(session, claimed, limits.connect_seconds + limits.read_seconds)
    if attempt_id is None:
        give_back(session, claimed, wait_seconds=_GIVE_BACK_SECONDS)
        return None
    return Envelope(
        claimed=claimed,
        attempt_id=attempt_id,
        sender=carrier_sender(sender),
        to=to,
        body=body,
        status_callback=(
            f"{public_url}/hooks/twilio/status?account={claimed.account_id}&attempt={attempt_id}"
        ),
        valid_seconds=max(int(left.total_seconds()), _LEAST_VALID_SECONDS),
    )


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
        )
        take_step(session, invitation, message, step, now)
    _log_step(message, envelope.attempt_id, result)


def count_attempts(session: Session, message: Message, *, of_those_not_sent: bool = False) -> int:
    """How many requests count for the cap: not those that never left, nor those held for a configuration error.

    Or how many never left: they are in no cap, but an outage must not be knocked at every few seconds.
    """
    attempts = attempts_of(session, message.account_id, [message.id])
    not_sent = [attempt for attempt in attempts if attempt.outcome == Outcome.NOT_SENT]
    if of_those_not_sent:
        return len(not_sent)
    held = [
        attempt
        for attempt in attempts
        if attempt.outcome == Outcome.REJECTED and classify(attempt.code, attempt.http_status) in _HELD
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


def _log_step(message: Message, attempt_id: UUID, result: SendResult) -> None:
    log.info(
        "message attempted",
        account_id=str(message.account_id),
        invitation_id=str(message.invitation_id),
        message_id=str(message.id),
        attempt_id=str(attempt_id),
        outcome=result.outcome.value,
        code=result.code,
        http_status=result.http_status,
        state=message.state,
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
