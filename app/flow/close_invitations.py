"""Invitations end by themselves when the time to answer has passed."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.invitation import InvitationState
from app.domain.message import MessageState
from app.flow.message_outcomes import move_invitation
from app.store.base import database_now
from app.store.contacts import end_open_survey
from app.store.facts import mark_call_stale
from app.store.invitations import Invitation, lock_invitation
from app.store.messages import messages_of


def due_to_close(session: Session, most: int) -> list[tuple[UUID, UUID]]:
    """(account, invitation) whose time has come."""
    rows = session.execute(
        select(Invitation.account_id, Invitation.id)
        .where(Invitation.close_at <= database_now(session))
        .order_by(Invitation.close_at)
        .limit(most)
    )
    return [(row.account_id, row.id) for row in rows]


def close_invitation(session: Session, account_id: UUID, invitation_id: UUID) -> None:
    """Unanswered, partial or finished; one in doubt stays so, unless a person has closed its text.

    Its customer is free again; the cooldown holds where something may have reached them.
    """
    invitation = lock_invitation(session, account_id, invitation_id)
    now = database_now(session)
    if invitation.close_at is None or invitation.close_at > now:
        return
    if invitation.state == InvitationState.STARTED:
        done = invitation.completed_at is not None
        move_invitation(session, invitation, InvitationState.FINISHED if done else InvitationState.PARTIAL)
        invitation.ended_at = now
    elif invitation.state == InvitationState.ASKED:
        move_invitation(session, invitation, InvitationState.UNANSWERED)
        invitation.ended_at = now
    elif _is_closed_by_hand(session, invitation):
        move_invitation(session, invitation, InvitationState.CANCELLED)
        invitation.ended_at = now
    invitation.close_at = None
    session.flush()
    end_open_survey(session, account_id, invitation_id)
    mark_call_stale(session, account_id, invitation.call_id)


def _is_closed_by_hand(session: Session, invitation: Invitation) -> bool:
    return invitation.state == InvitationState.IN_DOUBT and any(
        message.purpose == "ask" and message.state == MessageState.CANCELLED
        for message in messages_of(session, invitation.account_id, invitation.id)
    )
