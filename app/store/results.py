"""Summing facts: whole months from fact_month, the days at a range's ends from fact_day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, func, select, text
from sqlalchemy.orm import Session

from app.domain.eligibility import SKIP_REASONS
from app.domain.metrics import METRICS
from app.store.cells import SUMS
from app.store.facts import StaleCell

_GROUPS = {"agent": "agent_id", "team": "team", "vendor": "vendor", "queue": "queue"}
_BUCKETS = {
    "day": "day",
    "week": "date_trunc('week', day)::date",
    "month": "date_trunc('month', day)::date",
    "all": "cast(null as date)",
}
_SUM_LIST = ", ".join(f"sum({name}) as {name}" for name in SUMS)

_WITHIN = (
    "account_id = :account_id and day >= :{0} and day < :{1} {agent}"
    " and (metric, definition) in (select * from known)"
)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def split_months(start: date, end: date) -> tuple[date, date]:
    """The whole months of start..end (both included): first day, and the day after the last. Equal if none."""
    first = start if start.day == 1 else _next_month(start)
    after = (end + timedelta(days=1)).replace(day=1)
    return (first, after) if first < after else (first, first)


def sum_facts(
    session: Session,
    account_id: UUID,
    *,
    group_by: str,
    bucket: str,
    start: date,
    end: date,
    agent_id: str | None,
) -> Sequence[Any]:
    """One row per (group, bucket, metric) with every sum of the cells and `rebuilt_at`, the newest of them.

    `bucket_start` is null for bucket "all". Cells of another definition than the current one are left out.
    """
    by_day = bucket in ("day", "week")
    first, after = (start, start) if by_day else split_months(start, end)
    agent = "and agent_id = :agent_id" if agent_id is not None else ""
    parts = [("fact_day", "start", "first"), ("fact_month", "first", "after"), ("fact_day", "after", "stop")]
    if first == after:
        parts = [("fact_day", "start", "stop")]
    columns = ", ".join(["agent_id", "team", "vendor", "queue", "day", "metric", "rebuilt_at", *SUMS])
    cells = " union all ".join(
        f"select {columns} from {table} where {_WITHIN.format(low, high, agent=agent)}"  # noqa: S608  # own names
        for table, low, high in parts
    )
    statement = text(
        f"""
        with known as (select * from unnest(cast(:metrics as text[]), cast(:definitions as text[])))
        select {_GROUPS[group_by]} as key, {_BUCKETS[bucket]} as bucket_start, metric, {_SUM_LIST},
               max(rebuilt_at) as rebuilt_at
        from ({cells}) cell
        group by 1, 2, 3 order by 2, 1
        """  # noqa: S608  # own names; values are bound
    )
    return session.execute(
        statement,
        {
            "account_id": account_id,
            "agent_id": agent_id,
            "start": start,
            "first": first,
            "after": after,
            "stop": end + timedelta(days=1),
            **_known_definitions(),
        },
    ).all()


def _known_definitions() -> dict[str, list[str]]:
    pairs = [(metric.key, f"{metric.name}.{metric.version}") for metric in METRICS.values()]
    pairs += [("volume", "1"), *((f"skip.{reason}", "1") for reason in SKIP_REASONS)]
    return {"metrics": [key for key, _ in pairs], "definitions": [definition for _, definition in pairs]}


def counted_until(session: Session, account_id: UUID) -> tuple[datetime, datetime | None]:
    """Now, and since when something has been waiting to be rolled up: None when nothing is.

    To be read before the sums: what is rolled up in between is in the sums, but no longer waiting.
    """
    oldest = select(func.min(StaleCell.created_at)).where(StaleCell.account_id == account_id)
    row = session.execute(
        select(func.clock_now(type_=DateTime(timezone=True)), oldest.scalar_subquery())
    ).one()
    return row[0], row[1]
