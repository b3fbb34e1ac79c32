"""A telephone is hung up: the survey on it is over."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.domain.channel import Channel
from app.domain.invitation import OPEN
from app.store.invitations import Invitation
from app.store.messages import Message
from app.store.senders import Sender

# longer than any turn of a conversation: the longest comment is two minutes
_SILENT_FOR = timedelta(minutes=5)


def close_when_silent(session: Session, invitation: Invitation, now: datetime) -> None:
    """Nobody tells us of a hang-up in a call that is not ours: some minutes without a turn are one."""
    _close_at(session, invitation, now + _SILENT_FOR)


def close_now(session: Session, invitation: Invitation, now: datetime) -> None:
    """The carrier told us."""
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
