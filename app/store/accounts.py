"""Accounts (the tenants), their API keys, and the switches that hold their sending."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.errors import NotFound
from app.ids import new_id
from app.store.base import Base, keyring, made_at

EVERY_ACCOUNT = "all"


class Account(Base):
    """`settings`: {targets: {metric: value}, thresholds: {metric: [indicative, reportable]}, privacy_url, holidays,
    ...}."""

    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    brand: Mapped[str]
    timezone: Mapped[str]
    hotline: Mapped[str | None]
    default_region: Mapped[str | None]
    default_language: Mapped[str]
    settings: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = made_at()

    @property
    def privacy_url(self) -> str | None:
        """Where customers read what becomes of their answers."""
        found: str | None = self.settings.get("privacy_url")
        return found

    @property
    def holidays(self) -> frozenset[str]:
        """Days on which it asks nobody, as `domain.holidays` reads them."""
        return frozenset(self.settings.get("holidays") or ())


class ApiKey(Base):
    __tablename__ = "api_key"
    __table_args__ = (UniqueConstraint("key_hash"), UniqueConstraint("account_id", "prefix"))

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    prefix: Mapped[str]
    key_hash: Mapped[bytes]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    agent_id: Mapped[str | None]
    created_at: Mapped[datetime] = made_at()
    revoked_at: Mapped[datetime | None]


class SendingPause(Base):
    """Sending is held for `scope`: an account's id, or every account."""

    __tablename__ = "sending_pause"

    scope: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = made_at()


@dataclass(frozen=True)
class ApiKeyFacts:
    """What a request may do; `agent_id` narrows `results:self` to that agent."""

    account_id: UUID
    key_id: UUID
    scopes: frozenset[str]
    agent_id: str | None
    prefix: str
    name: str

    @property
    def actor(self) -> str:
        """As the audit names it."""
        return f"key {self.prefix} {self.name}"


def make_api_key_text() -> str:
    """256 random bits; the first characters are kept in clear so that a person can tell keys apart."""
    return "pc_" + secrets.token_urlsafe(32)


def add_api_key(
    session: Session, account_id: UUID, *, name: str, scopes: list[str], agent_id: str | None, presented: str
) -> ApiKey:
    """Store the hash and the prefix of a key; storing the same key again changes nothing."""
    key = ApiKey(
        account_id=account_id,
        id=new_id(),
        name=name,
        prefix=presented[:11],
        key_hash=keyring(session).lookups("api_key", presented)[0],
        scopes=scopes,
        agent_id=agent_id,
    )
    known = session.scalar(
        select(ApiKey).where(
            ApiKey.account_id == account_id,
            ApiKey.key_hash.in_(keyring(session).lookups("api_key", presented)),
        )
    )
    if known is None:
        session.add(key)
        session.flush()
    return known or key


def find_api_key(session: Session, presented: str) -> ApiKeyFacts | None:
    """Whose key that is; None for one that is unknown or revoked."""
    row = session.execute(
        select(
            ApiKey.account_id, ApiKey.id, ApiKey.scopes, ApiKey.agent_id, ApiKey.prefix, ApiKey.name
        ).where(
            ApiKey.key_hash.in_(keyring(session).lookups("api_key", presented)), ApiKey.revoked_at.is_(None)
        )
    ).one_or_none()
    return row and ApiKeyFacts(
        row.account_id, row.id, frozenset(row.scopes), row.agent_id, row.prefix, row.name
    )


def get_account(session: Session, account_id: UUID) -> Account:
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("No such account")
    return account


def find_account(session: Session, name: str) -> Account:
    """By name, for commands that people type. Raises NotFound."""
    account = session.scalar(select(Account).where(Account.name == name))
    if account is None:
        raise NotFound(f"No account is named {name!r}")
    return account


def accounts_named(session: Session, name: str | None) -> list[Account]:
    """The one of that name, or (None) all. Raises NotFound."""
    if name is not None:
        return [find_account(session, name)]
    return list(session.scalars(select(Account).order_by(Account.name)))


def pause_sending(session: Session, scope: str) -> None:
    """Hold sending at the claim: what is claimed already is still sent."""
    session.execute(insert(SendingPause).values(scope=scope).on_conflict_do_nothing())


def sending_is_paused(session: Session, account_id: UUID) -> bool:
    """This account's sending, or everybody's."""
    scopes = (EVERY_ACCOUNT, str(account_id))
    return (
        session.scalar(select(SendingPause.scope).where(SendingPause.scope.in_(scopes)).limit(1)) is not None
    )


def resume_sending(session: Session, scope: str) -> None:
    pause = session.get(SendingPause, scope)
    if pause is not None:
        session.delete(pause)
