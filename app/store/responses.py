"""Answered surveys, paged by change: a reader that comes back with its cursor misses nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select, text, tuple_
from sqlalchemy.orm import Session, aliased

from app.store.answers import Answer
from app.store.call_lists import has_flag
from app.store.calls import Call
from app.store.invitations import Invitation

# A change is shown once no transaction that began before it can still commit one: paging by a plain time would
# pass over what was committed late. The oldest transaction is that of the whole server, other databases included.
_SETTLED = text("invitation.change < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")

# no transaction of ours lives nearly as long: one that did could have a lower number and a later time
_LONGEST = timedelta(hours=1)

_NEXT_CHANGE = text("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint")

# each account's numbers end where this server's begin, unless they came with a dump from another one
_RESTAMP = text(
    """
    with ahead as (
        select i.account_id, i.id from account a
        cross join lateral (
            select account_id, id from invitation
            where account_id = a.id and responded_at is not null
              and change >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
            order by change limit :most
        ) i
        limit :most
    )
    update invitation i set change = 0  -- the trigger gives it this transaction's number
    from ahead where i.account_id = ahead.account_id and i.id = ahead.id
    returning i.id
    """
)


def changed_responses(
    session: Session,
    account_id: UUID,
    *,
    updated_since: datetime | None,
    after: tuple[int, UUID] | None,
    agent_id: str | None,
    flag: str | None = None,
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
        if after is None:
            query = query.where(Invitation.change > _last_change_before(account_id, updated_since - _LONGEST))
    if after is not None:
        query = query.where(tuple_(Invitation.change, Invitation.id) > after)
    if agent_id is not None:
        query = query.where(Call.agent_id == agent_id)
    if flag is not None:
        query = query.where(*has_flag(flag))
    return session.execute(query).all()


def _last_change_before(account_id: UUID, moment: datetime) -> Any:
    """Where to begin for what changed since: back from the newest, in place of through all from the oldest."""
    older = aliased(Invitation)
    last = (
        select(older.change)
        .where(older.account_id == account_id, older.responded_at.is_not(None), older.updated_at < moment)
        .order_by(older.change.desc())
        .limit(1)
    )
    return func.coalesce(last.scalar_subquery(), -1)


def next_change(session: Session) -> int:
    """Above every number that a change has on this server."""
    number: int = session.scalar(_NEXT_CHANGE)
    return number


def restamp(session: Session, most: int) -> int:
    """Number up to `most` responses anew that were restored from another server's dump; how many those were.

    Their old numbers lie ahead of this server's: they would stand behind all that changes from now on.
    """
    return len(session.execute(_RESTAMP, {"most": most}).all())


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
            Answer.value.is_(None),  # a choice has no metric either, and its words are the key of it
            Answer.words.is_not(None),
        )
        .order_by(Answer.answered_at.desc(), Answer.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(Answer.answered_at, Answer.id) < before)
    return session.execute(query).all()
