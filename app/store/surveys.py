"""Surveys as versioned data: a change is a new version, and an invitation keeps the one it was asked with."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.questionnaire import Survey
from app.store.base import Base, made_at


class SurveyVersion(Base):
    __tablename__ = "survey_version"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = made_at()


def current_survey(session: Session, account_id: UUID, key: str) -> Survey | None:
    row = session.scalar(
        select(SurveyVersion)
        .where(SurveyVersion.account_id == account_id, SurveyVersion.key == key)
        .order_by(SurveyVersion.version.desc())
        .limit(1)
    )
    return None if row is None else Survey.from_definition(row.key, row.version, row.definition)


def current_surveys(session: Session, account_id: UUID, *, after: str | None, limit: int) -> list[Survey]:
    """The newest version of each survey whose key comes after `after`, by key."""
    query = (
        select(SurveyVersion)
        .ext(distinct_on(SurveyVersion.key))
        .where(SurveyVersion.account_id == account_id)
        .order_by(SurveyVersion.key, SurveyVersion.version.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(SurveyVersion.key > after)
    return [Survey.from_definition(row.key, row.version, row.definition) for row in session.scalars(query)]


def survey_version(session: Session, account_id: UUID, key: str, version: int) -> Survey:
    """The survey as an invitation was asked with it; a version is never removed."""
    row = session.get_one(SurveyVersion, (account_id, key, version))
    return Survey.from_definition(row.key, row.version, row.definition)


def add_survey_version(session: Session, account_id: UUID, survey: Survey) -> bool:
    """Store this version; False when another writer took its number first."""
    added = session.execute(
        insert(SurveyVersion)
        .values(account_id=account_id, key=survey.key, version=survey.version, definition=survey.definition())
        .on_conflict_do_nothing()
        .returning(SurveyVersion.version)
    )
    return added.first() is not None
