"""What follows from how a first message fared: the next channel where one can't reach the customer; a reminder."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.channels.phone import read_phone
from app.domain.candidate import Phone
from app.domain.channel import CONTACT_KIND, Channel
from app.domain.invitation import ANSWERABLE, InvitationState
from app.domain.questionnaire import Survey
from app.domain.send_hours import Window, hours_for, slot, zones_of
from app.domain.sending_limits import LIMITED
from app.flow.first_message import first_message
from app.flow.keep_to_limits import count, is_within_limits
from app.ids import new_id
from app.log import get_logger
from app.store.accounts import Account, get_account
from app.store.base import keyring
from app.store.calls import Call
from app.store.contacts import Contact, address_of
from app.store.invitations import Invitation
from app.store.keyring import hash_token
from app.store.messages import Message, add_message, messages_of, take_back_asks
from app.store.senders import SenderFacts, senders_of_account
from app.store.surveys import survey_version
from app.tally import happened
from app.wording.catalogue import wording_version

log = get_logger(__name__)

# by which we ask of ourselves: in a call its platform brings the customer, a link its client delivers
_OURS = frozenset({Channel.SMS, Channel.EMAIL, Channel.CALLBACK})
_UNANSWERED = frozenset({InvitationState.SCHEDULED, InvitationState.ASKED})


@dataclass(frozen=True)
class _Case:
    """An invitation with all that decides how it goes on."""

    invitation: Invitation
    account: Account
    call: Call
    survey: Survey
    phone: Phone

    @property
    def not_after(self) -> datetime:
        return self.call.ended_at + timedelta(seconds=self.survey.send_within_seconds)

    def window(self, channel: Channel, at: datetime, not_after: datetime) -> Window | None:
        zones = zones_of(self.call.timezone, self.phone.timezones, self.account.timezone)
        hours = hours_for(self.phone.region, self.survey.send_hours, channel, self.account.holidays)
        return slot(at, zones, hours, not_after)

    def questions(self, channel: Channel) -> list[str]:
        left_out = self.invitation.decision.get("left_out", {})
        order = self.survey.order(channel, self.phone.region)
        return [key for key in order if key not in left_out] or list(order)


def ask_on_next_channel(session: Session, invitation: Invitation, now: datetime) -> bool:
    """Ask by the next of the survey's channels that may reach the customer within the survey's time.

    False, and nothing done, where there is none, or where something has been answered.
    """
    if invitation.state not in _UNANSWERED or invitation.survey_key is None or invitation.channel is None:
        return False
    case = _case(session, invitation)
    senders = senders_of_account(session, invitation.account_id)
    # a survey is one, by however many channels it is begun
    is_counted = Channel(invitation.channel) in LIMITED
    for way in case.survey.ways_after(Channel(invitation.channel)):
        sender, contact = senders.get(way.channel), _contact(session, case.call, way.channel)
        if (
            way.channel not in _OURS
            or sender is None
            or contact is None
            or not _may_go_to(session, case, contact)
        ):
            continue
        if not is_within_limits(session, case.account, way.channel, case.phone, now, is_counted=is_counted):
            continue
        ready_at = max(now, case.call.ended_at + timedelta(seconds=case.survey.delay(way)))
        window = case.window(way.channel, ready_at, case.not_after)
        if window is not None:
            _ask(session, case, sender, contact, window)
            if not is_counted:
                count(session, case.account, way.channel, case.phone, now)
            return True
    return False


def go_back_to_text(
    session: Session,
    invitation: Invitation,
    pairs: Collection[tuple[UUID, UUID]],
    sender_ids: Collection[UUID],
) -> bool:
    """The customer replies to a text that was given up: the survey goes on by it, and nothing else is sent.

    `pairs`: (account, contact) of whoever may have replied. False, and nothing done, where there is no such text.
    """
    if invitation.state not in ANSWERABLE:
        return False
    replied_to = next(
        (
            message
            for message in messages_of(session, invitation.account_id, invitation.id)
            if message.purpose == "ask"
            and message.accepted_at is not None
            and message.sender_id in sender_ids
            and (message.account_id, message.contact_id) in pairs
        ),
        None,
    )
    if replied_to is None:
        return False
    go_on_by(session, invitation, replied_to, Channel.SMS)
    session.flush()
    take_back_asks(session, invitation.account_id, invitation.id, "answered by text")
    return True


def go_on_by(session: Session, invitation: Invitation, message: Message, channel: Channel) -> None:
    """The survey goes on by an ask that was written before, by that channel."""
    if message.sender_id == invitation.sender_id:
        return
    invitation.channel = channel
    invitation.contact_id = message.contact_id
    invitation.sender_id = message.sender_id
    invitation.questions = _case(session, invitation).questions(channel)


def remind_later(session: Session, invitation: Invitation, message: Message, now: datetime) -> None:
    """One mail more, for whoever has not begun to answer by then."""
    case = _case(session, invitation)
    if case.survey.reminder_after_seconds == 0 or invitation.close_at is None:
        return
    at = now + timedelta(seconds=case.survey.reminder_after_seconds)
    window = case.window(Channel.EMAIL, at, invitation.close_at)
    if window is None:
        return
    message_id = new_id()
    add_message(
        session,
        id=message_id,
        account_id=invitation.account_id,
        invitation_id=invitation.id,
        contact_id=message.contact_id,
        sender_id=message.sender_id,
        purpose="reminder",
        question_key=message.question_key,
        language=invitation.language,
        wording_version=message.wording_version,
        body=message.body,
        token_hash=hash_token(keyring(session).token(message_id)),
        due_at=window.opens_at,
        send_before=window.closes_at,
        not_after=invitation.close_at,
    )


def _case(session: Session, invitation: Invitation) -> _Case:
    account_id = invitation.account_id
    call = session.get_one(Call, (account_id, invitation.call_id))
    called = session.get(Contact, (account_id, call.phone_contact_id)) if call.phone_contact_id else None
    return _Case(
        invitation,
        get_account(session, account_id),
        call,
        survey_version(session, account_id, invitation.survey_key or "", invitation.survey_version or 0),
        read_phone(address_of(session, called) if called else None),
    )


def _contact(session: Session, call: Call, channel: Channel) -> Contact | None:
    """Whom that channel reaches, if anything may go to them."""
    contact_id = call.email_contact_id if CONTACT_KIND[channel] == "email" else call.phone_contact_id
    contact = session.get(Contact, (call.account_id, contact_id)) if contact_id else None
    refused = contact is not None and (contact.bars("ask") or contact.undeliverable_at)
    return None if refused else contact


def _may_go_to(session: Session, case: _Case, contact: Contact) -> bool:
    """Consent to be asked at one address is none for another, save where the customer gave it for all; and a number
    may have become a premium one since it was kept."""
    if contact.kind == "phone" and case.phone.problem is not None:
        return False
    if case.survey.consent == "not_needed" or contact.consented_at is not None:
        return True
    key = (case.call.account_id, case.call.customer_contact_id)
    customer = session.get(Contact, key) if case.call.customer_contact_id else None
    return customer is not None and customer.consented_at is not None


def _ask(session: Session, case: _Case, sender: SenderFacts, contact: Contact, window: Window) -> None:
    invitation, before = case.invitation, case.invitation.channel
    questions = case.questions(sender.channel)
    first = first_message(
        sender.channel,
        questions,
        invitation.language,
        survey=case.survey,
        sender=sender,
        brand=case.account.brand,
        transferred=case.call.last_of_several,
    )
    message_id = new_id()
    add_message(
        session,
        id=message_id,
        account_id=invitation.account_id,
        invitation_id=invitation.id,
        contact_id=contact.id,
        sender_id=sender.id,
        purpose="ask",
        question_key=first.question_key,
        language=invitation.language,
        wording_version=wording_version(invitation.language),
        body=first.body,
        token_hash=hash_token(keyring(session).token(message_id)) if first.has_link else None,
        due_at=window.opens_at,
        send_before=window.closes_at,
        not_after=case.not_after,
    )
    invitation.channel = sender.channel
    invitation.contact_id = contact.id
    invitation.sender_id = sender.id
    invitation.questions = questions
    invitation.due_at = window.opens_at
    happened(session, "fallbacks", before, sender.channel.value)
    log.info(
        "asked on the next channel",
        account_id=str(invitation.account_id),
        invitation_id=str(invitation.id),
        before=before,
        channel=sender.channel.value,
    )
