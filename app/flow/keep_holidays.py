"""A day becomes a holiday when texts wait for it already: they are put to the next lawful day, or end."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.message import MessageState
from app.flow.reschedule import OUR_HOUR, make_due
from app.store.base import database_now
from app.store.claims import MessageRef
from app.store.invitations import lock_invitation
from app.store.messages import Message, lock_message
from app.store.senders import NOBODY

_TOGETHER = 500

Run = Callable[..., Any]


def keep_holidays(run: Run, account_id: UUID) -> int:
    """How many were moved or have ended. `run(work, ...)`: one unit of work each. A second time moves nothing.

    To be called when the account's holidays are committed. A text that is being sent this moment is sent.
    """
    moved, after = 0, UUID(int=0)
    while refs := run(_waiting, account_id, after):
        moved += sum(run(_keep, ref) for ref in refs)
        after = refs[-1].message_id
    return moved


def _waiting(session: Session, account_id: UUID, after: UUID) -> list[MessageRef]:
    rows = session.execute(
        select(Message.account_id, Message.id, Message.invitation_id)
        .where(
            Message.account_id == account_id,
            Message.state == MessageState.DUE,
            Message.purpose.in_(OUR_HOUR),
            Message.sender_id != NOBODY,
            Message.id > after,
        )
        .order_by(Message.id)
        .limit(_TOGETHER)
    )
    return [MessageRef(*row) for row in rows]


def _keep(session: Session, ref: MessageRef) -> bool:
    invitation = lock_invitation(session, ref.account_id, ref.invitation_id)
    message = lock_message(session, ref.account_id, ref.message_id)
    if message.state != MessageState.DUE:
        return False
    was, now = message.due_at, database_now(session)
    make_due(session, invitation, message, max(was, now), now)
    if message.state == MessageState.DUE and message.due_at == max(was, now):
        # its hour is as good as before: the end of its window may have come nearer
        message.due_at = was
        return False
    return True
