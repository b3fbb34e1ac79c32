"""What every table shares. Each primary and foreign key starts with account_id: the tenant is in every query.

Hot tables have no foreign key to account: each call would lock the account's row for sharing.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, MetaData, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

from app.store.keyring import Keyring

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads a plain dict here
        str: Text,
        bytes: LargeBinary,
        UUID: Uuid,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


def made_at() -> Any:
    return mapped_column(DateTime(timezone=True), server_default=text("clock_now()"))


def keyring(session: Session) -> Keyring:
    ring: Keyring = session.info["keyring"]
    return ring


def database_now(session: Session) -> datetime:
    """The time that leases, due times, cooldowns and opt-outs are compared with: the database's clock."""
    now: datetime = session.scalar(func.clock_now(type_=DateTime(timezone=True)))
    return now
