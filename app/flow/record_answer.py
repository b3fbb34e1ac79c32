"""An answer comes in: one door for texts and for the page, under the invitation's lock."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, func, select
from sqlalchemy.orm import Session

from app.channels.twilio_hooks import InboundText
from app.domain.answers import Kind, Position, Understood, understand
from app.domain.channel import Channel
from app.domain.delivery import Outcome
from app.domain.invitation import ANSWERABLE
from app.domain.text import clean
from app.flow.answer_sheet import LATE, UNCLEAR, Evidence, Sheet, put_value, put_words, read_sheet, settle
from app.flow.conversation import ask_again, ask_next, confirm_correction, noted_last, say_once
from app.flow.next_channel import go_back_to_text
from app.flow.opt_out import opt_in_everywhere, opt_out_everywhere
from app.flow.proofs import proof_of
from app.log import get_logger
from app.store.accounts import get_account
from app.store.answers import take_turn, text_was_taken
from app.store.base import database_now
from app.store.calls import Call
from app.store.contact_changes import Proof
from app.store.contacts import find_contact
from app.store.invitations import Invitation, lock_invitation, newest_invitation, open_survey_texted
from app.store.messages import Message, attempts_of, messages_of
from app.store.persons import hold_person
from app.store.provider_events import ProviderEvent, keep_event
from app.store.senders import lines_behind
from app.tally import happened
from app.wording.catalogue import keywords
from app.wording.texts import TextKey

log = get_logger(__name__)

# the carrier answers these by itself
_CARRIER_WORDS = frozenset({"start", "unstop", "help", "info"})
_CARRIER_SAYS = {"STOP": Kind.OPT_OUT, "START": Kind.OPT_IN, "HELP": Kind.HELP}
_UNMATCHED = "unmatched"
_NEVER_LEFT = frozenset({Outcome.REJECTED, Outcome.NOT_SENT})


@dataclass(frozen=True)
class _Arrived:
    """A text, who may have sent it to whom, and when it was read."""

    inbound: InboundText
    said: str
    pairs: list[tuple[UUID, UUID]]  # (account, contact) of everybody known who has that number
    accounts: list[UUID]  # all accounts that share the number it was sent to
    now: datetime


def record_text(session: Session, inbound: InboundText, *, too_many: bool = False) -> None:
    """Take an inbound text: kept once whatever it says, then understood where the conversation stands.

    A sender's number can be forged: it answers an open survey of exactly this pair of numbers, nothing else.
    `too_many`: that number has sent more than a person would. It is kept, and only a no means something.
    """
    behind = lines_behind(session, inbound.account_sid, inbound.to, inbound.messaging_service_sid)
    if not behind:
        log.warning("a text to a number that no sender has", provider_id=inbound.message_sid)
        return
    accounts = list(dict.fromkeys(account_id for account_id, _, _ in behind))
    take_turn(session, inbound.sender)
    if text_was_taken(session, accounts, inbound.message_sid, inbound.provider):
        return  # delivered twice: the first one counted
    pairs = [
        (account_id, contact.id)
        for account_id in accounts
        if (contact := find_contact(session, account_id, "phone", inbound.sender)) is not None
    ]
    # who texts the number that rang them answers no text of ours, and what we said to it would ring them again
    texting = [sender_id for _, sender_id, channel in behind if channel == Channel.SMS]
    invitation = _answered(session, pairs, texting)
    if invitation is not None:
        owner = invitation.account_id
    else:
        owner = pairs[0][0] if pairs else accounts[0]
    event = keep_event(
        session,
        owner,
        kind="text",
        event_key=inbound.message_sid,
        provider_id=inbound.message_sid,
        content=clean(inbound.body),
        provider=inbound.provider,
    )
    if event is None:
        return
    # read under the locks, so that answers bear the order in which they were taken
    arrived = _Arrived(inbound, clean(inbound.body).strip(), pairs, accounts, database_now(session))
    event.applied_at = arrived.now
    if invitation is None or too_many:
        event.understood = _take_from_stranger(session, arrived)
        if too_many and event.understood == _UNMATCHED:
            event.understood = "too_many"
    else:
        event.invitation_id = invitation.id
        event.understood = _take_from_customer(session, arrived, invitation, event)
    happened(session, "texts", event.understood)
    log.info(
        "text received",
        account_id=str(owner),
        invitation_id=str(invitation.id) if invitation else None,
        provider_id=inbound.message_sid,
        understood=event.understood,
    )


def _answered(session: Session, pairs: list[tuple[UUID, UUID]], sender_ids: list[UUID]) -> Invitation | None:
    """What a text from these contacts to these senders may be about, locked."""
    found = newest_invitation(session, pairs, sender_ids)
    invitation = lock_invitation(session, *found) if found else None
    if invitation is None or invitation.state not in ANSWERABLE:
        # a text that was reported undelivered, and was read all the same
        left = open_survey_texted(session, pairs, sender_ids)
        going_on = lock_invitation(session, *left) if left else None
        if going_on is not None and go_back_to_text(session, going_on, pairs, sender_ids):
            return going_on
    if invitation is not None and (
        # forgotten while this waited: it is nobody's any more
        (invitation.account_id, invitation.contact_id) not in pairs
        or not _may_have_arrived(session, invitation)
    ):
        return None
    return invitation


def _take_from_stranger(session: Session, arrived: _Arrived) -> str:
    """Nobody asked them anything: only their no, and its taking back, mean something."""
    nowhere = Position((), {}, frozenset(), None, None, None, arrived.now)
    language = get_account(session, arrived.accounts[0]).default_language
    kind = understand(arrived.said, nowhere, keywords(language)).kind
    if kind is Kind.OPT_OUT or arrived.inbound.opt_out_type == "STOP":
        _opt_out(session, arrived, None)
        return Kind.OPT_OUT
    if kind is Kind.OPT_IN or arrived.inbound.opt_out_type == "START":
        opt_in_everywhere(session, arrived.pairs, arrived.now, _proof(session, arrived, None))
        return Kind.OPT_IN
    return _UNMATCHED


def _may_have_arrived(session: Session, invitation: Invitation) -> bool:
    """What the carrier has refused each time reached nobody: this text is about something else."""
    if invitation.asked_at is not None:
        return True
    asks = [
        message.id
        for message in messages_of(session, invitation.account_id, invitation.id)
        if message.purpose == "ask"
    ]
    attempts = attempts_of(session, invitation.account_id, asks)
    return any(attempt.outcome not in _NEVER_LEFT for attempt in attempts)


def _take_from_customer(
    session: Session, arrived: _Arrived, invitation: Invitation, event: ProviderEvent
) -> str:
    sheet = read_sheet(session, invitation)
    evidence = Evidence("sms", arrived.now, event.id)
    words = keywords(invitation.language)
    meant = understand(arrived.said, _position(session, sheet, arrived.now), words)
    kind = _CARRIER_SAYS.get(arrived.inbound.opt_out_type or "", meant.kind)
    if arrived.inbound.opt_out_type == "START" and not sheet.opted_out:
        kind = meant.kind  # YES is one of the carrier's words, and an answer
    account = get_account(session, invitation.account_id)
    # of all carriers' that we know, only Twilio answers some words by itself
    carrier_replied = arrived.inbound.provider == "twilio" and (
        arrived.inbound.opt_out_type is not None
        or words.carrier_replied_to(arrived.said)
        or arrived.said.casefold() in _CARRIER_WORDS
    )
    if kind is Kind.OPT_OUT:
        _take_opt_out(session, arrived, sheet, meant, evidence)
        if not carrier_replied:
            say_once(session, account, invitation, TextKey.STOPPED, arrived.now)
    elif kind is Kind.OPT_IN:
        proof = _proof(session, arrived, invitation)
        taken_back = opt_in_everywhere(session, arrived.pairs, arrived.now, proof)
        if taken_back and not carrier_replied:
            say_once(session, account, invitation, TextKey.RESTARTED, arrived.now)
    elif kind is Kind.HELP:
        if not carrier_replied:
            say_once(session, account, invitation, TextKey.HELP, arrived.now)
    elif sheet.takes_answers(arrived.now):
        _converse(session, sheet, meant, arrived.said, evidence)
    else:
        _keep_late(session, sheet, arrived.said, evidence)
        say_once(session, account, invitation, TextKey.LATE, arrived.now)
        return LATE
    return kind


def _converse(session: Session, sheet: Sheet, meant: Understood, said: str, evidence: Evidence) -> None:
    """Write what was answered, and text what comes next; a picture without words calls for nothing."""
    account = get_account(session, sheet.invitation.account_id)
    _put(session, sheet, meant, said, evidence)
    settle(session, sheet, evidence.now)
    if meant.kind is Kind.UNCLEAR:
        ask_again(session, account, sheet, evidence.now)
    elif meant.kind is Kind.CORRECTION:
        confirm_correction(session, account, sheet, meant.answers[0], evidence.now)
    elif meant.answers or meant.comment:
        call = session.get_one(Call, (sheet.invitation.account_id, sheet.invitation.call_id))
        ask_next(session, account, sheet, evidence.now, transferred=call.last_of_several)


def _take_opt_out(
    session: Session, arrived: _Arrived, sheet: Sheet, meant: Understood, evidence: Evidence
) -> None:
    """The no counts from now on; what was answered in the same text still does."""
    for account_id, contact_id in arrived.pairs:
        # before an answer that ends the survey holds some of these contacts: all are locked in one order
        hold_person(session, account_id, [contact_id])
    if sheet.takes_answers(arrived.now):
        _put(session, sheet, meant, arrived.said, evidence)
        settle(session, sheet, arrived.now)
    elif meant.comment:
        _keep_late(session, sheet, meant.comment, evidence)
    session.flush()
    _opt_out(session, arrived, sheet.invitation)


def _keep_late(session: Session, sheet: Sheet, said: str, evidence: Evidence) -> None:
    put_words(session, sheet, LATE, said, append=True, evidence=evidence)
    # readers page by the invitation's last change
    sheet.invitation.updated_at = evidence.now


def _put(session: Session, sheet: Sheet, meant: Understood, said: str, evidence: Evidence) -> None:
    for question_key, value in meant.answers:
        put_value(session, sheet, question_key, value, words=said, flags=meant.flags, evidence=evidence)
    if meant.comment:
        put_words(session, sheet, "comment", meant.comment, append=True, flags=meant.flags, evidence=evidence)
    if meant.kind is Kind.UNCLEAR and said:
        put_words(session, sheet, UNCLEAR, said, append=True, evidence=evidence)


def _position(session: Session, sheet: Sheet, now: datetime) -> Position:
    return Position(
        order=sheet.order,
        answered=sheet.scored,
        skipped=frozenset(),
        current=sheet.waiting,
        last_scored=_correctable(session, sheet),
        comment_asked_at=_comment_asked_at(session, sheet.invitation),
        now=now,
    )


def _correctable(session: Session, sheet: Sheet) -> str | None:
    """The question that "I meant 4" is about: what we repeated to the customer since, else the last answered."""
    last, noted = sheet.last_scored, noted_last(session, sheet.invitation)
    if last is None or noted is None:
        return last
    question_key, noted_at = noted
    return question_key if noted_at >= sheet.current[last].answered_at else last


def _comment_asked_at(session: Session, invitation: Invitation) -> datetime | None:
    """When the comment prompt left us; now, while it has not: what is said before it is no answer to it."""
    return session.scalar(
        select(func.coalesce(Message.accepted_at, func.clock_now(type_=DateTime(timezone=True))))
        .where(
            Message.account_id == invitation.account_id,
            Message.invitation_id == invitation.id,
            Message.question_key == "comment",
        )
        .limit(1)
    )


def _opt_out(session: Session, arrived: _Arrived, invitation: Invitation | None) -> None:
    opt_out_everywhere(
        session,
        accounts=arrived.accounts,
        known=arrived.pairs,
        phone=arrived.inbound.sender,
        now=arrived.now,
        proof=_proof(session, arrived, invitation),
    )


def _proof(session: Session, arrived: _Arrived, invitation: Invitation | None) -> Proof:
    return proof_of(session, invitation, "sms", arrived.said)
