"""Queues and sources that are only tried: their calls are decided on and logged, and nobody is asked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.store.base import Base, made_at


class DryRun(Base):
    """`kind` is queue or source."""

    __tablename__ = "dry_run"
    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["account.id"]),
        CheckConstraint("kind in ('queue', 'source')", name="kind"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = made_at()
