"""Calls with their invitations, the last reported first, as far as an index serves."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, literal_column, select
from sqlalchemy.orm import Session

from app.store.calls import Call
from app.store.invitations import Invitation


def _calls(account_id: UUID) -> Select[Call, Invitation]:
    return (
        select(Call, Invitation)
        .join(Invitation, and_(Invitation.account_id == Call.account_id, Invitation.call_id == Call.id))
        .where(Call.account_id == account_id)
    )


def has_flag(flag: str) -> tuple[ColumnElement[bool], ...]:
    """Of a call; that it has any is what the index is of."""
    return Call.flags != literal_column("'{}'"), Call.flags.any_() == flag


def named_call(session: Session, account_id: UUID, source: str, call_id: str) -> Sequence[Any]:
    """(Call, Invitation) of this one call, or nothing."""
    return session.execute(_calls(account_id).where(Call.source == source, Call.call_id == call_id)).all()


def last_calls(
    session: Session, account_id: UUID, *, flag: str | None, before: UUID | None, limit: int
) -> Sequence[Any]:
    """(Call, Invitation) of the whole account: ids grow with time, so the primary key is read backwards, or the
    index of those that have any flag."""
    query = _calls(account_id).order_by(Call.id.desc()).limit(limit)
    if flag is not None:
        query = query.where(*has_flag(flag))
    if before is not None:
        query = query.where(Call.id < before)
    return session.execute(query).all()


def calls_of_agent(
    session: Session,
    account_id: UUID,
    agent_id: str,
    *,
    start: date,
    end: date,
    state: str | None,
    skip_reason: str | None,
    flag: str | None,
    before: UUID | None,
    limit: int,
) -> Sequence[Any]:
    """(Call, Invitation) of one agent's calls that ended on these days, both included."""
    query = (
        _calls(account_id)
        .where(Call.agent_id == agent_id, Call.ended_on.between(start, end))
        .order_by(Call.id.desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(Invitation.state == state)
    if skip_reason is not None:
        query = query.where(Invitation.skip_reason == skip_reason)
    if flag is not None:
        query = query.where(*has_flag(flag))
    if before is not None:
        query = query.where(Call.id < before)
    return session.execute(query).all()
