"""Senders: a carrier's number or messaging service, its credentials and pace, and the accounts that share it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.channel import Channel
from app.domain.delivery import ASKABLE
from app.ids import new_id
from app.store.base import Base, keyring, made_at

_CREDENTIALS = "sender.credentials"

# in the place of a sender, where the client delivers a message itself: no claim ever asks for it
NOBODY = UUID(int=0)


class Sender(Base):
    """`account_id` owns it; `next_free_at` is the pacing clock (a generic cell rate algorithm's TAT).

    `credentials`: its tokens, a line each. The first is used, and each may have signed what comes in.
    """

    __tablename__ = "sender"
    __table_args__ = (
        # one that can't send anything would keep every drain busy
        CheckConstraint("per_second > 0 and burst >= 1", name="pace"),
        Index("ix_sender_provider_account", "provider_account"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str]
    provider: Mapped[str]
    provider_account: Mapped[str]
    credentials: Mapped[bytes]
    number: Mapped[str | None]
    messaging_service: Mapped[str | None]
    opt_out_suffix: Mapped[str | None]
    settings: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("'{}'")
    )  # what the provider needs else
    per_second: Mapped[float]
    burst: Mapped[int]
    next_free_at: Mapped[datetime] = made_at()
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = made_at()


class SenderAccount(Base):
    """The accounts that send by a sender, its owner among them."""

    __tablename__ = "sender_account"
    __table_args__ = (ForeignKeyConstraint(["owner_id", "sender_id"], ["sender.account_id", "sender.id"]),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    sender_id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID]
    created_at: Mapped[datetime] = made_at()


@dataclass(frozen=True)
class SenderFacts:
    """A sender as the sending side needs it; the token is in clear."""

    id: UUID
    channel: Channel
    provider: str
    provider_account: str
    auth_token: str
    number: str | None
    messaging_service: str | None
    opt_out_suffix: str | None
    settings: Mapping[str, Any]

    @property
    def is_askable(self) -> bool:
        """Whether its provider can be asked what has become of a request."""
        return self.provider in ASKABLE or "query" in self.settings


def _facts(session: Session, sender: Sender) -> SenderFacts:
    return SenderFacts(
        id=sender.id,
        channel=Channel(sender.channel),
        provider=sender.provider,
        provider_account=sender.provider_account,
        auth_token=_tokens(session, sender)[0],
        number=sender.number,
        messaging_service=sender.messaging_service,
        opt_out_suffix=sender.opt_out_suffix,
        settings=sender.settings,
    )


def _tokens(session: Session, sender: Sender) -> list[str]:
    # one line at least: a mail server may want no password
    return keyring(session).open(_CREDENTIALS, sender.account_id, sender.credentials).split("\n")


def add_sender(
    session: Session,
    account_id: UUID,
    *,
    provider_account: str,
    auth_token: str,
    number: str | None,
    messaging_service: str | None = None,
    opt_out_suffix: str | None = None,
    per_second: float = 10,
    burst: int = 10,
    channel: Channel = Channel.SMS,
    provider: str = "twilio",
    settings: Mapping[str, Any] | None = None,
    sender_id: UUID | None = None,
) -> UUID:
    """A new sender, used by its owner: by default one of texts at Twilio."""
    sender = Sender(
        account_id=account_id,
        id=sender_id or new_id(),
        channel=channel,
        provider=provider,
        settings=dict(settings or {}),
        provider_account=provider_account,
        credentials=keyring(session).seal(_CREDENTIALS, account_id, auth_token),
        number=number,
        messaging_service=messaging_service,
        opt_out_suffix=opt_out_suffix,
        per_second=per_second,
        burst=burst,
    )
    session.add(sender)
    session.flush()
    share_sender(session, sender, account_id)
    return sender.id


def share_sender(session: Session, sender: Sender, account_id: UUID) -> None:
    session.add(SenderAccount(account_id=account_id, sender_id=sender.id, owner_id=sender.account_id))
    session.flush()


def channels_of(session: Session, account_id: UUID, sender_ids: Collection[UUID]) -> dict[UUID, Channel]:
    """Sender -> by which channel it sends, of those that the account may use."""
    rows = session.execute(
        select(Sender.id, Sender.channel)
        .join(SenderAccount, SenderAccount.sender_id == Sender.id)
        .where(SenderAccount.account_id == account_id, Sender.id.in_(sender_ids))
    )
    return {row.id: Channel(row.channel) for row in rows}


def senders_of_account(session: Session, account_id: UUID) -> dict[Channel, SenderFacts]:
    """By which sender the account asks on each channel: the newest active one it may use."""
    senders = session.scalars(
        select(Sender)
        .join(
            SenderAccount,
            (SenderAccount.owner_id == Sender.account_id) & (SenderAccount.sender_id == Sender.id),
        )
        .where(SenderAccount.account_id == account_id, Sender.is_active)
        .order_by(Sender.created_at, Sender.id)
    )
    newest = {Channel(sender.channel): sender for sender in senders}
    return {channel: _facts(session, sender) for channel, sender in newest.items()}


def sender_facts(session: Session, account_id: UUID, sender_id: UUID) -> SenderFacts:
    """A sender that `account_id` uses; raises sqlalchemy.exc.NoResultFound when it doesn't."""
    share = session.get_one(SenderAccount, (account_id, sender_id))
    return _facts(session, session.get_one(Sender, (share.owner_id, sender_id)))


def sender_is_active(session: Session, account_id: UUID, sender_id: UUID) -> bool:
    """Whether the account's texts go out by it."""
    share = session.get(SenderAccount, (account_id, sender_id))
    return share is not None and session.get_one(Sender, (share.owner_id, sender_id)).is_active


def tokens_for(session: Session, provider_account: str) -> list[str]:
    """Every token that may have signed for that carrier account (several during a rotation)."""
    senders = session.scalars(select(Sender).where(Sender.provider_account == provider_account))
    return sorted({token for sender in senders for token in _tokens(session, sender)})


def take_up_token(session: Session, account_id: UUID, provider_account: str, token: str) -> list[UUID]:
    """Let the account's own senders of that carrier account use this token; the one before it is still believed.

    Their ids.
    """
    senders = session.scalars(
        select(Sender)
        .where(Sender.account_id == account_id, Sender.provider_account == provider_account)
        .with_for_update()
    ).all()
    for sender in senders:
        before = _tokens(session, sender)[0]
        if before != token:
            sender.credentials = keyring(session).seal(_CREDENTIALS, account_id, f"{token}\n{before}")
    return [sender.id for sender in senders]


def change_credentials(
    session: Session,
    account_id: UUID,
    provider: str,
    provider_account: str,
    change: Callable[[list[str]], list[str]],
) -> list[UUID]:
    """Let the account's own senders of that name have the lines that `change` makes of theirs; their ids."""
    senders = session.scalars(
        select(Sender)
        .where(
            Sender.account_id == account_id,
            Sender.provider == provider,
            Sender.provider_account == provider_account,
        )
        .with_for_update()
    ).all()
    for sender in senders:
        lines = "\n".join(change(_tokens(session, sender)))
        sender.credentials = keyring(session).seal(_CREDENTIALS, account_id, lines)
    return [sender.id for sender in senders]


def accounts_of_provider(session: Session, provider_account: str) -> list[UUID]:
    """The accounts that send by that carrier account, the senders' owners first."""
    rows = session.execute(
        select(SenderAccount.account_id, (SenderAccount.account_id != SenderAccount.owner_id).label("guest"))
        .join(
            Sender,
            (SenderAccount.owner_id == Sender.account_id) & (SenderAccount.sender_id == Sender.id),
        )
        .where(Sender.provider_account == provider_account)
        .order_by("guest", SenderAccount.account_id)
    )
    return list(dict.fromkeys(row.account_id for row in rows))


def accounts_behind(
    session: Session, provider_account: str, number: str, messaging_service: str | None
) -> list[tuple[UUID, UUID]]:
    """(account, sender) pairs of those who text or call from `number`."""
    return [line[:2] for line in lines_behind(session, provider_account, number, messaging_service)]


def lines_behind(
    session: Session, provider_account: str, number: str, messaging_service: str | None
) -> list[tuple[UUID, UUID, str]]:
    """The same with the channel: the same number may have one sender that texts and another that calls."""
    service = Sender.messaging_service == messaging_service
    match = Sender.number == number
    rows = session.execute(
        select(SenderAccount.account_id, SenderAccount.sender_id, Sender.channel)
        .join(Sender, (SenderAccount.owner_id == Sender.account_id) & (SenderAccount.sender_id == Sender.id))
        .where(
            Sender.provider_account == provider_account,
            (match | service) if messaging_service else match,
        )
        .order_by(SenderAccount.account_id)
    )
    return [(row.account_id, row.sender_id, row.channel) for row in rows]


@dataclass(frozen=True)
class HookSecrets:
    """A sender, and what its provider may have signed with."""

    owner_id: UUID
    sender_id: UUID
    secrets: tuple[str, ...] = field(repr=False)


def hook_secrets(session: Session, provider_account: str) -> list[HookSecrets]:
    """Of all senders of that name: the lines of their credentials after the first, which is theirs to send with."""
    senders = session.scalars(select(Sender).where(Sender.provider_account == provider_account))
    return [
        HookSecrets(sender.account_id, sender.id, tuple(_tokens(session, sender)[1:])) for sender in senders
    ]


def gateway_of_hooks(session: Session, provider_account: str) -> tuple[SenderFacts, tuple[str, ...]] | None:
    """The described gateway of that name, and what it may have signed with."""
    sender = session.scalar(
        select(Sender).where(Sender.provider_account == provider_account, Sender.provider == "gateway")
    )
    return None if sender is None else (_facts(session, sender), tuple(_tokens(session, sender)[1:]))


def change_gateway_sender(
    session: Session,
    sender_key: tuple[UUID, UUID],
    *,
    number: str,
    settings: Mapping[str, Any],
    secret: str | None,
    hook_secret: str | None,
) -> bool:
    """`secret`, `hook_secret`: None for those that stay; the hook secret before a new one is still believed."""
    sender = session.get(Sender, sender_key, with_for_update=True)
    if sender is None or sender.provider != "gateway":
        return False
    before, *hooks = _tokens(session, sender)
    if hook_secret is not None:
        hooks = [hook_secret, *hooks[:1]]
    tokens = "\n".join((before if secret is None else secret, *hooks))
    sender.credentials = keyring(session).seal(_CREDENTIALS, sender.account_id, tokens)
    sender.number, sender.settings = number, dict(settings)
    return True


def accounts_of_senders(session: Session, senders: Sequence[HookSecrets]) -> list[tuple[UUID, UUID]]:
    """(account, sender) pairs of all accounts that send by these, the senders' owners first."""
    rows = session.execute(
        select(
            SenderAccount.account_id,
            SenderAccount.sender_id,
            (SenderAccount.account_id != SenderAccount.owner_id).label("guest"),
        )
        .where(
            SenderAccount.owner_id.in_([one.owner_id for one in senders]),
            SenderAccount.sender_id.in_([one.sender_id for one in senders]),
        )
        .order_by("guest", SenderAccount.account_id)
    )
    return [(row.account_id, row.sender_id) for row in rows]
