"""Who changed what, and who read customers' words: written in that very transaction, and never changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Identity, Index, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.store.base import Base, made_at


class Audit(Base):
    """`actor` is `key pc_...` (a key's prefix and name) or `operator` (whoever can run commands).

    `subject_id`: the one thing that was changed, where its own story tells of it.
    """

    __tablename__ = "audit"
    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["account.id"]),
        Index("ix_audit_subject", "account_id", "subject_id", postgresql_where="subject_id is not null"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = made_at()
    actor: Mapped[str]
    action: Mapped[str]
    detail: Mapped[dict[str, Any]]
    subject_id: Mapped[UUID | None]


def add_audit(session: Session, account_id: UUID, actor: str, action: str, **detail: Any) -> None:
    """`detail`: plain JSON values; no telephone numbers and no customers' words."""
    session.execute(insert(Audit).values(account_id=account_id, actor=actor, action=action, detail=detail))


def add_audit_of(
    session: Session, subject: tuple[UUID, UUID], actor: str, action: str, detail: dict[str, Any]
) -> None:
    """The same of one thing, (account, id), which tells of it in its own story."""
    account_id, subject_id = subject
    session.execute(
        insert(Audit).values(
            account_id=account_id, actor=actor, action=action, detail=detail, subject_id=subject_id
        )
    )


def audited(
    session: Session, account_id: UUID, *, action: str | None, before: int | None, limit: int
) -> Sequence[Audit]:
    """The newest first, all or those of one action; `before`: the id of the last one seen."""
    query = select(Audit).where(Audit.account_id == account_id)
    if action is not None:
        query = query.where(Audit.action == action)
    if before is not None:
        query = query.where(Audit.id < before)
    return session.scalars(query.order_by(Audit.id.desc()).limit(limit)).all()


def audited_of(session: Session, account_id: UUID, subject_ids: Sequence[UUID]) -> Sequence[Audit]:
    """What people did to these, the oldest first."""
    query = select(Audit).where(Audit.account_id == account_id, Audit.subject_id.in_(subject_ids))
    return session.scalars(query.order_by(Audit.id)).all()
