"""Queues and sources that are only tried: their calls are decided on and logged, and nobody is asked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

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


def list_dry_runs(session: Session, account_id: UUID) -> list[DryRun]:
    return list(
        session.scalars(
            select(DryRun).where(DryRun.account_id == account_id).order_by(DryRun.kind, DryRun.name)
        )
    )


def dry_runs_of(session: Session, account_id: UUID) -> frozenset[tuple[str, str]]:
    """(kind, name) of all that the account only tries."""
    rows = session.execute(select(DryRun.kind, DryRun.name).where(DryRun.account_id == account_id))
    return frozenset((row.kind, row.name) for row in rows)


def add_dry_run(session: Session, account_id: UUID, kind: str, name: str) -> bool:
    """False where it is one already."""
    added = session.execute(
        insert(DryRun)
        .values(account_id=account_id, kind=kind, name=name)
        .on_conflict_do_nothing(constraint="pk_dry_run")
        .returning(DryRun.name)
    )
    return added.first() is not None


def remove_dry_run(session: Session, account_id: UUID, kind: str, name: str) -> bool:
    """False where there was none."""
    removed = session.execute(
        delete(DryRun)
        .where(DryRun.account_id == account_id, DryRun.kind == kind, DryRun.name == name)
        .returning(DryRun.name)
    )
    return removed.first() is not None
