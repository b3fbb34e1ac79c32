"""Exclusions: windows of time, and queues, in which nobody is asked; and what was to be asked within them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.exclusion import Exclusion
from app.store.base import Base, database_now, made_at
from app.store.senders import NOBODY

# a call is reported a week late at most, for one that is asked after
_OLDEST = timedelta(days=8)
# by then no process asks by what it has read before the exclusion was made, see ShortCache
_SETTLED = timedelta(seconds=10)


class ExclusionRow(Base):
    """`applied_at`: since when nothing within it waits to be asked; null for one that was made this moment."""

    __tablename__ = "exclusion"
    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["account.id"]),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("(ended_at is null) = (ended_by is null)", name="ended_by_somebody"),
        Index("ix_exclusion_period", "account_id", "ends_at"),
        Index("ix_exclusion_waiting", "made_at", postgresql_where="applied_at is null"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    queues: Mapped[list[str]] = mapped_column(ARRAY(Text))  # none: all
    reason: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime] = made_at()
    ended_at: Mapped[datetime | None]  # early
    ended_by: Mapped[str | None]
    taken_back: Mapped[int] = mapped_column(server_default=text("0"))
    applied_at: Mapped[datetime | None]

    @property
    def exclusion(self) -> Exclusion:
        ends_at = self.ends_at if self.ended_at is None else max(self.starts_at, self.ended_at)
        return Exclusion(self.id, self.starts_at, ends_at, tuple(self.queues), self.reason)


def exclusions_of(session: Session, account_id: UUID) -> tuple[Exclusion, ...]:
    """Those that a call reported now may fall into, and those to come."""
    rows = session.scalars(
        select(ExclusionRow)
        .where(ExclusionRow.account_id == account_id, ExclusionRow.ends_at > database_now(session) - _OLDEST)
        .order_by(ExclusionRow.starts_at, ExclusionRow.id)
    )
    return tuple(row.exclusion for row in rows)


def list_exclusions(
    session: Session, account_id: UUID, *, before: UUID | None, limit: int
) -> Sequence[ExclusionRow]:
    """The last made first."""
    query = select(ExclusionRow).where(ExclusionRow.account_id == account_id)
    if before is not None:
        query = query.where(ExclusionRow.id < before)
    return session.scalars(query.order_by(ExclusionRow.id.desc()).limit(limit)).all()


def find_exclusion(
    session: Session,
    account_id: UUID,
    *,
    starts_at: datetime,
    ends_at: datetime,
    queues: Sequence[str],
    reason: str,
) -> UUID | None:
    """One that says just this, and that nobody has ended."""
    return session.scalar(
        select(ExclusionRow.id)
        .where(
            ExclusionRow.account_id == account_id,
            ExclusionRow.starts_at == starts_at,
            ExclusionRow.ends_at == ends_at,
            ExclusionRow.queues == list(queues),
            ExclusionRow.reason == reason,
            ExclusionRow.ended_at.is_(None),
        )
        .limit(1)
    )


def lock_exclusion(session: Session, account_id: UUID, exclusion_id: UUID) -> ExclusionRow | None:
    return session.scalar(
        select(ExclusionRow)
        .where(ExclusionRow.account_id == account_id, ExclusionRow.id == exclusion_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def exclusions_to_apply(session: Session, most: int) -> list[tuple[UUID, UUID]]:
    """(account, exclusion) of those that were made some seconds ago and may still have something waiting."""
    rows = session.execute(
        select(ExclusionRow.account_id, ExclusionRow.id)
        .where(ExclusionRow.applied_at.is_(None), ExclusionRow.made_at <= database_now(session) - _SETTLED)
        .order_by(ExclusionRow.made_at)
        .limit(most)
    )
    return [(row.account_id, row.id) for row in rows]


# By way of what waits to be sent, which is never much: no index leads to calls by their time. A link is in the
# hands of whoever delivers it, perhaps of the customer by now. Step by step, whatever the planner believes of the
# tables: all that waits by the index that holds nothing else, then each one's survey and call by their keys.
_WAITING = text(
    """
    with waiting as materialized (
        select invitation_id, bool_and(state = 'due') as is_due from message
        where account_id = :account_id and state in ('due', 'claimed') and purpose = 'ask'
          and sender_id <> :nobody and not doubted
        group by invitation_id
    ), page as materialized (
        select * from waiting where invitation_id > :after order by invitation_id limit :limit
    )
    select w.invitation_id, w.is_due, i.call_id, i.contact_id, k.started_at, k.ended_at, k.queue,
           k.phone_contact_id, k.email_contact_id, k.customer_contact_id
    from page w
    cross join lateral (
        select call_id, contact_id from invitation where account_id = :account_id and id = w.invitation_id offset 0
    ) i
    cross join lateral (
        select * from call where account_id = :account_id and id = i.call_id offset 0
    ) k
    order by w.invitation_id
    """
)


def waiting_surveys(session: Session, account_id: UUID, *, after: UUID | None, limit: int) -> Sequence[Any]:
    """Surveys whose first message waits to be sent or is being sent, with their calls, by id."""
    values = {"account_id": account_id, "after": after or UUID(int=0), "limit": limit, "nobody": NOBODY}
    return session.execute(_WAITING, values).all()


# it comes back to be sent once the carrier has been asked and doesn't have it
_UNCLEAR = text(
    """
    select exists (
        select from message m
        join invitation i on i.account_id = m.account_id and i.id = m.invitation_id
        join call k on k.account_id = i.account_id and k.id = i.call_id
        where m.account_id = :account_id and m.state = 'unknown' and m.purpose = 'ask' and i.state = 'scheduled'
          and k.ended_at >= :starts_at and k.started_at < :ends_at)
    """
)


def any_unclear_within(session: Session, account_id: UUID, exclusion: Exclusion) -> bool:
    """Whether it is unclear of any first message, of calls within the window, if it has gone."""
    values = {
        "account_id": account_id,
        "starts_at": exclusion.starts_at,
        "ends_at": exclusion.ends_at,
    }
    return bool(session.scalar(_UNCLEAR, values))


# what is claimed this moment is being sent
_TAKE_BACK = text(
    """
    update message m set state = 'cancelled', ended_at = clock_now(), detail = 'excluded'
    from (select account_id, id from message
          where account_id = :account_id and invitation_id = any(:invitations) and purpose = 'ask'
            and state = 'due' and not doubted
          order by id for update skip locked) held
    where m.account_id = held.account_id and m.id = held.id
    returning m.invitation_id
    """
)


def take_back_unsent(session: Session, account_id: UUID, invitations: Sequence[UUID]) -> set[UUID]:
    """Cancel their first messages, where nothing sends them this moment; which of the invitations that was so for.

    The caller holds the invitations.
    """
    values = {"account_id": account_id, "invitations": list(invitations)}
    return set(session.scalars(_TAKE_BACK, values))


_SKIP = text(
    """
    with skipped as (
        update invitation set state = 'skipped', skip_reason = 'excluded', channel = null, ended_at = clock_now(),
               decision = decision || jsonb_build_object('taken_back', cast(:words as text))
        where account_id = :account_id and id = any(:invitations) and state = 'scheduled'
        returning account_id, id, call_id
    ), told as (
        insert into event (account_id, type, subject_id, content)
        select account_id, 'invitation.skipped', id, jsonb_build_object('call_id', call_id, 'reason', 'excluded')
        from skipped
    )
    insert into stale_cell (account_id, agent_id, day)
    select s.account_id, coalesce(k.agent_id, ''), k.ended_on from skipped s
    cross join lateral (
        select agent_id, ended_on, is_test from call where account_id = s.account_id and id = s.call_id offset 0
    ) k
    where not k.is_test
    """
)


def skip_taken_back(session: Session, account_id: UUID, invitations: Collection[UUID], words: str) -> None:
    """The surveys whose messages were taken back; `words`: the exclusion's, for whoever asks why."""
    session.execute(_SKIP, {"account_id": account_id, "invitations": list(invitations), "words": words})
