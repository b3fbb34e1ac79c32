"""What carriers tell us: receipts and inbound texts, each kept once, in the order they came."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.ids import new_id
from app.store.base import Base, keyring, made_at

_CONTENT = "provider_event.content"


class ProviderEvent(Base):
    """`event_key` tells repeats apart: (MessageSid, status) of a receipt, MessageSid of an inbound text.

    Not partitioned by month: that key has to be unique across time.
    """

    __tablename__ = "provider_event"
    __table_args__ = (
        UniqueConstraint("account_id", "provider", "kind", "event_key"),
        Index("ix_provider_event_provider_id", "account_id", "provider_id"),
        Index("ix_provider_event_invitation", "account_id", "invitation_id"),
        Index("ix_provider_event_kept", "account_id", "received_at", postgresql_where="content is not null"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider: Mapped[str]
    kind: Mapped[str]  # receipt | text | mail_report
    event_key: Mapped[str]
    provider_id: Mapped[str]
    status: Mapped[str | None]
    code: Mapped[int | None]
    invitation_id: Mapped[UUID | None]
    message_id: Mapped[UUID | None]
    understood: Mapped[str | None]  # what became of an inbound text, or of a mail's report
    content: Mapped[bytes | None]  # sealed; emptied after some time: see domain.retention
    received_at: Mapped[datetime] = made_at()
    applied_at: Mapped[datetime | None]


def keep_event(
    session: Session,
    account_id: UUID,
    *,
    kind: str,
    event_key: str,
    provider_id: str,
    status: str | None = None,
    code: int | None = None,
    content: str | None = None,
    provider: str = "twilio",
) -> ProviderEvent | None:
    """Keep what a carrier said; None when it has been said before (the first telling stands)."""
    event_id = session.scalar(
        insert(ProviderEvent)
        .values(
            account_id=account_id,
            id=new_id(),
            provider=provider,
            kind=kind,
            event_key=event_key,
            provider_id=provider_id,
            status=status,
            code=code,
            content=None if content is None else keyring(session).seal(_CONTENT, account_id, content),
        )
        .on_conflict_do_nothing(constraint="uq_provider_event_account_id_provider_kind_event_key")
        .returning(ProviderEvent.id)
    )
    return event_id and session.get_one(ProviderEvent, (account_id, event_id))


def content_of_event(session: Session, event: ProviderEvent) -> str | None:
    """What was received, as long as it is kept."""
    if event.content is None:
        return None
    return keyring(session).open(_CONTENT, event.account_id, event.content)


def understood_before(
    session: Session, account_id: UUID, *, provider: str, kind: str, event_key: str
) -> str | None:
    """What became of what `keep_event` has kept already."""
    return session.scalar(
        select(ProviderEvent.understood).where(
            ProviderEvent.account_id == account_id,
            ProviderEvent.provider == provider,
            ProviderEvent.kind == kind,
            ProviderEvent.event_key == event_key,
        )
    )


def waiting_receipts(session: Session, account_id: UUID, provider_id: str) -> list[ProviderEvent]:
    """Receipts that came before we knew whose they were."""
    return list(
        session.scalars(
            select(ProviderEvent)
            .where(
                ProviderEvent.account_id == account_id,
                ProviderEvent.provider_id == provider_id,
                ProviderEvent.kind == "receipt",
                ProviderEvent.applied_at.is_(None),
            )
            .order_by(ProviderEvent.received_at, ProviderEvent.id)
            .with_for_update()
        )
    )


def events_of(session: Session, account_id: UUID, invitation_id: UUID) -> list[ProviderEvent]:
    return list(
        session.scalars(
            select(ProviderEvent)
            .where(ProviderEvent.account_id == account_id, ProviderEvent.invitation_id == invitation_id)
            .order_by(ProviderEvent.received_at, ProviderEvent.id)
        )
    )
