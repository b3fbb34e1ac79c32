"""Connections: by which door a telephony platform reports its calls, and with which secret."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.errors import NotFound
from app.ids import new_id
from app.store.base import Base, keyring, made_at

_SECRETS = "connection.secrets"
# a rotation needs two; more would only be more that may leak
_MOST_SECRETS = 2


class Connection(Base):
    """`source`: under which its calls are known; those that see the same calls share one. `secrets`: a line each,
    the newest first; each may have signed what comes in. `settings`: see `app.flow.connections`."""

    __tablename__ = "connection"
    __table_args__ = (UniqueConstraint("id"), UniqueConstraint("account_id", "name"))

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    platform: Mapped[str]
    name: Mapped[str]
    source: Mapped[str]
    secrets: Mapped[bytes | None]
    settings: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = made_at()


@dataclass(frozen=True)
class ConnectionFacts:
    """A connection as whoever receives by it needs it; the secrets are in clear."""

    account_id: UUID
    id: UUID
    platform: str
    name: str
    source: str
    settings: dict[str, Any]
    secrets: tuple[str, ...] = field(repr=False)


def secrets_of(session: Session, connection: Connection) -> tuple[str, ...]:
    if connection.secrets is None:
        return ()
    return tuple(keyring(session).open(_SECRETS, connection.account_id, connection.secrets).split("\n"))


def put_secret(session: Session, connection: Connection, secret: str) -> None:
    """The newest; the one before it is still believed, and none before that."""
    before = [one for one in secrets_of(session, connection) if one != secret]
    lines = "\n".join([secret, *before][:_MOST_SECRETS])
    connection.secrets = keyring(session).seal(_SECRETS, connection.account_id, lines)


def facts_of(session: Session, connection: Connection) -> ConnectionFacts:
    return ConnectionFacts(
        connection.account_id,
        connection.id,
        connection.platform,
        connection.name,
        connection.source,
        connection.settings,
        secrets_of(session, connection),
    )


def find_door(session: Session, connection_id: UUID) -> ConnectionFacts | None:
    """By its id alone, which is in the address that a platform posts to: whose it is shows by that."""
    connection = session.scalar(select(Connection).where(Connection.id == connection_id))
    return facts_of(session, connection) if connection and connection.is_active else None


def add_connection(
    session: Session,
    account_id: UUID,
    *,
    platform: str,
    name: str,
    source: str | None,
    settings: dict[str, Any],
    secret: str | None,
) -> Connection | None:
    """None where the account has one of that name. `source`: None for the connection's own id."""
    connection_id = new_id()
    added = session.scalar(
        insert(Connection)
        .values(
            account_id=account_id,
            id=connection_id,
            platform=platform,
            name=name,
            source=source or str(connection_id),
            settings=settings,
            secrets=None if secret is None else keyring(session).seal(_SECRETS, account_id, secret),
        )
        .on_conflict_do_nothing(constraint="uq_connection_account_id_name")
        .returning(Connection.id)
    )
    return added and session.get_one(Connection, (account_id, added))


def get_connection(session: Session, account_id: UUID, connection_id: UUID) -> Connection:
    """Raises NotFound."""
    connection = session.get(Connection, (account_id, connection_id))
    if connection is None:
        raise NotFound("No such connection")
    return connection


def connection_named(session: Session, account_id: UUID, name: str) -> Connection:
    """By its name or id, for commands that people type. Raises NotFound."""
    rows = session.scalars(select(Connection).where(Connection.account_id == account_id)).all()
    found = next((row for row in rows if name in (row.name, str(row.id))), None)
    if found is None:
        raise NotFound(f"No connection is named {name!r}")
    return found


def lock_connection(session: Session, account_id: UUID, connection_id: UUID) -> Connection:
    """The same, ours alone until the transaction ends. Raises NotFound."""
    connection = session.scalar(
        select(Connection)
        .where(Connection.account_id == account_id, Connection.id == connection_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if connection is None:
        raise NotFound("No such connection")
    return connection


def list_connections(
    session: Session, account_id: UUID, *, after: UUID | None, limit: int
) -> Sequence[Connection]:
    """The oldest first."""
    query = select(Connection).where(Connection.account_id == account_id)
    if after is not None:
        query = query.where(Connection.id > after)
    return session.scalars(query.order_by(Connection.id).limit(limit)).all()
