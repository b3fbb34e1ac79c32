"""Answers: one current per invitation and question; earlier ones are kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    exists,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.ids import new_id
from app.store.base import Base, keyring
from app.store.provider_events import ProviderEvent
from app.tally import happened

_WORDS = "answer.words"


class Answer(Base):
    """`words`: the customer's own, sealed: the raw reply of a scored question, the text of a comment."""

    __tablename__ = "answer"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "invitation_id"], ["invitation.account_id", "invitation.id"]),
        UniqueConstraint("account_id", "invitation_id", "question_key", "revision"),
        Index(
            "uq_answer_current",
            "account_id",
            "invitation_id",
            "question_key",
            unique=True,
            postgresql_where="is_current",
        ),
        Index("ix_answer_words", "account_id", "answered_at", postgresql_where="words is not null"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    invitation_id: Mapped[UUID]
    question_key: Mapped[str]
    revision: Mapped[int]
    is_current: Mapped[bool]
    metric: Mapped[str | None]
    value: Mapped[int | None]
    words: Mapped[bytes | None]
    scale: Mapped[str | None]
    wording_version: Mapped[str]
    channel: Mapped[str]
    flags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    provider_event_id: Mapped[UUID | None]
    answered_at: Mapped[datetime]


def take_turn(session: Session, customer: str) -> None:
    """Wait until no other text of this number is being taken, and keep others waiting until we commit.

    Two texts at once are two answers, one after the other, each read where the one before has left the
    conversation; only so is the same text, delivered twice, not taken for two surveys.
    """
    # a keyed hash, since what is asked of the database may end in its log
    (key, *_) = keyring(session).lookups("texts of", customer)
    session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(key[:8], "big", signed=True))))


def text_was_taken(
    session: Session, account_ids: list[UUID], event_key: str, provider: str = "twilio"
) -> bool:
    """Whether one of these accounts has that text already: by now it might seem to be another one's."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    ProviderEvent.account_id.in_(account_ids),
                    ProviderEvent.provider == provider,
                    ProviderEvent.kind == "text",
                    ProviderEvent.event_key == event_key,
                )
            )
        )
    )


def answers_of(session: Session, account_id: UUID, invitation_id: UUID) -> list[Answer]:
    """Every revision, oldest first."""
    return list(
        session.scalars(
            select(Answer)
            .where(Answer.account_id == account_id, Answer.invitation_id == invitation_id)
            .order_by(Answer.answered_at, Answer.revision, Answer.id)
        )
    )


def revise(
    session: Session,
    previous: Answer | None,
    *,
    account_id: UUID,
    invitation_id: UUID,
    question_key: str,
    metric: str | None,
    value: int | None,
    words: str | None,
    scale: str | None,
    wording_version: str,
    channel: str,
    flags: list[str],
    provider_event_id: UUID | None,
    answered_at: datetime,
) -> Answer:
    """Write a revision on top of `previous`, which stays as history. The caller holds the invitation's lock."""
    if previous is not None:
        previous.is_current = False
        session.flush()
    answer = Answer(
        account_id=account_id,
        id=new_id(),
        invitation_id=invitation_id,
        question_key=question_key,
        revision=previous.revision + 1 if previous else 1,
        is_current=True,
        metric=metric,
        value=value,
        words=None if words is None else keyring(session).seal(_WORDS, account_id, words),
        scale=scale,
        wording_version=wording_version,
        channel=channel,
        flags=flags,
        provider_event_id=provider_event_id,
        answered_at=answered_at,
    )
    session.add(answer)
    session.flush()
    happened(session, "answers", channel, question_key)
    return answer


def words_of(session: Session, answer: Answer) -> str | None:
    if answer.words is None:
        return None
    return keyring(session).open(_WORDS, answer.account_id, answer.words)
