"""Rates of sampling by quota: with which probability an agent's calls of a week are drawn, and from what that came.

Written once for a week and never changed, so that each invitation's probability can be explained afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, exists, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.eligibility import AFTER_DRAW
from app.domain.questionnaire import Survey
from app.domain.quota import COMING_DAYS, LOOKED_AT, NOBODY, History, Rate, RatesInForce, Week
from app.store.base import Base, made_at
from app.store.calls import Call
from app.store.spans import month_of, week_of
from app.store.surveys import SurveyVersion

_DAY = timedelta(days=1)


class SamplingRate(Base):
    """`first_day`: of a week as facts have it, the 1st, 8th, 15th or 22nd. `agent_id`: '' for the account's own."""

    __tablename__ = "sampling_rate"
    __table_args__ = (CheckConstraint("probability >= 0.1 and probability <= 1", name="floor"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    survey: Mapped[str] = mapped_column(primary_key=True)
    first_day: Mapped[date] = mapped_column(primary_key=True)
    agent_id: Mapped[str] = mapped_column(primary_key=True)
    probability: Mapped[float]
    basis: Mapped[dict[str, Any]]
    made_at: Mapped[datetime] = made_at()


@dataclass(frozen=True)
class Quota:
    """Of an account's survey: `target` answers per agent and month, nobody drawn with more than `most`."""

    account_id: UUID
    survey: str
    target: int
    most: float


def quotas(session: Session) -> list[Quota]:
    """Of all accounts' surveys that have one, as they are now."""
    current = (
        select(SurveyVersion.account_id, SurveyVersion.key, SurveyVersion.definition)
        .ext(distinct_on(SurveyVersion.account_id, SurveyVersion.key))
        .order_by(SurveyVersion.account_id, SurveyVersion.key, SurveyVersion.version.desc())
        .subquery()
    )
    target = current.c.definition["quota_per_month"].as_integer()
    most = current.c.definition["probability"].as_float()
    rows = session.execute(
        select(current.c.account_id, current.c.key, target, most).where(target.is_not(None))
    )
    return [Quota(*row) for row in rows]


def rates_are_made(session: Session, quota: Quota, first_day: date) -> bool:
    made = exists().where(
        SamplingRate.account_id == quota.account_id,
        SamplingRate.survey == quota.survey,
        SamplingRate.first_day == first_day,
    )
    return bool(session.scalar(select(made)))


def add_rates(session: Session, quota: Quota, first_day: date, rates: Mapping[str, Rate]) -> int:
    """How many were added: what another run has written stays as it is."""
    rows = [
        {
            "account_id": quota.account_id,
            "survey": quota.survey,
            "first_day": first_day,
            "agent_id": agent_id,
            "probability": rate.probability,
            "basis": rate.basis,
        }
        for agent_id, rate in sorted(rates.items())
    ]
    added = session.execute(
        insert(SamplingRate).on_conflict_do_nothing().returning(SamplingRate.agent_id), rows
    )
    return len(added.all())


def rates_in_force(session: Session, account_id: UUID, survey: str, since: date) -> RatesInForce:
    """What calls of `since` or later are drawn with: the newest rates of that day, and all later ones."""
    this = (SamplingRate.account_id == account_id, SamplingRate.survey == survey)
    first = select(func.max(SamplingRate.first_day)).where(*this, SamplingRate.first_day <= since)
    # one document a week: thousands of rows would be taken apart each time an entry point reads them
    rows = session.execute(
        select(SamplingRate.first_day, func.jsonb_object_agg(SamplingRate.agent_id, SamplingRate.probability))
        .where(*this, SamplingRate.first_day >= func.coalesce(first.scalar_subquery(), since))
        .group_by(SamplingRate.first_day)
        .order_by(SamplingRate.first_day.desc())
    )
    return RatesInForce(tuple((first_day, rates) for first_day, rates in rows))


def rates_of_week(
    session: Session, account_id: UUID, survey: str, first_day: date, agent_id: str | None = None
) -> list[SamplingRate]:
    """By agent, the account's own first; all, or one agent's."""
    query = select(SamplingRate).where(
        SamplingRate.account_id == account_id,
        SamplingRate.survey == survey,
        SamplingRate.first_day == first_day,
    )
    if agent_id is not None:
        query = query.where(SamplingRate.agent_id == agent_id)
    return list(session.scalars(query.order_by(SamplingRate.agent_id)))


def rate_of_call(session: Session, call: Call, survey: Survey, probability: float) -> SamplingRate | None:
    """The one that a call was drawn by with this probability: its agent's, or the account's own, neither above the
    survey's share. None where that is not to be told any more, since the call was given to another agent."""
    newest = (
        select(func.max(SamplingRate.first_day))
        .where(
            SamplingRate.account_id == call.account_id,
            SamplingRate.survey == survey.key,
            SamplingRate.first_day <= call.ended_on,
        )
        .scalar_subquery()
    )
    return session.scalar(
        select(SamplingRate)
        .where(
            SamplingRate.account_id == call.account_id,
            SamplingRate.survey == survey.key,
            SamplingRate.first_day == newest,
            SamplingRate.agent_id.in_([call.agent_id or NOBODY, NOBODY]),
            func.least(SamplingRate.probability, survey.probability) == probability,
        )
        .order_by(SamplingRate.agent_id.desc())
        .limit(1)
    )


# What reached the draw was drawn or not; what was drawn is asked, or kept from it by a later rule. A dry run asks
# nobody, and says nothing of how many answer: its calls are volume alone.
_DRAWN_ALL_THE_SAME = [reason for reason in AFTER_DRAW if reason not in ("sampled_out", "dry_run")]
_DRAWN = "invited + " + " + ".join(f"coalesce(skipped_{reason}, 0)" for reason in _DRAWN_ALL_THE_SAME)
_COUNTS = f"""
    coalesce(sum({_DRAWN}), 0)::int as drawn,
    coalesce(sum(coalesce(skipped_sampled_out, 0) + coalesce(skipped_dry_run, 0)), 0)::int as others,
    coalesce(sum(responded), 0)::int as answered
"""
_OF_THE_SURVEY = """
    account_id = :account_id and metric = 'volume' and definition = '1' and survey = :survey and agent_id <> ''
    and day >= :start and day < :first_day
"""
_WEEKS = text(
    f"""
    select agent_id, day, {_COUNTS} from fact_week where {_OF_THE_SURVEY}
    group by agent_id, day order by agent_id, day desc
    """  # noqa: S608  # made of this file's own names
)
_COMING = text(
    f"select agent_id, {_COUNTS} from fact_day where {_OF_THE_SURVEY} group by agent_id"  # noqa: S608  # as above
)


def histories(session: Session, quota: Quota, first_day: date) -> dict[str, History]:
    """By agent, what the facts say of the weeks before `first_day`."""
    start = first_day
    for _ in range(LOOKED_AT):
        start = week_of(start - _DAY)[0]
    values = {"account_id": quota.account_id, "survey": quota.survey, "first_day": first_day}
    month = month_of(first_day)[0]
    weeks: dict[str, list[Week]] = {}
    for agent_id, day, drawn, others, answered in session.execute(_WEEKS, {**values, "start": start}):
        first, stop = week_of(day)
        week = Week((stop - first).days, drawn + others, drawn, answered, first >= month)
        weeks.setdefault(agent_id, []).append(week)
    coming = {
        agent_id: (drawn, answered)
        for agent_id, drawn, _, answered in session.execute(
            _COMING, {**values, "start": first_day - COMING_DAYS * _DAY}
        )
    }
    return {
        agent_id: History(tuple(found), *coming.get(agent_id, (0, 0))) for agent_id, found in weeks.items()
    }
