"""An answer comes in: one door for texts and for the page, under the invitation's lock."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.twilio_hooks import InboundText
from app.domain.answers import Kind, Position, Understood, understand
from app.domain.invitation import InvitationState
from app.domain.text import clean
from app.flow.answer_sheet import LATE, UNCLEAR, Evidence, Sheet, put_value, put_words, read_sheet, settle
from app.flow.conversation import ask_again, ask_next, confirm_correction, say_once
from app.flow.message_outcomes import move_invitation, note_arrived
from app.log import get_logger
from app.store.accounts import get_account
from app.store.base import database_now
from app.store.calls import Call
from app.store.contacts import (
    end_open_survey,
    find_contact,
    opt_in,
    opt_out_address,
)
from app.store.events import add_event
from app.store.facts import mark_call_stale
from app.store.invitations import Invitation, lock_invitation, newest_invitation
from app.store.messages import Message, cancel_due_messages
from app.store.provider_events import ProviderEvent, keep_event
from app.store.senders import accounts_behind
from app.wording.catalogue import keywords
from app.wording.texts import TextKey

log = get_logger(__name__)

# the carrier answers these by itself
_CARRIER_START_WORDS = frozenset({"start", "unstop"})


@dataclass(frozen=True)
class _Arrived:
    """A text, who may have sent it to whom, and when it was read."""

    inbound: InboundText
    said: str
    pairs: list[tuple[UUID, UUID]]  # (account, contact) of everybody known who has that number
    accounts: list[UUID]  # all accounts that share the number it was sent to
    now: datetime


def record_text(session: Session, inbound: InboundText) -> None:
    """Take an inbound text: kept once whatever it says, then understood where the conversation stands.

    A sender's number can be forged: it answers an open survey of exactly this pair of numbers, nothing else.
    """
    behind = accounts_behind(session, inbound.account_sid, inbound.to, inbound.messaging_service_sid)
    if not behind:
        log.warning("a text to a number that no sender has", provider_id=inbound.message_sid)
        return
    accounts = [account_id for account_id, _ in behind]
    pairs = [
        (account_id, contact.id)
        for account_id in accounts
        if (contact := find_contact(session, account_id, "phone", inbound.sender)) is not None
    ]
    found = newest_invitation(session, pairs, [sender_id for _, sender_id in behind])
    owner = found[0] if found else (pairs[0][0] if pairs else accounts[0])
    event = keep_event(
        session,
        owner,
        kind="text",
        event_key=inbound.message_sid,
        provider_id=inbound.message_sid,
        content=clean(inbound.body),
    )
    if event is None:
        return  # delivered twice: the first one counted
    arrived = _Arrived(inbound, clean(inbound.body).strip(), pairs, accounts, database_now(session))
    invitation = lock_invitation(session, *found) if found else None
    event.applied_at = arrived.now
    if invitation is None:
        event.understood = _take_from_stranger(session, arrived)
    else:
        event.invitation_id = invitation.id
        event.understood = _take_from_customer(session, arrived, invitation, event)
    log.info(
        "text received",
        account_id=str(owner),
        invitation_id=str(invitation.id) if invitation else None,
        provider_id=inbound.message_sid,
        understood=event.understood,
    )


def _take_from_stranger(session: Session, arrived: _Arrived) -> str:
    """Nobody asked them anything: only their no, and its taking back, mean something."""
    nowhere = Position((), {}, frozenset(), None, None, None, arrived.now)
    language = get_account(session, arrived.accounts[0]).default_language
    kind = understand(arrived.said, nowhere, keywords(language)).kind
    if kind is Kind.OPT_OUT or arrived.inbound.opt_out_type == "STOP":
        _opt_out_everywhere(session, arrived)
        return Kind.OPT_OUT
    if kind is Kind.OPT_IN or arrived.inbound.opt_out_type == "START":
        _opt_in_everywhere(session, arrived)
        return Kind.OPT_IN
    return "unmatched"


def _take_from_customer(
    session: Session, arrived: _Arrived, invitation: Invitation, event: ProviderEvent
) -> str:
    sheet = read_sheet(session, invitation)
    evidence = Evidence("sms", arrived.now, event.id)
    words = keywords(invitation.language)
    meant = understand(arrived.said, _position(session, sheet, arrived.now), words)
    kind = {"STOP": Kind.OPT_OUT, "START": Kind.OPT_IN, "HELP": Kind.HELP}.get(
        arrived.inbound.opt_out_type or "", meant.kind
    )
    account = get_account(session, invitation.account_id)
    carrier_replied = arrived.inbound.opt_out_type is not None
    if kind is Kind.OPT_OUT:
        if sheet.takes_answers(arrived.now):
            _put(session, sheet, meant, arrived.said, evidence)
        _opt_out_everywhere(session, arrived)
        _end_by_opt_out(session, sheet, arrived.now)
        if not carrier_replied and not words.carrier_replied_to(arrived.said):
            say_once(session, account, invitation, TextKey.STOPPED, arrived.now)
    elif kind is Kind.OPT_IN:
        taken_back = _opt_in_everywhere(session, arrived)
        if taken_back and not carrier_replied and arrived.said.casefold() not in _CARRIER_START_WORDS:
            say_once(session, account, invitation, TextKey.RESTARTED, arrived.now)
    elif kind is Kind.HELP:
        if not carrier_replied and arrived.said.casefold() not in ("help", "info"):
            say_once(session, account, invitation, TextKey.HELP, arrived.now)
    elif not sheet.takes_answers(arrived.now):
        put_words(session, sheet, LATE, arrived.said, append=True, evidence=evidence)
        invitation.updated_at = arrived.now
        if invitation.state != InvitationState.OPTED_OUT:
            say_once(session, account, invitation, TextKey.LATE, arrived.now)
        return LATE
    else:
        _converse(session, sheet, meant, arrived.said, evidence)
    return kind


def _converse(session: Session, sheet: Sheet, meant: Understood, said: str, evidence: Evidence) -> None:
    """Write what was answered, and text what comes next."""
    account = get_account(session, sheet.invitation.account_id)
    _put(session, sheet, meant, said, evidence)
    settle(session, sheet, evidence.now)
    if meant.kind is Kind.UNCLEAR:
        ask_again(session, account, sheet, evidence.now)
    elif meant.kind is Kind.CORRECTION:
        confirm_correction(session, account, sheet, meant.answers[0], evidence.now)
    else:
        call = session.get_one(Call, (sheet.invitation.account_id, sheet.invitation.call_id))
        ask_next(session, account, sheet, evidence.now, transferred=call.transferred_from is not None)


def _put(session: Session, sheet: Sheet, meant: Understood, said: str, evidence: Evidence) -> None:
    for question_key, value in meant.answers:
        put_value(session, sheet, question_key, value, words=said, flags=meant.flags, evidence=evidence)
    if meant.comment:
        put_words(session, sheet, "comment", meant.comment, append=True, flags=meant.flags, evidence=evidence)
    if meant.kind is Kind.UNCLEAR and said:
        put_words(session, sheet, UNCLEAR, said, append=True, evidence=evidence)


def _position(session: Session, sheet: Sheet, now: datetime) -> Position:
    prompted = session.scalar(
        select(Message.created_at)
        .where(
            Message.account_id == sheet.invitation.account_id,
            Message.invitation_id == sheet.invitation.id,
            Message.question_key == "comment",
        )
        .limit(1)
    )
    return Position(
        order=sheet.order,
        answered=sheet.scored,
        skipped=frozenset(),
        current=sheet.waiting,
        last_scored=sheet.last_scored,
        comment_asked_at=prompted,
        now=now,
    )


def _opt_out_everywhere(session: Session, arrived: _Arrived) -> None:
    """The customer said no to a number: to all who send by it, known to them or not."""
    for account_id in arrived.accounts:
        contact_id = opt_out_address(session, account_id, "phone", arrived.inbound.sender, arrived.now)
        if contact_id is not None:
            add_event(session, account_id, "contact.opted_out", contact_id, by="customer")
            cancel_due_messages(session, account_id, contact_id, "opted out")


def _opt_in_everywhere(session: Session, arrived: _Arrived) -> bool:
    taken_back = False
    for account_id, contact_id in arrived.pairs:
        if opt_in(session, account_id, contact_id):
            taken_back = True
            add_event(session, account_id, "contact.opted_in", contact_id)
    return taken_back


def _end_by_opt_out(session: Session, sheet: Sheet, now: datetime) -> None:
    invitation = sheet.invitation
    note_arrived(session, invitation, now)
    if sheet.scored:
        invitation.responded_at = invitation.responded_at or now
    if move_invitation(session, invitation, InvitationState.OPTED_OUT):
        invitation.ended_at = now
        invitation.close_at = None
        session.flush()
        end_open_survey(session, invitation.account_id, invitation.id)
    mark_call_stale(session, invitation.account_id, invitation.call_id)
