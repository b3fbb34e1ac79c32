"""Facts: per day and agent, counts and sums from which results are read; the log of cells that went stale."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.store.base import Base, made_at


class StaleCell(Base):
    """Something of this agent's day changed. A log, not a flag: an upserted flag would lose updates."""

    __tablename__ = "stale_cell"
    __table_args__ = (Index("ix_stale_cell_id", "id"),)

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    agent_id: Mapped[str]
    day: Mapped[date]
    created_at: Mapped[datetime] = made_at()


def _count() -> Mapped[int]:
    return mapped_column(server_default=text("0"))


def _total() -> Mapped[int]:
    return mapped_column(BigInteger, server_default=text("0"))


def _skipped() -> Mapped[int | None]:
    return mapped_column()


def _weight() -> Mapped[float]:
    return mapped_column(server_default=text("0"))


# what FactDay.shape is now
SHAPE = 5

# no rate is over 100 %
_ASKED_WITHIN = "invited <= answered and answered <= n"
_HEARD_WITHIN = "completed <= responded and responded <= delivered and delivered_receipt <= delivered"


def _guards(table: str) -> tuple[CheckConstraint | Index, ...]:
    return (
        CheckConstraint(_ASKED_WITHIN, name="asked_within"),
        CheckConstraint(_HEARD_WITHIN, name="heard_within"),
        # all that a read of every agent's cells asks for: else the planner walks the primary key, agent by agent
        Index(f"ix_{table}_period", "account_id", "day", "metric", "definition"),
    )


class _Cell:
    """No key column is nullable: what is absent is ''. `metric` is a scored metric, or 'volume': the calls.

    v0..v10 is the histogram. The weights are inverse selection probabilities: their sum, the sum of their
    squares, and their sums over the top values, the bottom values, and times the value. `skipped_REASON` is null
    for none: most rows have none, and take no room for it.
    """

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    agent_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    team: Mapped[str] = mapped_column(primary_key=True)
    vendor: Mapped[str] = mapped_column(primary_key=True)
    queue: Mapped[str] = mapped_column(primary_key=True)
    survey: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(primary_key=True)
    definition: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = _count()
    v0: Mapped[int] = _count()
    v1: Mapped[int] = _count()
    v2: Mapped[int] = _count()
    v3: Mapped[int] = _count()
    v4: Mapped[int] = _count()
    v5: Mapped[int] = _count()
    v6: Mapped[int] = _count()
    v7: Mapped[int] = _count()
    v8: Mapped[int] = _count()
    v9: Mapped[int] = _count()
    v10: Mapped[int] = _count()
    weight: Mapped[float] = _weight()
    weight_squared: Mapped[float] = _weight()
    weight_top: Mapped[float] = _weight()
    weight_bottom: Mapped[float] = _weight()
    weight_value: Mapped[float] = _weight()
    answered: Mapped[int] = _count()
    invited: Mapped[int] = _count()
    delivered: Mapped[int] = _count()
    delivered_receipt: Mapped[int] = _count()
    responded: Mapped[int] = _count()
    completed: Mapped[int] = _count()
    talk_seconds: Mapped[int] = _total()
    talk_n: Mapped[int] = _count()
    hold_seconds: Mapped[int] = _total()
    hold_n: Mapped[int] = _count()
    wrap_seconds: Mapped[int] = _total()
    wrap_n: Mapped[int] = _count()
    wait_seconds: Mapped[int] = _total()
    wait_n: Mapped[int] = _count()
    rebuilt_at: Mapped[datetime] = made_at()
    skipped_ask_false: Mapped[int | None] = _skipped()
    skipped_survey_off: Mapped[int | None] = _skipped()
    skipped_not_answered: Mapped[int | None] = _skipped()
    skipped_too_old: Mapped[int | None] = _skipped()
    skipped_too_short: Mapped[int | None] = _skipped()
    skipped_no_contact: Mapped[int | None] = _skipped()
    skipped_masked_phone: Mapped[int | None] = _skipped()
    skipped_invalid_phone: Mapped[int | None] = _skipped()
    skipped_no_sender: Mapped[int | None] = _skipped()
    skipped_sampled_out: Mapped[int | None] = _skipped()
    skipped_opted_out: Mapped[int | None] = _skipped()
    skipped_survey_open: Mapped[int | None] = _skipped()
    skipped_asked_recently: Mapped[int | None] = _skipped()
    skipped_outside_hours: Mapped[int | None] = _skipped()
    skipped_dry_run: Mapped[int | None] = _skipped()
    skipped_country_not_allowed: Mapped[int | None] = _skipped()
    skipped_daily_cap: Mapped[int | None] = _skipped()
    skipped_wrong_direction: Mapped[int | None] = _skipped()
    skipped_wrong_queue: Mapped[int | None] = _skipped()
    skipped_wrong_tags: Mapped[int | None] = _skipped()
    skipped_wrong_attributes: Mapped[int | None] = _skipped()
    skipped_transferred: Mapped[int | None] = _skipped()
    skipped_excluded: Mapped[int | None] = _skipped()
    skipped_internal_number: Mapped[int | None] = _skipped()
    skipped_agents_number: Mapped[int | None] = _skipped()
    skipped_premium_number: Mapped[int | None] = _skipped()
    skipped_suppressed: Mapped[int | None] = _skipped()
    skipped_no_consent: Mapped[int | None] = _skipped()
    skipped_customer_cap: Mapped[int | None] = _skipped()
    skipped_agent_cap: Mapped[int | None] = _skipped()
    skipped_survey_cap: Mapped[int | None] = _skipped()
    # asked elsewhere though nobody took the call: in the ledger, and in no offer rate; null for none, as above
    invited_unanswered: Mapped[int | None] = _skipped()


class FactDay(_Cell, Base):
    """One day's cell; `day` is the date of the call's end in the account's time zone."""

    __tablename__ = "fact_day"
    __table_args__ = (*_guards("fact_day"), CheckConstraint(f"shape = {SHAPE}", name="shape"))

    # No default: a worker of a release that knows other cells than this one can't write any, and what it would have
    # rebuilt stays in the log for one that can. A migration that changes what is made of days changes its number.
    shape: Mapped[int] = mapped_column(SmallInteger)


class FactWeek(_Cell, Base):
    """The sum of a week's days; `day` is its first: the 1st, 8th, 15th or 22nd of a month."""

    __tablename__ = "fact_week"
    __table_args__ = _guards("fact_week")


class FactMonth(_Cell, Base):
    """The sum of a month's weeks; `day` is the month's first."""

    __tablename__ = "fact_month"
    __table_args__ = _guards("fact_month")


class FactVersion(Base):
    """Counted on by each roll-up of an account's cells, in its transaction: as long as it stands, so do the facts.

    A time would not do: of two roll-ups the one that began first may commit last, and a cell that is gone has none.
    """

    __tablename__ = "fact_version"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


class Agent(Base):
    """How an agent was last called, and where they last worked: for labels, not for attribution."""

    __tablename__ = "agent"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    team: Mapped[str | None]
    vendor: Mapped[str | None]


def mark_stale(session: Session, account_id: UUID, agent_id: str | None, day: date) -> None:
    """To be written in the transaction of the change itself."""
    session.execute(insert(StaleCell).values(account_id=account_id, agent_id=agent_id or "", day=day))


def mark_call_stale(session: Session, account_id: UUID, call_id: UUID) -> None:
    """The same for whatever cell a call counts in; a test call counts in none."""
    session.execute(
        text(
            "insert into stale_cell (account_id, agent_id, day)"
            " select account_id, coalesce(agent_id, ''), ended_on from call"
            " where account_id = :account_id and id = :call_id and not is_test"
        ),
        {"account_id": account_id, "call_id": call_id},
    )


def mark_range_stale(session: Session, account_id: UUID, start: date, end: date) -> int:
    """Every cell of these days (both ends included) that has calls or figures; how many they are."""
    marked = session.execute(
        text(
            "insert into stale_cell (account_id, agent_id, day)"
            " select account_id, coalesce(agent_id, ''), ended_on from call"
            " where account_id = :account_id and ended_on between :start and :end and not is_test"
            " union select account_id, agent_id, day from fact_day"
            " where account_id = :account_id and day between :start and :end"
            " returning id"
        ),
        {"account_id": account_id, "start": start, "end": end},
    )
    return len(marked.all())
