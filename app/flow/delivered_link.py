"""Channel `link`: the client delivers our address itself, and tells us how that went."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.channel import Channel
from app.domain.delivery import NextStep, Step
from app.domain.eligibility import MOST_AHEAD
from app.domain.message import MessageState
from app.errors import Conflict, Invalid
from app.flow.message_outcomes import note_accepted, note_delivered, note_failed
from app.flow.read_call import read_invitation
from app.store.base import database_now, keyring
from app.store.invitations import Invitation, lock_invitation
from app.store.messages import Message, lock_message, messages_of
from app.store.senders import NOBODY

# what a client may tell of it
REPORTS = ("sent", "delivered", "failed")


def link_path(session: Session, invitation: Invitation) -> str | None:
    """Where the survey is answered, below the public address; None where the link is not the client's to deliver.

    Whoever has it may answer: it is for those who may report the call.
    """
    message = _link_of(session, invitation)
    if message is None or invitation.channel != Channel.LINK:
        return None
    return f"/s/{keyring(session).token(message.id, message.token_hash)}"


def report_link(
    session: Session, *, account_id: UUID, invitation_id: UUID, report: str, at: datetime | None
) -> dict[str, Any]:
    """Take one of REPORTS; the same again changes nothing. The invitation as it then stands.

    `failed` goes on by the survey's next channel. Raises NotFound, Conflict for another channel's invitation, and
    Invalid for a time ahead.
    """
    invitation = lock_invitation(session, account_id, invitation_id)
    message = _link_of(session, invitation)
    if message is None:
        raise Conflict("This invitation has no link of yours to deliver.")
    now = database_now(session)
    if at is not None and at > now + MOST_AHEAD:
        raise Invalid("The time can't be true.", {"at": "lies more than 10 minutes ahead"})
    message = lock_message(session, account_id, message.id)
    moment = min(at or now, now)
    if message.state == MessageState.FAILED:
        pass  # the survey goes on by another channel, and what is told once more would ask them twice
    elif report == "failed":
        note_failed(session, invitation, message, NextStep(Step.FAILED), now)
    else:
        note_accepted(session, invitation, message, provider_id=f"client:{message.id}", now=moment)
        if report == "delivered":
            note_delivered(session, invitation, message, moment)
    session.flush()
    return read_invitation(session, account_id=account_id, invitation_id=invitation_id)


def _link_of(session: Session, invitation: Invitation) -> Message | None:
    """Also where the survey has gone on by another channel since."""
    messages = messages_of(session, invitation.account_id, invitation.id)
    return next((message for message in messages if message.sender_id == NOBODY and message.token_hash), None)
