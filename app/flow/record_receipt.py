"""A receipt comes back from a carrier: kept once, applied forward only."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.channels.twilio_hooks import StatusReport
from app.flow.apply_receipts import apply_receipt
from app.log import get_logger
from app.store.base import database_now
from app.store.invitations import lock_invitation
from app.store.messages import Attempt, Message, find_by_provider_id, lock_message
from app.store.provider_events import keep_event
from app.store.senders import accounts_of_provider
from app.tally import happened

log = get_logger(__name__)


def record_receipt(
    session: Session, report: StatusReport, *, account_id: UUID | None, attempt_id: UUID | None
) -> None:
    """`account_id`, `attempt_id`: from the callback's URL, whose signature covers them.

    Without them the message is found by its id at the carrier; one that is not known yet waits for it. The
    attempt names the message even when the carrier's answer to it was lost.
    """
    # the accounts that this carrier account speaks for, whatever the URL says
    accounts = accounts_of_provider(session, report.account_sid)
    if not accounts:
        log.warning("receipt of a carrier account that no sender has", provider_id=report.message_sid)
        return
    message = _message(session, report, accounts, account_id, attempt_id)
    # whose it is shows when the message does: until then it waits with each of those that it may belong to
    event = None
    for owner in [message.account_id] if message else accounts:
        event = keep_event(
            session,
            owner,
            kind="receipt",
            event_key=f"{report.message_sid}:{report.status}",
            provider_id=report.message_sid,
            status=report.status,
            code=report.error_code,
            provider=report.provider,
        )
    if event is None:
        return
    happened(session, "receipts", report.status, report.error_code)
    if message is None:
        return
    invitation = lock_invitation(session, message.account_id, message.invitation_id)
    message = lock_message(session, message.account_id, message.id)
    apply_receipt(session, invitation, message, event, database_now(session))
    log.info(
        "receipt applied",
        account_id=str(message.account_id),
        invitation_id=str(invitation.id),
        message_id=str(message.id),
        attempt_id=str(attempt_id) if attempt_id else None,
        status=report.status,
        code=report.error_code,
    )


def _message(
    session: Session,
    report: StatusReport,
    accounts: list[UUID],
    account_id: UUID | None,
    attempt_id: UUID | None,
) -> Message | None:
    if account_id in accounts and attempt_id is not None:
        attempt = session.get(Attempt, (account_id, attempt_id))
        if attempt is not None:
            return session.get(Message, (account_id, attempt.message_id))
    return find_by_provider_id(session, accounts, report.message_sid)
