"""What is proved of a no or its taking back: how it came, in which words, and the wording that it answered."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.store.contact_changes import Proof
from app.store.invitations import Invitation
from app.store.messages import Message


def proof_of(session: Session, invitation: Invitation | None, how: str, words: str | None = None) -> Proof:
    """`invitation`: what they were asked; None for somebody who says no unasked."""
    asked = None
    if invitation is not None:
        asked = session.execute(
            select(Message.language, Message.wording_version)
            .where(
                Message.account_id == invitation.account_id,
                Message.invitation_id == invitation.id,
                Message.accepted_at.is_not(None),
            )
            .order_by(Message.accepted_at.desc())
            .limit(1)
        ).first()
    return Proof(how, words=words, detail={} if asked is None else dict(asked._mapping))
