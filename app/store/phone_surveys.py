"""Surveys on the telephone: where each conversation stands. One per call; and of an ask, the first call's only."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.ids import new_id
from app.store.base import Base, made_at


class PhoneSurvey(Base):
    """`turn`: which request is waited for. An earlier one is a repetition: it hears `step`, and writes nothing.

    `message_id`: the ask of a call back; null in the call itself. Whoever writes holds the invitation's lock.
    """

    __tablename__ = "phone_survey"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "invitation_id"], ["invitation.account_id", "invitation.id"]),
        UniqueConstraint("account_id", "call_sid"),
        Index("ix_phone_survey_invitation", "account_id", "invitation_id"),
        Index(
            "uq_phone_survey_message_id",
            "account_id",
            "message_id",
            unique=True,
            postgresql_where="message_id is not null",
        ),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    invitation_id: Mapped[UUID]
    message_id: Mapped[UUID | None]
    provider_account: Mapped[str]
    call_sid: Mapped[str]
    answered_by: Mapped[str | None]
    turn: Mapped[int] = mapped_column(server_default=text("0"))
    place: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    step: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    # the call was made known by the survey in it: its own report is still to come
    awaits_report: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = made_at()


def begin_phone_survey(
    session: Session,
    account_id: UUID,
    *,
    invitation_id: UUID,
    message_id: UUID | None,
    provider_account: str,
    call_sid: str,
    answered_by: str | None,
    awaits_report: bool = False,
) -> PhoneSurvey | None:
    """A new conversation; None when this call, or another one of the same ask, has one already."""
    phone_id = session.scalar(
        insert(PhoneSurvey)
        .values(
            account_id=account_id,
            id=new_id(),
            invitation_id=invitation_id,
            message_id=message_id,
            provider_account=provider_account,
            call_sid=call_sid,
            answered_by=answered_by,
            awaits_report=awaits_report,
        )
        .on_conflict_do_nothing()
        .returning(PhoneSurvey.id)
    )
    return phone_id and session.get_one(PhoneSurvey, (account_id, phone_id))


def phone_survey_of(session: Session, account_id: UUID, call_sid: str) -> PhoneSurvey | None:
    """The conversation in a call, as it stands now."""
    return session.scalar(
        select(PhoneSurvey)
        .where(PhoneSurvey.account_id == account_id, PhoneSurvey.call_sid == call_sid)
        .execution_options(populate_existing=True)
    )


def awaiting_report(session: Session, account_id: UUID, invitation_id: UUID) -> PhoneSurvey | None:
    """The conversation by which the invitation's call is known, where the call itself was not reported yet."""
    return session.scalar(
        select(PhoneSurvey)
        .where(
            PhoneSurvey.account_id == account_id,
            PhoneSurvey.invitation_id == invitation_id,
            PhoneSurvey.awaits_report,
        )
        .limit(1)
    )
