"""Who sat at which extension, and when: what a platform calls an agent, resolved to a person at the call's time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.store.base import Base, made_at


class RosterEntry(Base):
    """From `valid_from` (included) to `valid_to` (excluded; null: open). Those of one extension never overlap."""

    __tablename__ = "roster_entry"
    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["account.id"]),
        UniqueConstraint("account_id", "source", "platform_agent_id", "valid_from"),
        CheckConstraint("valid_from < valid_to", name="period"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    platform_agent_id: Mapped[str]
    agent_id: Mapped[str]
    name: Mapped[str | None]
    team: Mapped[str | None]
    vendor: Mapped[str | None]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    created_at: Mapped[datetime] = made_at()
