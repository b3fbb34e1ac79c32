"""Calls that ended."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint, exists, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.store.base import Base, keyring, made_at

_NAME = "call.customer_name"


class Call(Base):
    """Agent, team and vendor are frozen here: later moves change nothing."""

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("account_id", "source", "call_id"),
        Index("ix_call_agent_day", "account_id", "agent_id", "ended_on"),
        Index(
            "ix_call_unmapped",
            "account_id",
            "source",
            "platform_agent_id",
            "ended_on",
            postgresql_where="agent_id is null and platform_agent_id is not null",
        ),
        # all that is held about a person, and how long it is
        Index(
            "ix_call_phone_contact",
            "account_id",
            "phone_contact_id",
            postgresql_where="phone_contact_id is not null",
        ),
        Index(
            "ix_call_email_contact",
            "account_id",
            "email_contact_id",
            postgresql_where="email_contact_id is not null",
        ),
        Index(
            "ix_call_customer_ref", "account_id", "customer_ref", postgresql_where="customer_ref is not null"
        ),
        Index(
            "ix_call_named",
            "account_id",
            "ended_on",
            postgresql_where="customer_name is not null or customer_ref is not null or attributes <> '{}'",
        ),
        Index("ix_call_flagged", "account_id", "id", postgresql_where="flags <> '{}'"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    call_id: Mapped[str]
    direction: Mapped[str]
    platform_agent_id: Mapped[str | None]  # as reported; without an agent_id beside it: unmapped
    roster_entry_id: Mapped[UUID | None]  # what named the agent
    # {name, team, vendor} as reported, where the roster gave others: a later resolution begins from these
    reported_agent: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    agent_id: Mapped[str | None]
    agent_name: Mapped[str | None]
    team: Mapped[str | None]
    vendor: Mapped[str | None]
    queue: Mapped[str | None]
    contact_reason: Mapped[str | None]
    phone_contact_id: Mapped[UUID | None]
    email_contact_id: Mapped[UUID | None]
    customer_contact_id: Mapped[UUID | None]  # the person, where it is told who they are
    customer_name: Mapped[bytes | None]
    customer_ref: Mapped[str | None]
    language: Mapped[str | None]
    timezone: Mapped[str | None]
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime]
    ended_on: Mapped[date]  # in the account's time zone: the day it counts in
    is_answered: Mapped[bool]
    talk_seconds: Mapped[int | None]
    wait_seconds: Mapped[int | None]
    hold_seconds: Mapped[int | None]
    wrap_seconds: Mapped[int | None]
    ended_by: Mapped[str | None]
    # before and after the agent whom its customer is asked about
    transferred_from: Mapped[str | None]
    transferred_to: Mapped[str | None]
    # since when who it counts for had it; null: since it was answered
    taken_at: Mapped[datetime | None]
    # why it counts for whom it does, see domain.attribution; null: nobody else had it, and no person decided
    attributed_by: Mapped[str | None]
    trigger: Mapped[str]
    is_test: Mapped[bool]
    ask: Mapped[bool]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    attributes: Mapped[dict[str, Any]]
    flags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))  # see domain.flags
    body_hash: Mapped[bytes]
    received_at: Mapped[datetime] = made_at()
    forgotten_at: Mapped[datetime | None]  # its customer was: nothing of theirs is taken up again

    @property
    def last_of_several(self) -> bool:
        """As of `CallEnd`."""
        return self.transferred_from is not None and self.transferred_to is None


def seal_name(session: Session, account_id: UUID, name: str | None) -> bytes | None:
    return None if name is None else keyring(session).seal(_NAME, account_id, name)


def find_call(session: Session, account_id: UUID, source: str, call_id: str) -> Call | None:
    return session.scalar(
        select(Call).where(Call.account_id == account_id, Call.source == source, Call.call_id == call_id)
    )


def name_of(session: Session, call: Call) -> str | None:
    if call.customer_name is None:
        return None
    return keyring(session).open(_NAME, call.account_id, call.customer_name)


def agent_is_known(session: Session, account_id: UUID, agent_id: str) -> bool:
    """Whether any call of the account was theirs."""
    return bool(
        session.scalar(select(exists().where(Call.account_id == account_id, Call.agent_id == agent_id)))
    )
