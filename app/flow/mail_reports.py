"""A mail came back, or was complained of: kept once, and what follows from it for the message and the person.

What our mail server took and what came back later is a receipt that says failed. An address that does not exist is
no person's no: their telephone is still asked. A complaint is one.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.channels.mail_reports import MailReport, ReportKind
from app.domain.delivery import NextStep, Step
from app.domain.mail_codes import classify_mail, is_dead
from app.flow.compose_mail import mail_id
from app.flow.message_outcomes import note_accepted, note_failed
from app.flow.unsubscribe import opt_out_customer
from app.log import get_logger
from app.store.base import database_now
from app.store.contact_changes import UNDELIVERABLE, Proof, add_change
from app.store.contacts import note_undeliverable
from app.store.invitations import Invitation, lock_invitation
from app.store.messages import Message, lock_message, take_back_reminders
from app.store.provider_events import keep_event, understood_before
from app.store.senders import HookSecrets, accounts_of_senders
from app.tally import happened

log = get_logger(__name__)

UNMATCHED = "unmatched"
_PROVIDER, _KIND = "smtp", "mail_report"


def record_mail_report(
    session: Session, report: MailReport, *, senders: Sequence[HookSecrets], digest: str, public_url: str
) -> str:
    """What became of it, and of a repeat what became of the first. `digest`: of the report as it came.

    `senders`: those whose provider has sent it; it is about mails of theirs or about none.
    """
    message = _find(session, report, senders)
    account_id = message.account_id if message else senders[0].owner_id
    event = keep_event(
        session,
        account_id,
        provider=_PROVIDER,
        kind=_KIND,
        event_key=digest,
        provider_id=message.provider_id or message.id.hex if message else "",
        status=report.kind,
        code=report.code,
    )
    if event is None:
        before = understood_before(session, account_id, provider=_PROVIDER, kind=_KIND, event_key=digest)
        return before or UNMATCHED
    now = database_now(session)
    event.understood = str(report.kind) if report.kind is ReportKind.OTHER else UNMATCHED
    if message is not None:
        invitation = lock_invitation(session, account_id, message.invitation_id)
        message = lock_message(session, account_id, message.id)
        event.message_id, event.invitation_id, event.applied_at = message.id, invitation.id, now
        event.understood = _apply(session, report, invitation, message, public_url=public_url, now=now)
    happened(session, "receipts", event.understood, report.code)
    log.info(
        "mail report",
        account_id=str(account_id),
        message_id=str(message.id) if message else None,
        understood=event.understood,
        code=report.code,
    )
    return event.understood


def _find(session: Session, report: MailReport, senders: Sequence[HookSecrets]) -> Message | None:
    """The first of those that the report may be about which one of the senders has sent."""
    pairs = accounts_of_senders(session, senders)
    found = session.scalars(
        select(Message).where(
            tuple_(Message.account_id, Message.sender_id).in_(pairs), Message.id.in_(report.messages)
        )
    )
    by_id: dict[UUID, Message] = {message.id: message for message in found}
    return next((by_id[one] for one in report.messages if one in by_id), None)


def _apply(
    session: Session,
    report: MailReport,
    invitation: Invitation,
    message: Message,
    *,
    public_url: str,
    now: datetime,
) -> str:
    if report.kind is ReportKind.COMPLAINT:
        opt_out_customer(session, invitation, by="complaint", how="complaint")
        return report.kind
    if report.kind is not ReportKind.FAILED:
        return report.kind
    # it came back: so it went out, whatever is known of its sending, which may be about to be recorded
    provider_id = message.provider_id or mail_id(message.id, public_url)
    note_accepted(session, invitation, message, provider_id=provider_id, now=now)
    session.flush()
    take_back_reminders(session, message.account_id, invitation.id, "the mail before it came back")
    is_known_dead = report.code is not None and is_dead(report.code)
    if is_known_dead and note_undeliverable(session, message.account_id, message.contact_id, now):
        proof = Proof("bounce", "carrier", detail={"reason": str(report.code)})
        add_change(session, message.account_id, message.contact_id, UNDELIVERABLE, proof, now=now)
    action = None if report.code is None else classify_mail(report.code)
    note_failed(session, invitation, message, NextStep(Step.FAILED, None, report.code, action), now)
    return UNDELIVERABLE if is_known_dead else report.kind
