"""The message that asks, while it has not gone: what is learned of its call until then can still count."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.invitation import PENDING
from app.domain.message import MessageState
from app.store.invitations import Invitation
from app.store.messages import Message, lock_message


def unsent_ask(session: Session, invitation: Invitation) -> Message | None:
    """Ours alone then. The caller holds the invitation's lock."""
    if invitation.state not in PENDING:
        return None
    message_id = session.scalar(
        select(Message.id).where(
            Message.account_id == invitation.account_id,
            Message.invitation_id == invitation.id,
            Message.purpose == "ask",
            Message.state == MessageState.DUE,
        )
    )
    if message_id is None:
        return None
    message = lock_message(session, invitation.account_id, message_id)
    return message if message.state == MessageState.DUE and not message.attempts else None
