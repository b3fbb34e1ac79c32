"""Summing facts: whole months, weeks and days, each from its own cells."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import DateTime, func, select, text
from sqlalchemy.orm import Session

from app.domain.eligibility import SKIP_REASONS
from app.domain.metrics import METRICS
from app.store.facts import FactVersion, StaleCell
from app.store.spans import cut, days_only

_GROUPS = {"agent": "agent_id", "team": "team", "vendor": "vendor", "queue": "queue"}
_BUCKETS = {
    "day": "day",
    "week": "date_trunc('week', day)::date",
    "month": "date_trunc('month', day)::date",
    "all": "cast(null as date)",
}

# What is summed of which rows: calls, and answers. Apart, since together each metric would be a row of all columns,
# most of them nothing, and summing those is what took the time. Sums of bigint are numeric: the cast.
_VOLUME = (
    *("n", "answered", "invited", "delivered", "delivered_receipt", "responded", "completed"),
    *("talk_seconds", "talk_n", "hold_seconds", "hold_n", "wrap_seconds", "wrap_n"),
    *("wait_seconds", "wait_n"),
    *(f"skipped_{reason}" for reason in SKIP_REASONS),
)
_COUNTS = tuple(f"v{value}" for value in range(11))
_WEIGHTS = ("weight", "weight_squared", "weight_top", "weight_bottom", "weight_value")
_PARTS = (
    ("metric = 'volume' and definition = '1'", _VOLUME, ()),
    # a definition is one metric's alone
    ("metric = any(:metrics) and definition = any(:definitions)", _COUNTS, _WEIGHTS),
)


# (bucket_start, key, metric, counts, weights, rebuilt_at)
Summed = tuple[date | None, str, str, list[int], list[float], datetime]


class Standing(NamedTuple):
    """How far the facts are: `waiting_since` when something has been waiting to be rolled up (None: nothing is),
    and `version`, which each roll-up counts on."""

    now: datetime
    waiting_since: datetime | None
    version: int


def sum_facts(
    session: Session,
    account_id: UUID,
    *,
    group_by: str,
    bucket: str,
    start: date,
    end: date,
    agent_id: str | None,
    weighted: bool,
) -> list[Summed]:
    """The cells of start..end (both included), summed: (bucket_start, key, metric, counts, weights, rebuilt_at).

    `bucket_start` is null for bucket "all"; `rebuilt_at` is the newest. `counts` of metric "volume", which is there
    for whatever has any other: calls, answered, invited, delivered, delivered_receipt, responded, completed, then
    seconds and n of talk, hold, wrap and wait, then skipped calls by reason as in SKIP_REASONS (None for none);
    of a scored metric: v0..v10, and where they are asked for the five sums of weights. Cells of another definition
    than the current one are left out.

    One statement, so that no roll-up comes between a volume and its scores.
    """
    spans = days_only(start, end) if bucket in ("day", "week") else cut(start, end)
    values: dict[str, Any] = {
        "account_id": account_id,
        "agent_id": agent_id,
        "metrics": list(METRICS),
        "definitions": [f"{metric.name}.{metric.version}" for metric in METRICS.values()],
    }
    for number, (_, low, high) in enumerate(spans):
        values |= {f"low{number}": low, f"high{number}": high}
    one_agent = "and agent_id = :agent_id" if agent_id is not None else ""

    def summed(which: str, counts: Sequence[str], weights: Sequence[str]) -> str:
        weights = weights if weighted else ()
        columns = ", ".join((*counts, *weights))
        cells = " union all ".join(
            f"select {_BUCKETS[bucket]} as bucket_start, {_GROUPS[group_by]} as key, metric, rebuilt_at, {columns}"  # noqa: S608
            f" from {table} where account_id = :account_id and day >= :low{number} and day < :high{number}"
            f" and {which} {one_agent}"
            for number, (table, _, _) in enumerate(spans)
        )
        all_counts = ", ".join(f"sum({name})" for name in counts)
        all_weights = ", ".join(f"sum({name})" for name in weights)
        return (
            f"select bucket_start, key, metric, array[{all_counts}]::bigint[] as counts,"  # noqa: S608
            f" array[{all_weights}]::float8[] as weights, max(rebuilt_at) as rebuilt_at"
            f" from ({cells}) cell group by 1, 2, 3"
        )

    rows = session.execute(text(" union all ".join(summed(*part) for part in _PARTS)), values)
    return cast("list[Summed]", rows.all())


def read_standing(session: Session, account_id: UUID) -> Standing:
    """To be read before the sums: what is rolled up in between is in the sums, but no longer waiting."""
    oldest = select(func.min(StaleCell.created_at)).where(StaleCell.account_id == account_id)
    version = select(FactVersion.version).where(FactVersion.account_id == account_id)
    row = session.execute(
        select(
            func.clock_now(type_=DateTime(timezone=True)),
            oldest.scalar_subquery(),
            func.coalesce(version.scalar_subquery(), 0),
        )
    ).one()
    return Standing(*row)
