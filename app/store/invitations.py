"""Invitations: exactly one per call, the skipped ones with their reason."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    FetchedValue,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.errors import NotFound
from app.store.base import Base, made_at


class Invitation(Base):
    """`decision`: what was looked at, in order. `change` grows with every committed update (see responses)."""

    __tablename__ = "invitation"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "call_id"], ["call.account_id", "call.id"]),
        UniqueConstraint("account_id", "call_id"),
        CheckConstraint("(state = 'skipped') = (skip_reason is not null)", name="skipped_has_reason"),
        CheckConstraint(
            "completed_at is null or responded_at is not null", name="completed_within_responded"
        ),
        CheckConstraint(
            "responded_at is null or delivered_at is not null", name="responded_within_delivered"
        ),
        CheckConstraint("(delivered_at is null) = (delivered_basis is null)", name="delivered_has_basis"),
        Index(
            "ix_invitation_change", "account_id", "change", "id", postgresql_where="responded_at IS NOT NULL"
        ),
        Index("ix_invitation_contact", "account_id", "contact_id", "created_at"),
        Index("ix_invitation_close", "close_at", postgresql_where="close_at IS NOT NULL"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID]
    contact_id: Mapped[UUID | None]
    sender_id: Mapped[UUID | None]
    state: Mapped[str]
    skip_reason: Mapped[str | None]
    channel: Mapped[str | None]
    survey_key: Mapped[str | None]
    survey_version: Mapped[int | None]
    questions: Mapped[list[Any]]  # the order in which this customer is asked
    language: Mapped[str]
    probability: Mapped[float]
    trigger: Mapped[str]
    decision: Mapped[dict[str, Any]]
    due_at: Mapped[datetime | None]
    not_after: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    delivered_basis: Mapped[str | None]  # receipt | assumed
    responded_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    edit_until: Mapped[datetime | None]
    close_at: Mapped[datetime | None]  # when it ends by itself; null once it has
    created_at: Mapped[datetime] = made_at()
    # kept by the trigger "touch": the time, and the transaction, of the last change
    updated_at: Mapped[datetime] = made_at()
    change: Mapped[int] = mapped_column(
        BigInteger,
        server_default=text("pg_current_xact_id()::text::bigint"),
        server_onupdate=FetchedValue(),
    )


def lock_invitation(session: Session, account_id: UUID, invitation_id: UUID) -> Invitation:
    """The invitation, ours alone until the transaction ends. Raises NotFound."""
    invitation = session.scalar(
        select(Invitation)
        .where(Invitation.account_id == account_id, Invitation.id == invitation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if invitation is None:
        raise NotFound("No such invitation")
    return invitation


def invitation_of_call(session: Session, account_id: UUID, call_id: UUID) -> Invitation:
    """Every call has exactly one."""
    return session.scalars(
        select(Invitation).where(Invitation.account_id == account_id, Invitation.call_id == call_id)
    ).one()


def lock_invitation_of_call(session: Session, account_id: UUID, call_id: UUID) -> Invitation:
    """The same, ours alone until the transaction ends. Raises NotFound where there is no such call."""
    invitation = session.scalar(
        select(Invitation)
        .where(Invitation.account_id == account_id, Invitation.call_id == call_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if invitation is None:
        raise NotFound("No such call")
    return invitation


def newest_invitation(
    session: Session, contacts: Sequence[tuple[UUID, UUID]], sender_ids: Sequence[UUID]
) -> tuple[UUID, UUID] | None:
    """(account, invitation) which a text from these contacts to these senders belongs to, open ones first.

    `contacts`: (account, contact) pairs. A scheduled one counts only when its text may have reached a carrier:
    an answer can be here before our own record of having asked.
    """
    rows = [
        row
        for account_id, contact_id in contacts
        for row in session.execute(
            text(
                """
                select i.account_id, i.id, coalesce(i.asked_at, i.created_at) as asked_at,
                       i.state in ('asked', 'started', 'scheduled', 'in_doubt') as is_open
                from invitation i
                where i.account_id = :account_id and i.contact_id = :contact_id
                  and i.sender_id = any(:sender_ids) and i.state <> 'skipped'
                  and (i.asked_at is not null or exists (
                        select from message m
                        where m.account_id = i.account_id and m.invitation_id = i.id and m.attempts > 0))
                order by is_open desc, asked_at desc limit 1
                """
            ),
            {"account_id": account_id, "contact_id": contact_id, "sender_ids": list(sender_ids)},
        )
    ]
    if not rows:
        return None
    best = max(rows, key=lambda row: (row.is_open, row.asked_at))
    return best.account_id, best.id


def open_survey_texted(
    session: Session, contacts: Sequence[tuple[UUID, UUID]], sender_ids: Sequence[UUID]
) -> tuple[UUID, UUID] | None:
    """(account, invitation) of an open survey that goes on elsewhere, and began with a text from one of these
    senders which a carrier took, to one of `contacts`: (account, contact) pairs."""
    for account_id, contact_id in contacts:
        row = session.execute(
            text(
                """
                select m.account_id, m.invitation_id from contact c
                join message m on m.account_id = c.account_id and m.invitation_id = c.open_invitation
                where c.account_id = :account_id and c.id = :contact_id and m.contact_id = c.id
                  and m.purpose = 'ask' and m.accepted_at is not null and m.sender_id = any(:sender_ids)
                limit 1
                """
            ),
            {"account_id": account_id, "contact_id": contact_id, "sender_ids": list(sender_ids)},
        ).first()
        if row is not None:
            return row.account_id, row.invitation_id
    return None
