"""Who is asked on the telephone is asked in no other way meanwhile; and when it is hung up, that is over."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from app.domain.channel import Channel
from app.domain.invitation import OPEN
from app.store.invitations import Invitation
from app.store.messages import Message
from app.store.senders import Sender

# longer than any turn of a conversation: the longest comment is two minutes
_SILENT_FOR = timedelta(minutes=5)
_ASKING = ("ask", "question", "repeat", "reminder")


def end_other_ways(session: Session, invitation: Invitation, but: UUID | None, now: datetime) -> None:
    """What is due is taken back, except the message `but`; what is on its way is not tried a second time."""
    others = (
        update(Message)
        .where(
            Message.account_id == invitation.account_id,
            Message.invitation_id == invitation.id,
            Message.purpose.in_(_ASKING),
            *([Message.id != but] if but else []),
        )
        .execution_options(synchronize_session="fetch")
    )
    session.execute(
        others.where(Message.state == "due").values(
            state="cancelled", ended_at=func.clock_now(), detail="asked on the telephone"
        )
    )
    session.execute(
        others.where(Message.state.in_(("claimed", "unknown"))).values(send_before=now, not_after=now)
    )


def close_when_silent(session: Session, invitation: Invitation, now: datetime) -> None:
    """Nobody tells us of a hang-up in a call that is not ours: some minutes without a turn are one."""
    _close_at(session, invitation, now + _SILENT_FOR)


def close_now(session: Session, invitation: Invitation, now: datetime) -> None:
    """The telephone was hung up."""
    _close_at(session, invitation, now)


def _close_at(session: Session, invitation: Invitation, at: datetime) -> None:
    """Unless there is another way to go on: a link, or a text that can be replied to."""
    if invitation.state in OPEN and not _was_asked_otherwise(session, invitation):
        invitation.close_at = at


def _was_asked_otherwise(session: Session, invitation: Invitation) -> bool:
    rings = select(Sender.id).where(Sender.channel == Channel.CALLBACK)
    return bool(
        session.scalar(
            select(
                exists().where(
                    Message.account_id == invitation.account_id,
                    Message.invitation_id == invitation.id,
                    Message.accepted_at.is_not(None),
                    Message.sender_id.not_in(rings),
                )
            )
        )
    )
