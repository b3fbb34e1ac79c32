"""A message that has to wait: put to the next lawful moment, or ended when there is none."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.channels.phone import read_phone
from app.domain.channel import Channel
from app.domain.message import MessageState
from app.domain.send_hours import Window, hours_for, slot, zones_of
from app.flow.message_outcomes import forget_plans, note_cancelled, note_expired
from app.store.accounts import get_account
from app.store.calls import Call
from app.store.contacts import Contact, address_of
from app.store.invitations import Invitation
from app.store.messages import Message
from app.store.surveys import survey_version

# we choose when these go; all others answer what the customer has just written
OUR_HOUR = frozenset({"ask", "reminder"})


def make_due(session: Session, invitation: Invitation, message: Message, at: datetime, now: datetime) -> None:
    """Due at the first lawful moment from `at`; expired when there is none before `not_after`.

    Cancelled when nothing may go to its customer any more.
    """
    forget_plans(message)
    message.state = MessageState.DUE
    contact = session.get_one(Contact, (message.account_id, message.contact_id))
    if why := contact.bars(message.purpose):
        note_cancelled(session, invitation, message, now, why)
        return
    window = next_window(session, invitation, message, at)
    if window is None:
        note_expired(session, invitation, message, now)
        return
    message.due_at = window.opens_at
    message.send_before = window.closes_at


def next_window(session: Session, invitation: Invitation, message: Message, at: datetime) -> Window | None:
    """The first lawful window from `at` on; None when there is none before the message's `not_after`."""
    # an answer to what the customer has just written comes at their hour, not ours; a person's decision doesn't
    if message.purpose not in OUR_HOUR and message.resend_asked_at is None:
        return slot(at, (), None, message.not_after)
    call = session.get_one(Call, (invitation.account_id, invitation.call_id))
    account = get_account(session, invitation.account_id)
    survey = survey_version(
        session, invitation.account_id, invitation.survey_key or "", invitation.survey_version or 0
    )
    called = session.get(Contact, (call.account_id, call.phone_contact_id)) if call.phone_contact_id else None
    phone = read_phone(address_of(session, called) if called else None)
    zones = zones_of(call.timezone, phone.timezones, account.timezone)
    channel = Channel(invitation.channel or Channel.SMS)
    hours = hours_for(phone.region, survey.send_hours, channel, account.holidays)
    return slot(at, zones, hours, message.not_after)
