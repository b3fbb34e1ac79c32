"""What a worker left behind: lapsed claims, closed windows, and sends whose outcome only the carrier knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.parcel import GatewaySender
from app.channels.twilio import TwilioSender, match
from app.channels.twilio_listing import Listed
from app.domain.channel import Channel
from app.domain.delivery import (
    EMPTY_LOOKS,
    MAX_CLAIMS,
    SUSPECT_CLAIMS,
    NextStep,
    Outcome,
    Step,
    after_look,
    back_off,
)
from app.domain.message import MessageState
from app.domain.sending_limits import STOPS
from app.errors import ProviderUnreadable
from app.flow.apply_receipts import apply_status, apply_waiting_receipts
from app.flow.deliver_messages import count_attempts, note_crossing, take_step
from app.flow.envelopes import text_of_message, twilio_sender
from app.flow.gateway_texts import GATEWAY, gateway_sender
from app.flow.message_outcomes import (
    forget_plans,
    is_of_another_request,
    note_accepted,
    note_expired,
)
from app.flow.put_off import put_off
from app.flow.reschedule import make_due
from app.log import get_logger
from app.settings import CarrierLimits
from app.store.base import database_now, keyring
from app.store.claims import MessageRef
from app.store.contacts import Contact, address_of
from app.store.invitations import Invitation, lock_invitation
from app.store.messages import Message, attempts_of, lock_message, open_attempt
from app.store.senders import accounts_of_provider, sender_facts
from app.tally import happened

log = get_logger(__name__)

_UNCLEAR = frozenset({MessageState.UNKNOWN, MessageState.IN_DOUBT})
_LOOKS = {None: "unreadable", True: "found", False: "empty"}


def recover_lapsed(session: Session, ref: MessageRef, limits: CarrierLimits) -> None:
    """A claim ran out with its worker gone: without an attempt nothing left, with one it is unknown."""
    invitation = lock_invitation(session, ref.account_id, ref.invitation_id)
    message = lock_message(session, ref.account_id, ref.message_id)
    now = database_now(session)
    if message.state != MessageState.CLAIMED or message.lease_until is None or message.lease_until >= now:
        return  # its worker came back, or another sweep was first
    assert message.claim_id is not None  # noqa: S101 - claimed
    attempt = open_attempt(session, ref.account_id, ref.message_id, message.claim_id)
    if attempt is not None:
        attempt.outcome = Outcome.UNKNOWN
        attempt.ended_at = now
        attempt.detail = "the worker ended before it recorded the answer"
        note_crossing(session, message)
        # should it go again, then by itself: it or what was beside it may be what ended the worker
        message.claims = max(message.claims, SUSPECT_CLAIMS)
        take_step(session, invitation, message, _after_loss(session, message, now + limits.first_look), now)
    elif message.claims >= MAX_CLAIMS:
        forget_plans(message)
        message.state = MessageState.QUARANTINED
        log.error(
            "a message is set aside: claiming it keeps ending the worker",
            account_id=str(ref.account_id),
            message_id=str(ref.message_id),
        )
    else:
        make_due(session, invitation, message, _again_at(message, now), now)


def _after_loss(session: Session, message: Message, look_at: datetime) -> NextStep:
    """A request may have been made: its provider is asked where it can be."""
    sender = sender_facts(session, message.account_id, message.sender_id)
    return NextStep(Step.LOOK, at=look_at) if sender.is_askable else NextStep(Step.IN_DOUBT)


def _again_at(message: Message, now: datetime) -> datetime:
    """At once, until it was lost with nothing beside it: then it may be what ends workers, and gives them time."""
    alone = message.claims - SUSPECT_CLAIMS
    return now if alone < 1 else now + back_off(alone, message.id)


def recover_overdue(session: Session, ref: MessageRef) -> None:
    """Its window closed before it could go, for the night, by an opt-out or a limit: the next one, or the end."""
    invitation = lock_invitation(session, ref.account_id, ref.invitation_id)
    message = lock_message(session, ref.account_id, ref.message_id)
    now = database_now(session)
    if message.state == MessageState.QUARANTINED and message.not_after <= now:
        note_expired(session, invitation, message, now)
    elif message.state == MessageState.DUE and message.send_before <= now and message.detail in STOPS:
        put_off(session, invitation, message, now)
    elif message.state == MessageState.DUE and message.send_before <= now:
        make_due(session, invitation, message, now, now)


@dataclass(frozen=True)
class Inquiry:
    """What to ask the carrier about a message of unknown fate.

    `mark`: what the message's next look is put off to meanwhile; when it has changed, another worker has asked too.
    `gateway` is asked by `references`, one for each request that came to no clear end; everybody else by the rest.
    """

    ref: MessageRef
    channel: Channel
    sender: TwilioSender
    to: str
    body: str
    token: str | None
    since: datetime
    until: datetime
    mark: datetime | None
    gateway: GatewaySender | None
    references: tuple[str, ...]


def prepare_look(session: Session, ref: MessageRef) -> Inquiry | None:
    """None when the message is neither unknown nor in doubt any more. Raises ProviderUnreadable for a provider that
    can't be asked, after a restore for example."""
    message = session.get(Message, (ref.account_id, ref.message_id))
    if message is None or message.state not in _UNCLEAR:
        return None
    attempts = attempts_of(session, ref.account_id, [ref.message_id])
    contact = session.get_one(Contact, (ref.account_id, message.contact_id))
    if not contact.address:
        raise ProviderUnreadable("its customer was forgotten, so there is no number to ask about")
    link = message.token_hash
    sender = sender_facts(session, ref.account_id, message.sender_id)
    references = tuple(attempt.id.hex for attempt in attempts if attempt.outcome == Outcome.UNKNOWN)
    if not sender.is_askable or (sender.provider == GATEWAY and not references):
        raise ProviderUnreadable("its provider can't be asked what it has taken")
    return Inquiry(
        ref=ref,
        channel=sender.channel,
        sender=twilio_sender(sender),
        to=address_of(session, contact),
        # the public address may have changed since: a text with a link is known by its token alone
        body=text_of_message(session, message.id, message.body, link, ""),
        token=keyring(session).token(message.id, link) if link else None,
        # without an attempt: from a back-up that was made before its request
        since=attempts[0].started_at if attempts else message.created_at,
        until=database_now(session),
        mark=message.next_look_at,
        gateway=gateway_sender(sender) if sender.provider == GATEWAY else None,
        references=references,
    )


def record_look(
    session: Session, inquiry: Inquiry, listed: Sequence[Listed] | None, limits: CarrierLimits
) -> None:
    """Write what the listing showed; `listed` is None when it could not be had or trusted."""
    ref = inquiry.ref
    invitation = lock_invitation(session, ref.account_id, ref.invitation_id)
    message = lock_message(session, ref.account_id, ref.message_id)
    now = database_now(session)
    found = None if listed is None else _find(session, message, inquiry, listed)
    log.info(
        "message looked up",
        account_id=str(ref.account_id),
        message_id=str(ref.message_id),
        readable=listed is not None,
        found=found is not None,
    )
    happened(session, "looks", _LOOKS[None if listed is None else found is not None])
    if found is not None:
        was_in_doubt = message.state == MessageState.IN_DOUBT
        # also when it has been made due again meanwhile: that is the moment to find it
        note_accepted(session, invitation, message, provider_id=found.provider_id, now=now)
        apply_waiting_receipts(session, invitation, message, now)
        if was_in_doubt:
            # its receipts may have come while nobody was there, hours ago, and do not come again
            apply_status(session, invitation, message, status=found.status, code=found.error_code, now=now)
    elif message.state == MessageState.IN_DOUBT and message.next_look_at == inquiry.mark:
        if listed is not None:
            _note_absence(session, invitation, message, now, limits)
    elif message.state == MessageState.UNKNOWN and message.next_look_at == inquiry.mark:
        message.empty_looks += listed is not None
        _decide(session, invitation, message, now, limits, readable=listed is not None)


def _note_absence(
    session: Session, invitation: Invitation, message: Message, now: datetime, limits: CarrierLimits
) -> None:
    """The carrier has nothing of what is in doubt: told twice, it has expired, and nothing is sent."""
    message.empty_looks += 1
    if message.empty_looks < EMPTY_LOOKS:
        message.next_look_at = now + timedelta(seconds=limits.second_look_seconds)
    else:
        message.doubted = False
        note_expired(session, invitation, message, now)


def record_no_look(session: Session, ref: MessageRef, limits: CarrierLimits) -> None:
    """The question could not even be put: as good as a listing that can't be read."""
    invitation = lock_invitation(session, ref.account_id, ref.invitation_id)
    message = lock_message(session, ref.account_id, ref.message_id)
    if message.state == MessageState.UNKNOWN:
        _decide(session, invitation, message, database_now(session), limits, readable=False)


def _decide(
    session: Session,
    invitation: Invitation,
    message: Message,
    now: datetime,
    limits: CarrierLimits,
    *,
    readable: bool,
) -> None:
    if message.empty_looks >= EMPTY_LOOKS:
        # of all its requests: also of those before a person had it sent again
        message.doubted = False
    step = after_look(
        False if readable else None,
        empty_looks=message.empty_looks,
        resent=message.resent,
        attempts=count_attempts(session, message),
        now=now,
        not_after=message.not_after,
        second_look_seconds=limits.second_look_seconds,
    )
    take_step(session, invitation, message, step, now)


def _find(session: Session, message: Message, inquiry: Inquiry, listed: Sequence[Listed]) -> Listed | None:
    """The one that is the message, and that no other message of anybody at that carrier account is."""
    owned = session.scalars(
        select(Message.provider_id).where(
            Message.account_id.in_(accounts_of_provider(session, inquiry.sender.account_sid)),
            Message.provider_id.in_([one.provider_id for one in listed]),
            Message.id != inquiry.ref.message_id,
        )
    )
    # what the carrier took and could not deliver, before a person had it sent again, is not this request
    given_up = [one.provider_id for one in listed if is_of_another_request(session, message, one.provider_id)]
    if inquiry.gateway is not None:
        return next((one for one in listed if one.provider_id not in given_up), None)
    return match(
        listed,
        to=inquiry.to,
        sender=inquiry.sender,
        body=inquiry.body,
        token=inquiry.token,
        owned={*given_up, *(provider_id for provider_id in owned if provider_id is not None)},
    )
