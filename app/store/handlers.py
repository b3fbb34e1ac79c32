"""Who handled a call, one after the other: all of them, whoever it counts for."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, SmallInteger, and_, delete, func, insert, select, true
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from app.domain.handlers import Handler
from app.store.base import Base
from app.store.calls import Call
from app.store.roster import RosterEntry, entry_at, is_rostered


class CallHandler(Base):
    """As reported. Who that is, the roster says when it is read: nothing is counted by it but `counts`, whose agent
    is frozen on the call.

    `position`: from 1. `chosen`: by the survey's rule, or because the customer was asked about them. `counts`: the
    call counts for them; another than the chosen one, or none, where a person decided so.
    """

    __tablename__ = "call_handler"
    __table_args__ = (ForeignKeyConstraint(["account_id", "call_id"], ["call.account_id", "call.id"]),)

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    platform_agent_id: Mapped[str]
    agent_name: Mapped[str | None]
    team: Mapped[str | None]
    vendor: Mapped[str | None]
    queue: Mapped[str | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    talk_seconds: Mapped[int | None]
    chosen: Mapped[bool]
    counts: Mapped[bool]

    @property
    def handler(self) -> Handler:
        return Handler(
            agent_id=self.platform_agent_id,
            agent_name=self.agent_name,
            team=self.team,
            vendor=self.vendor,
            queue=self.queue,
            started_at=self.started_at,
            ended_at=self.ended_at,
            talk_seconds=self.talk_seconds,
        )


def handler_rows(handlers: Iterable[Handler], chosen: int | None) -> list[dict[str, Any]]:
    """The columns of each but those that name its call. `chosen`: a place among them, from 0."""
    return [
        {
            "position": place + 1,
            "platform_agent_id": one.agent_id,
            "agent_name": one.agent_name,
            "team": one.team,
            "vendor": one.vendor,
            "queue": one.queue,
            "started_at": one.started_at,
            "ended_at": one.ended_at,
            "talk_seconds": one.talk_seconds,
            "chosen": place == chosen,
            "counts": place == chosen,
        }
        for place, one in enumerate(handlers)
    ]


def handlers_of(session: Session, account_id: UUID, call_id: UUID) -> Sequence[CallHandler]:
    return session.scalars(
        select(CallHandler)
        .where(CallHandler.account_id == account_id, CallHandler.call_id == call_id)
        .order_by(CallHandler.position)
    ).all()


def handlers_with_entries(session: Session, account_id: UUID, call_ids: Sequence[UUID]) -> Sequence[Any]:
    """(CallHandler, RosterEntry or None, rostered) of those calls: whom the roster now names for each part."""
    at = func.coalesce(CallHandler.started_at, Call.answered_at, Call.started_at)
    entry = aliased(RosterEntry, entry_at(account_id, Call.source, CallHandler.platform_agent_id, at))
    return session.execute(
        select(CallHandler, entry, is_rostered(account_id, Call.source).label("rostered"))
        .join(Call, and_(Call.account_id == CallHandler.account_id, Call.id == CallHandler.call_id))
        .outerjoin(entry, true())
        .where(CallHandler.account_id == account_id, CallHandler.call_id.in_(call_ids))
        .order_by(CallHandler.call_id, CallHandler.position)
    ).all()


def put_handlers(session: Session, call: Call, rows: Sequence[dict[str, Any]]) -> None:
    """In place of those there are. The caller holds the lock of the call's invitation."""
    session.execute(
        delete(CallHandler).where(CallHandler.account_id == call.account_id, CallHandler.call_id == call.id)
    )
    session.flush()
    session.execute(
        insert(CallHandler), [{"account_id": call.account_id, "call_id": call.id, **row} for row in rows]
    )
