"""Who sat at which extension, and when: what a platform calls an agent, resolved to a person at the call's time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKeyConstraint,
    FromClause,
    UniqueConstraint,
    delete,
    insert,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.roster import Entry
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

    @property
    def entry(self) -> Entry:
        return Entry(
            platform_agent_id=self.platform_agent_id,
            agent_id=self.agent_id,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            name=self.name,
            team=self.team,
            vendor=self.vendor,
        )


_LOCK = text("select pg_advisory_xact_lock(hashtextextended('roster:' || :account_id, 0))")
_PLACE = (RosterEntry.source, RosterEntry.platform_agent_id, RosterEntry.valid_from)


def lock_roster(session: Session, account_id: UUID) -> None:
    """One change of an account's roster at a time: whether entries overlap is looked up, then written.

    A statement of its own, so that the next one sees what it waited for.
    """
    session.execute(_LOCK, {"account_id": str(account_id)})


def entry_at(account_id: Any, source: Any, platform_agent_id: Any, at: Any) -> FromClause:
    """The entry of that id at that moment, to be joined: values, or columns of what it is joined to."""
    return (
        select(RosterEntry)
        .where(
            RosterEntry.account_id == account_id,
            RosterEntry.source == source,
            RosterEntry.platform_agent_id == platform_agent_id,
            RosterEntry.valid_from <= at,
            or_(RosterEntry.valid_to.is_(None), RosterEntry.valid_to > at),
        )
        .order_by(RosterEntry.valid_from.desc())
        .limit(1)
        .lateral("seat")
    )


def is_rostered(account_id: Any, source: Any, platform_agent_id: Any = None) -> ColumnElement[bool]:
    """Whether that source (or that id of it) has any entry, at whatever time: then the roster alone resolves it.

    The first by the index, not EXISTS: for that the table is read from end to end where statistics expect a
    match soon and there is none.
    """
    first = select(RosterEntry.id).where(RosterEntry.account_id == account_id, RosterEntry.source == source)
    if platform_agent_id is not None:
        first = first.where(RosterEntry.platform_agent_id == platform_agent_id)
    first = first.order_by(RosterEntry.platform_agent_id, RosterEntry.valid_from).limit(1)
    return first.correlate_except(RosterEntry).scalar_subquery().is_not(None)


def find_entry_at(
    session: Session, account_id: UUID, source: str, platform_agent_id: str, at: datetime
) -> tuple[tuple[UUID, Entry] | None, bool]:
    """(id and entry, or None; whether the source has a roster)."""
    seat = entry_at(account_id, source, platform_agent_id, at)
    found = session.scalar(
        select(RosterEntry)
        .join(seat, RosterEntry.id == seat.c.id)
        .where(RosterEntry.account_id == account_id)
    )
    rostered = session.scalar(select(is_rostered(account_id, source)))
    return None if found is None else (found.id, found.entry), bool(rostered)


def get_entry(session: Session, account_id: UUID, entry_id: UUID) -> RosterEntry | None:
    return session.get(RosterEntry, (account_id, entry_id))


def entries_of(
    session: Session, account_id: UUID, source: str, platform_agent_id: str | None = None
) -> Sequence[RosterEntry]:
    query = select(RosterEntry).where(RosterEntry.account_id == account_id, RosterEntry.source == source)
    if platform_agent_id is not None:
        query = query.where(RosterEntry.platform_agent_id == platform_agent_id)
    return session.scalars(query.order_by(*_PLACE)).all()


def list_entries(
    session: Session,
    account_id: UUID,
    *,
    source: str | None = None,
    agent_id: str | None = None,
    platform_agent_id: str | None = None,
    at: datetime | None = None,
    after: tuple[str, str, datetime] | None = None,
    limit: int | None = None,
) -> Sequence[RosterEntry]:
    """In the order of source, platform agent id and time; `after`: those three of the last one seen."""
    query = select(RosterEntry).where(RosterEntry.account_id == account_id)
    for column, wanted in (
        (RosterEntry.source, source),
        (RosterEntry.agent_id, agent_id),
        (RosterEntry.platform_agent_id, platform_agent_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if at is not None:
        query = query.where(
            RosterEntry.valid_from <= at, or_(RosterEntry.valid_to.is_(None), RosterEntry.valid_to > at)
        )
    if after is not None:
        query = query.where(tuple_(*_PLACE) > tuple_(*after))
    return session.scalars(query.order_by(*_PLACE).limit(limit)).all()


def add_entries(
    session: Session, account_id: UUID, source: str, entries: Sequence[tuple[UUID, Entry]]
) -> None:
    """The caller holds the roster's lock, and has seen that nothing overlaps."""
    if entries:
        session.execute(
            insert(RosterEntry),
            [
                {"account_id": account_id, "id": entry_id, "source": source, **vars(entry)}
                for entry_id, entry in entries
            ],
        )


def remove_entries(session: Session, account_id: UUID, ids: Sequence[UUID]) -> None:
    session.execute(delete(RosterEntry).where(RosterEntry.account_id == account_id, RosterEntry.id.in_(ids)))
