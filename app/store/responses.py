"""Answered surveys, paged by change: a reader that comes back with its cursor misses nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select, text, tuple_
from sqlalchemy.orm import Session

from app.store.answers import Answer
from app.store.calls import Call
from app.store.invitations import Invitation

# A change is shown once no transaction that began before it can still commit one: paging by a plain time would
# pass over what was committed late. Numbers from the future stem from a restored dump, and are settled.
_SETTLED = text(
    "(invitation.change < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    " or invitation.change >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint)"
)


def changed_responses(
    session: Session,
    account_id: UUID,
    *,
    updated_since: datetime | None,
    after: tuple[int, UUID] | None,
    agent_id: str | None,
    limit: int,
) -> Sequence[Any]:
    """(Invitation, Call) of answered surveys in the order of their last change; test calls are left out."""
    query = (
        select(Invitation, Call)
        .join(Call, and_(Call.account_id == Invitation.account_id, Call.id == Invitation.call_id))
        .where(
            Invitation.account_id == account_id,
            Invitation.responded_at.is_not(None),
            Call.is_test.is_(False),
            _SETTLED,
        )
        .order_by(Invitation.change, Invitation.id)
        .limit(limit)
    )
    if updated_since is not None:
        query = query.where(Invitation.updated_at >= updated_since)
    if after is not None:
        query = query.where(tuple_(Invitation.change, Invitation.id) > after)
    if agent_id is not None:
        query = query.where(Call.agent_id == agent_id)
    return session.execute(query).all()


def current_answers(session: Session, account_id: UUID, invitation_ids: list[UUID]) -> Sequence[Answer]:
    return session.scalars(
        select(Answer)
        .where(Answer.account_id == account_id, Answer.invitation_id.in_(invitation_ids), Answer.is_current)
        .order_by(Answer.answered_at, Answer.id)
    ).all()


def worded_answers(
    session: Session,
    account_id: UUID,
    agent_id: str,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """(Answer, Call) of what customers wrote about an agent's calls, newest first."""
    query = (
        select(Answer, Call)
        .join(
            Invitation,
            and_(Invitation.account_id == Answer.account_id, Invitation.id == Answer.invitation_id),
        )
        .join(Call, and_(Call.account_id == Invitation.account_id, Call.id == Invitation.call_id))
        .where(
            Answer.account_id == account_id,
            Call.account_id == account_id,
            Call.agent_id == agent_id,
            Call.is_test.is_(False),
            Answer.is_current,
            Answer.metric.is_(None),
            Answer.words.is_not(None),
        )
        .order_by(Answer.answered_at.desc(), Answer.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(Answer.answered_at, Answer.id) < before)
    return session.execute(query).all()
