"""A person listens to a spoken comment: written into the audit, for it is the customer's own voice."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.store.audit import add_audit
from app.store.invitations import Invitation
from app.store.recordings import Recording, audio_of


def hear_recording(session: Session, account_id: UUID, call_id: UUID, actor: str) -> bytes:
    """The newest recording of the call's survey, as WAV. Raises NotFound where none is kept."""
    recording = session.scalar(
        select(Recording)
        .join(
            Invitation,
            (Invitation.account_id == Recording.account_id) & (Invitation.id == Recording.invitation_id),
        )
        .where(
            Recording.account_id == account_id, Invitation.call_id == call_id, Recording.audio.is_not(None)
        )
        .order_by(Recording.created_at.desc())
        .limit(1)
    )
    audio = audio_of(session, recording) if recording else None
    if audio is None:
        raise NotFound("No recording of that call's survey is kept.")
    add_audit(session, account_id, actor, "recording.heard", call_id=str(call_id))
    return audio
