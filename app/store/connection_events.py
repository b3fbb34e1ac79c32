"""What came in by a connection, and what became of it: why did nothing happen?"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    Select,
    UniqueConstraint,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.errors import NotFound
from app.ids import new_id
from app.store.base import Base, keyring, made_at
from app.store.connections import Connection, ConnectionFacts

_CONTENT = "connection_event.content"
# strangers decide how many there are: of what was refused, only the newest are kept
_MOST_REFUSED = 50


class ConnectionEvent(Base):
    """`event_key`: the same again is the same event; null for what was refused. `decide_at`: until when the rest of
    its call is waited for. The row is kept for 30 days, its content sealed."""

    __tablename__ = "connection_event"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "connection_id"],
            ["connection.account_id", "connection.id"],
            name="fk_connection_event_connection",
        ),
        UniqueConstraint("account_id", "connection_id", "event_key"),
        Index("ix_connection_event_newest", "account_id", "connection_id", "id"),
        Index("ix_connection_event_received", "received_at"),
        Index("ix_connection_event_call", "account_id", "call_id", postgresql_where="content is not null"),
        Index("ix_connection_event_decide", "decide_at", postgresql_where="decide_at is not null"),
        Index(
            "ix_connection_event_waiting", "account_id", "call_id", postgresql_where="decide_at is not null"
        ),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[UUID]
    event_key: Mapped[bytes | None]
    outcome: Mapped[str]  # accepted | ignored | refused
    reason: Mapped[str | None]
    detail: Mapped[str | None]
    call_id: Mapped[str | None]  # as the platform names the call
    content: Mapped[bytes | None]
    decide_at: Mapped[datetime | None]
    repeats: Mapped[int] = mapped_column(server_default=text("0"))
    received_at: Mapped[datetime] = made_at()


def keep_event(
    session: Session, connection: ConnectionFacts, *, event_key: bytes, content: dict[str, Any]
) -> tuple[ConnectionEvent, bool]:
    """(the event, whether it is new). Whoever brings the same again waits here for the first one's end."""
    account_id = connection.account_id
    sealed = keyring(session).seal_bytes(_CONTENT, account_id, orjson.dumps(content))
    row = session.execute(
        insert(ConnectionEvent)
        .values(
            account_id=account_id,
            id=new_id(),
            connection_id=connection.id,
            event_key=event_key,
            outcome="ignored",
            content=sealed,
        )
        .on_conflict_do_update(
            constraint="uq_connection_event_account_id_connection_id_event_key",
            set_={"repeats": ConnectionEvent.repeats + 1},
        )
        .returning(ConnectionEvent.id, ConnectionEvent.repeats)
    ).one()
    event = session.get_one(ConnectionEvent, (account_id, row.id), populate_existing=True)
    return event, row.repeats == 0


def keep_refusal(session: Session, connection: ConnectionFacts, *, reason: str, detail: str) -> None:
    """Without its content: nobody vouches for that."""
    ours = (ConnectionEvent.account_id == connection.account_id) & (
        ConnectionEvent.connection_id == connection.id
    )
    refused = select(ConnectionEvent.id).where(ours, ConnectionEvent.outcome == "refused")
    old = (
        refused.order_by(ConnectionEvent.id.desc())
        .offset(_MOST_REFUSED - 1)
        .with_for_update(skip_locked=True)
    )
    session.execute(
        delete(ConnectionEvent).where(ours, ConnectionEvent.id.in_(old)),
        execution_options={"synchronize_session": False},
    )
    session.add(
        ConnectionEvent(
            account_id=connection.account_id,
            id=new_id(),
            connection_id=connection.id,
            outcome="refused",
            reason=reason,
            detail=detail,
        )
    )


def content_of(session: Session, event: ConnectionEvent) -> dict[str, Any]:
    """{query, content_type, at, body}: what came, as far as it is read."""
    found: dict[str, Any] = {}
    if event.content is not None:
        found = orjson.loads(keyring(session).open_bytes(_CONTENT, event.account_id, event.content))
    return found


def event_of(session: Session, connection: Connection, event_id: UUID) -> ConnectionEvent:
    """Raises NotFound."""
    event = session.get(ConnectionEvent, (connection.account_id, event_id))
    if event is None or event.connection_id != connection.id:
        raise NotFound("No such event of this connection")
    return event


def last_events(
    session: Session, account_id: UUID, connection_id: UUID, limit: int
) -> Sequence[ConnectionEvent]:
    """The newest first."""
    query = select(ConnectionEvent).where(
        ConnectionEvent.account_id == account_id, ConnectionEvent.connection_id == connection_id
    )
    return session.scalars(query.order_by(ConnectionEvent.id.desc()).limit(limit)).all()


def lock_call_id(session: Session, account_id: UUID, source: str, call_id: str) -> None:
    """All events of one call, one after another, until the transaction ends."""
    name = "\x1f".join((str(account_id), source, call_id))
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def waiting_events(
    session: Session, account_id: UUID, source: str, call_id: str
) -> Sequence[ConnectionEvent]:
    """What has come of a call that is not decided yet, the oldest first."""
    query = _events_of_call(account_id, source, call_id).where(ConnectionEvent.decide_at.is_not(None))
    return session.scalars(query.order_by(ConnectionEvent.id)).all()


def accepted_events(
    session: Session, account_id: UUID, source: str, call_id: str, most: int
) -> Sequence[ConnectionEvent]:
    """What has been accepted of a call and is still kept, the newest first."""
    query = _events_of_call(account_id, source, call_id).where(
        ConnectionEvent.outcome == "accepted", ConnectionEvent.content.is_not(None)
    )
    return session.scalars(query.order_by(ConnectionEvent.id.desc()).limit(most)).all()


def _events_of_call(account_id: UUID, source: str, call_id: str) -> Select[ConnectionEvent]:
    return (
        select(ConnectionEvent)
        .join(
            Connection,
            (Connection.account_id == ConnectionEvent.account_id)
            & (Connection.id == ConnectionEvent.connection_id),
        )
        .where(
            ConnectionEvent.account_id == account_id,
            ConnectionEvent.call_id == call_id,
            Connection.source == source,
        )
    )


def waited_enough(session: Session, most: int) -> list[tuple[UUID, UUID]]:
    """(account, event) of those whose call nothing more came of."""
    rows = session.execute(
        select(ConnectionEvent.account_id, ConnectionEvent.id)
        .where(ConnectionEvent.decide_at <= func.clock_now())
        .order_by(ConnectionEvent.decide_at)
        .limit(most)
    )
    return [(row.account_id, row.id) for row in rows]


def set_waiting(session: Session, event: ConnectionEvent, wait: timedelta | None) -> None:
    """Until so long from now; None: it is waited for no more."""
    session.execute(
        update(ConnectionEvent)
        .where(ConnectionEvent.account_id == event.account_id, ConnectionEvent.id == event.id)
        .values(decide_at=None if wait is None else func.clock_now() + wait)
    )


def forget_connection_events(session: Session, before: datetime, most: int) -> int:
    """Away with up to `most` of what came before that time."""
    old = (
        select(ConnectionEvent.account_id, ConnectionEvent.id)
        .where(ConnectionEvent.received_at < before)
        .order_by(ConnectionEvent.received_at)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    rows = session.execute(
        delete(ConnectionEvent)
        .where(ConnectionEvent.account_id == old.c.account_id, ConnectionEvent.id == old.c.id)
        .returning(ConnectionEvent.id),
        execution_options={"synchronize_session": False},
    )
    return len(rows.all())
