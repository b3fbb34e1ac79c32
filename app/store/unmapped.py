"""Calls that wait for their agent to be known, and those that may count for another: walked group by group.

A group is an extension (its unmapped calls) or an agent (theirs): each has an index that it is read by, so that no
step reads more than its batch, however many calls there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select, text, true, tuple_, update
from sqlalchemy.orm import Session, aliased

from app.store.calls import Call
from app.store.invitations import Invitation
from app.store.roster import RosterEntry, entry_at, is_rostered

# of one extension; counting more would take longer than it tells
MOST_COUNTED = 1_000

_UNMAPPED = f"""
    with recursive extension as (
        (select source, platform_agent_id from call
         where account_id = :account_id and agent_id is null and platform_agent_id is not null
           and (source, platform_agent_id) > (:after_source, :after_id) {{only}}
         order by source, platform_agent_id limit 1)
        union all
        select n.source, n.platform_agent_id from extension e cross join lateral (
            select source, platform_agent_id from call
            where account_id = :account_id and agent_id is null and platform_agent_id is not null
              and (source, platform_agent_id) > (e.source, e.platform_agent_id) {{only}}
            order by source, platform_agent_id limit 1) n
    )
    select e.source, e.platform_agent_id, counted.*,
           (select min(ended_on) from call c where c.account_id = :account_id and c.source = e.source
              and c.platform_agent_id = e.platform_agent_id and c.agent_id is null) as first_day,
           (select max(ended_on) from call c where c.account_id = :account_id and c.source = e.source
              and c.platform_agent_id = e.platform_agent_id and c.agent_id is null) as last_day
    from (select * from extension limit :most) e
    cross join lateral (
        select count(*) as calls, count(i.responded_at) as answers,
               (array_agg(c.agent_name order by c.ended_at desc) filter (where c.agent_name is not null))[1]
                   as name
        from (select id, agent_name, ended_at from call
              where account_id = :account_id and source = e.source
                and platform_agent_id = e.platform_agent_id and agent_id is null
              order by ended_on desc limit {MOST_COUNTED}) c
        join invitation i on i.account_id = :account_id and i.call_id = c.id
    ) counted
    order by e.source, e.platform_agent_id
"""  # noqa: S608  # MOST_COUNTED is the number above


@dataclass(frozen=True)
class Group:
    """An extension's unmapped calls (`agent_id` None), or an agent's calls."""

    agent_id: str | None
    source: str = ""
    platform_agent_id: str = ""


@dataclass(frozen=True)
class Period:
    """Days on which calls ended, both included."""

    start: date
    end: date


def unmapped_agents(
    session: Session, account_id: UUID, *, source: str | None, after: tuple[str, str], limit: int
) -> Sequence[Any]:
    """(source, platform_agent_id, calls, answers, name, first_day, last_day), in that order of the first two."""
    values = {
        "account_id": account_id,
        "source": source,
        "after_source": after[0],
        "after_id": after[1],
        "most": limit,
    }
    only = "" if source is None else "and source = :source"
    return session.execute(text(_UNMAPPED.format(only=only)), values).all()


def next_extension(
    session: Session,
    account_id: UUID,
    after: Group | None,
    *,
    source: str | None,
    platform_agent_id: str | None,
) -> Group | None:
    """The next one that has unmapped calls, in the order of source and id."""
    query = (
        select(Call.source, Call.platform_agent_id)
        .where(Call.account_id == account_id, Call.agent_id.is_(None), Call.platform_agent_id.is_not(None))
        .order_by(Call.source, Call.platform_agent_id)
        .limit(1)
    )
    if after is not None:
        place = tuple_(Call.source, Call.platform_agent_id)
        query = query.where(place > tuple_(after.source, after.platform_agent_id))
    if source is not None:
        query = query.where(Call.source == source)
    if platform_agent_id is not None:
        query = query.where(Call.platform_agent_id == platform_agent_id)
    row = session.execute(query).first()
    return None if row is None else Group(None, row.source, row.platform_agent_id)


def may_resolve(session: Session, account_id: UUID, extension: Group) -> bool:
    """Whether any of its calls could be resolved: the roster names it at some time, or the source has none."""
    named = select(is_rostered(account_id, extension.source, extension.platform_agent_id))
    rostered = select(is_rostered(account_id, extension.source))
    return bool(session.scalar(named)) or not session.scalar(rostered)


def next_agent(session: Session, account_id: UUID, after: str) -> Group | None:
    agent_id = session.scalar(
        select(func.min(Call.agent_id)).where(Call.account_id == account_id, Call.agent_id > after)
    )
    return None if agent_id is None else Group(agent_id)


def calls_of_group(
    session: Session,
    account_id: UUID,
    group: Group,
    *,
    period: Period,
    after: tuple[date, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """(Call, RosterEntry or None, rostered) in the order of day and id; `after`: those two of the last one seen."""
    query = _with_entry(account_id).where(Call.ended_on.between(period.start, period.end))
    if group.agent_id is None:
        query = query.where(
            Call.agent_id.is_(None),
            Call.source == group.source,
            Call.platform_agent_id == group.platform_agent_id,
        )
    else:
        query = query.where(Call.agent_id == group.agent_id)
    if after is not None:
        query = query.where(tuple_(Call.ended_on, Call.id) > tuple_(*after))
    return session.execute(query.order_by(Call.ended_on, Call.id).limit(limit)).all()


def _with_entry(account_id: UUID) -> Any:
    entry = aliased(
        RosterEntry,
        entry_at(
            account_id,
            Call.source,
            Call.platform_agent_id,
            func.coalesce(Call.taken_at, Call.answered_at, Call.started_at),
        ),
    )
    return (
        select(Call, entry, is_rostered(account_id, Call.source).label("rostered"))
        .outerjoin(entry, true())
        .where(Call.account_id == account_id)
    )


def hold_calls(session: Session, account_id: UUID, call_ids: Sequence[UUID], *, wait: bool) -> Sequence[Any]:
    """The same rows as they are now, with their invitations locked; without `wait`, less those that others hold.

    Answers and amendments hold that lock too. Who takes several of them may wait for none: an opt-out that ends
    two surveys takes them in an order of its own.
    """
    held = session.scalars(
        select(Invitation.call_id)
        .where(Invitation.account_id == account_id, Invitation.call_id.in_(call_ids))
        .order_by(Invitation.id)
        .with_for_update(skip_locked=not wait)
    ).all()
    query = _with_entry(account_id).where(Call.id.in_(held)).order_by(Call.id)
    return session.execute(query, execution_options={"populate_existing": True}).all()


def touch_invitations(session: Session, account_id: UUID, call_ids: Sequence[UUID]) -> None:
    """Whoever pages through the responses shall see them again, with their agent."""
    session.execute(
        update(Invitation)
        .where(and_(Invitation.account_id == account_id, Invitation.call_id.in_(call_ids)))
        .values(updated_at=func.clock_now()),
        execution_options={"synchronize_session": False},
    )
