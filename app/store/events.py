"""The outbox: what others may want to be told, written in the transaction in which it became true."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.store.base import Base, made_at


class Event(Base):
    """`content` holds ids, codes and numbers; never an address or a customer's words."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_created_at", "created_at"),)

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    type: Mapped[str]
    subject_id: Mapped[UUID]
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = made_at()
    published_at: Mapped[datetime | None]


def add_event(session: Session, account_id: UUID, type_: str, subject_id: UUID, **content: Any) -> None:
    session.execute(
        insert(Event).values(account_id=account_id, type=type_, subject_id=subject_id, content=content)
    )


def forget_events(session: Session, before: datetime, most: int) -> int:
    """Delete up to `most` events from before that time, the oldest first; how many those were."""
    old = (
        select(Event.account_id, Event.id)
        .where(Event.created_at < before)
        .order_by(Event.created_at)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    rows = session.execute(
        delete(Event).where(Event.account_id == old.c.account_id, Event.id == old.c.id).returning(Event.id),
        execution_options={"synchronize_session": False},
    )
    return len(rows.all())
