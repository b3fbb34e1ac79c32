"""Receipts applied to a message whose invitation and row the caller holds."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.delivery import Step, after_receipt
from app.domain.message import newer_status
from app.flow.message_outcomes import (
    is_of_another_request,
    note_accepted,
    note_delivered,
    note_doubled,
    note_failed,
    note_opted_out,
)
from app.store.invitations import Invitation
from app.store.messages import Message
from app.store.provider_events import ProviderEvent, waiting_receipts


def apply_receipt(
    session: Session, invitation: Invitation, message: Message, event: ProviderEvent, now: datetime
) -> None:
    """Move the message forward, never back; a receipt also proves that the carrier has it."""
    event.applied_at = now
    event.message_id = message.id
    event.invitation_id = invitation.id
    if after_receipt(event.status or "", event.code) is None:
        return
    if is_of_another_request(session, message, event.provider_id):
        return
    if message.provider_id not in (None, event.provider_id):
        note_doubled(session, message, event.provider_id)
        return
    note_accepted(session, invitation, message, provider_id=event.provider_id, now=now)
    apply_status(session, invitation, message, status=event.status or "", code=event.code, now=now)


def apply_status(
    session: Session,
    invitation: Invitation,
    message: Message,
    *,
    status: str,
    code: int | None,
    now: datetime,
) -> None:
    """The carrier's word for how far a message that it took has come, told by a receipt or a listing."""
    step = after_receipt(status, code)
    if step is None or not newer_status(message.provider_status, status):
        return
    message.provider_status = status
    match step.step:
        case Step.DELIVERED:
            note_delivered(session, invitation, message, now)
        case Step.FAILED:
            note_failed(session, invitation, message, step, now)
        case Step.OPT_OUT:
            note_opted_out(session, invitation, message, step, now)
        case _:
            pass


def apply_waiting_receipts(session: Session, invitation: Invitation, message: Message, now: datetime) -> None:
    """Those that came before we knew the message's id at the carrier."""
    if message.provider_id is not None:
        for event in waiting_receipts(session, message.account_id, message.provider_id):
            apply_receipt(session, invitation, message, event, now)
