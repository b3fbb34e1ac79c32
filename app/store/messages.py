"""Messages (one text to a person each) and attempts (one request to a carrier each): the rows."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.ids import new_id
from app.store.base import Base, made_at


class Message(Base):
    """`due_at` to `send_before` is the lawful window it waits for; after `not_after` it is never sent."""

    __tablename__ = "message"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "invitation_id"], ["invitation.account_id", "invitation.id"]),
        ForeignKeyConstraint(["account_id", "contact_id"], ["contact.account_id", "contact.id"]),
        Index("ix_message_due", "sender_id", "account_id", "due_at", postgresql_where="state = 'due'"),
        Index("ix_message_window", "send_before", postgresql_where="state = 'due'"),
        Index("ix_message_suspect", "due_at", postgresql_where="state = 'due' and claims >= 2"),
        Index("ix_message_lease", "lease_until", postgresql_where="state = 'claimed'"),
        Index("ix_message_look", "next_look_at", postgresql_where="state = 'unknown'"),
        Index(
            "ix_message_attention",
            "state",
            "account_id",
            postgresql_where="state in ('in_doubt', 'quarantined')",
        ),
        # many more than those above, and listed by pages
        Index("ix_message_failed", "account_id", "id", postgresql_where="state = 'failed'"),
        Index("ix_message_invitation", "account_id", "invitation_id"),
        Index(
            "ix_message_contact", "account_id", "contact_id", postgresql_where="state in ('due', 'claimed')"
        ),
        Index(
            "uq_message_provider_id",
            "account_id",
            "provider_id",
            unique=True,
            postgresql_where="provider_id is not null",
        ),
        Index("uq_message_token_hash", "token_hash", unique=True, postgresql_where="token_hash is not null"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    invitation_id: Mapped[UUID]
    contact_id: Mapped[UUID]
    sender_id: Mapped[UUID]
    purpose: Mapped[str]
    question_key: Mapped[str | None]
    language: Mapped[str]
    wording_version: Mapped[str]
    body: Mapped[str]  # without the link, which is derived at each request
    token_hash: Mapped[bytes | None]  # set where the text carries a link
    state: Mapped[str] = mapped_column(default="due")
    due_at: Mapped[datetime]
    send_before: Mapped[datetime]
    not_after: Mapped[datetime]
    claim_id: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    claims: Mapped[int] = mapped_column(server_default=text("0"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    resent: Mapped[bool] = mapped_column(server_default=text("false"))
    empty_looks: Mapped[int] = mapped_column(server_default=text("0"))
    next_look_at: Mapped[datetime | None]
    provider_id: Mapped[str | None]
    provider_status: Mapped[str | None]
    error_code: Mapped[int | None]
    detail: Mapped[str | None]
    crossed_opt_out: Mapped[bool] = mapped_column(server_default=text("false"))
    resend_asked_at: Mapped[datetime | None]  # when a person last had it sent again: it began anew
    # a person had it sent again although the customer may have it from a request before
    doubted: Mapped[bool] = mapped_column(server_default=text("false"))
    accepted_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = made_at()


class Attempt(Base):
    """Committed before its request leaves; `outcome` is null while nothing is known of it."""

    __tablename__ = "attempt"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "message_id"], ["message.account_id", "message.id"]),
        UniqueConstraint("account_id", "message_id", "number"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[UUID]
    number: Mapped[int]
    claim_id: Mapped[UUID]
    started_at: Mapped[datetime] = made_at()
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    http_status: Mapped[int | None]
    code: Mapped[int | None]
    provider_id: Mapped[str | None]
    detail: Mapped[str | None]


def add_message(session: Session, **values: Any) -> UUID:
    """Write a message that is due; values are the columns of Message. Returns its id."""
    message_id: UUID = values.pop("id", None) or new_id()
    session.execute(insert(Message).values(id=message_id, state="due", **values))
    return message_id


def lock_message(session: Session, account_id: UUID, message_id: UUID) -> Message:
    """The message, ours alone until the transaction ends. Lock its invitation first: all who lock both do."""
    return session.scalars(
        select(Message)
        .where(Message.account_id == account_id, Message.id == message_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def find_by_provider_id(session: Session, account_ids: list[UUID], provider_id: str) -> Message | None:
    return session.scalar(
        select(Message).where(Message.account_id.in_(account_ids), Message.provider_id == provider_id)
    )


def messages_of(session: Session, account_id: UUID, invitation_id: UUID) -> list[Message]:
    return list(
        session.scalars(
            select(Message)
            .where(Message.account_id == account_id, Message.invitation_id == invitation_id)
            .order_by(Message.created_at, Message.id)
        )
    )


def open_attempt(session: Session, account_id: UUID, message_id: UUID, claim_id: UUID) -> Attempt | None:
    """The request that was begun under this claim, if nothing has been written of its end."""
    return session.scalar(
        select(Attempt).where(
            Attempt.account_id == account_id,
            Attempt.message_id == message_id,
            Attempt.claim_id == claim_id,
            Attempt.outcome.is_(None),
        )
    )


def attempts_of(session: Session, account_id: UUID, message_ids: list[UUID]) -> list[Attempt]:
    return list(
        session.scalars(
            select(Attempt)
            .where(Attempt.account_id == account_id, Attempt.message_id.in_(message_ids))
            .order_by(Attempt.started_at, Attempt.number)
        )
    )


# The caller holds the contact, and who holds a message may be waiting for it: so no message is waited for. One that
# is missed here is refused by the claim, and cancelled when it is made due again or its window closes. Closing the
# window of a claimed message stops it, unless its request has begun.
_CANCEL = text(
    """
    update message m set
        state = case when takes_back then 'cancelled' else state end,
        ended_at = case when takes_back then clock_now() else ended_at end,
        detail = case when takes_back then :reason else detail end,
        send_before = case when takes_back then send_before else least(send_before, clock_now()) end,
        crossed_opt_out = crossed_opt_out or state = 'claimed'
    from (select account_id, id, state = 'due' and (purpose <> 'ask' or :asks) as takes_back from message
          where account_id = :account_id and contact_id = :contact_id and state in ('due', 'claimed')
          for update skip locked) waiting
    where m.account_id = waiting.account_id and m.id = waiting.id
    """
)


def cancel_due_messages(
    session: Session, account_id: UUID, contact_id: UUID, reason: str, *, asks: bool = True
) -> None:
    """Take back what has not gone out; to be called with the contact's opt-out written and not committed.

    `asks` is for those who hold and end the invitation of a first question. Without it, its window is closed, and
    the sweep ends both.
    """
    session.execute(
        _CANCEL, {"account_id": account_id, "contact_id": contact_id, "reason": reason, "asks": asks}
    )


def take_back_follow_ups(session: Session, account_id: UUID, invitation_id: UUID) -> None:
    """A question that was answered before it was sent is not sent."""
    session.execute(
        update(Message)
        .where(
            Message.account_id == account_id,
            Message.invitation_id == invitation_id,
            Message.purpose.in_(("question", "repeat")),
            Message.state == "due",
        )
        .values(state="cancelled", ended_at=func.clock_now(), detail="answered before it was sent")
    )


# What is claimed may be on its way: it stops unless its request has begun. The request of an ask that is due once
# more may have reached the customer, and is settled by whoever knows that they have answered.
_TAKE_BACK_ASKS = text(
    """
    update message m set
        state = case when m.state = 'due' then 'cancelled' else m.state end,
        ended_at = case when m.state = 'due' then clock_now() else m.ended_at end,
        detail = case when m.state = 'due' then :reason else m.detail end,
        send_before = case when m.state = 'due' then m.send_before else least(m.send_before, clock_now()) end,
        not_after = case when m.state = 'due' then m.not_after else least(m.not_after, clock_now()) end
    where m.account_id = :account_id and m.invitation_id = :invitation_id
      and m.purpose in ('ask', 'reminder') and m.state in ('due', 'claimed')
    """
)


def take_back_asks(session: Session, account_id: UUID, invitation_id: UUID, reason: str) -> None:
    """Nobody is asked or reminded any more, on any channel; to be called with the invitation held."""
    session.execute(
        _TAKE_BACK_ASKS, {"account_id": account_id, "invitation_id": invitation_id, "reason": reason}
    )


def take_back_reminders(session: Session, account_id: UUID, invitation_id: UUID, reason: str) -> None:
    """Where one mail came back, no other follows it."""
    session.execute(
        update(Message)
        .where(
            Message.account_id == account_id,
            Message.invitation_id == invitation_id,
            Message.purpose == "reminder",
            Message.state == "due",
        )
        .values(state="cancelled", ended_at=func.clock_now(), detail=reason)
    )


def put_off_thanks(
    session: Session, account_id: UUID, invitation_id: UUID, at: datetime, within: timedelta
) -> None:
    """The customer is still writing: thank them later. Thanks that are on their way stay so."""
    session.execute(
        update(Message)
        .where(
            Message.account_id == account_id,
            Message.invitation_id == invitation_id,
            Message.purpose == "thanks",
            Message.state == "due",
        )
        .values(due_at=at, send_before=at + within, not_after=at + within)
    )
