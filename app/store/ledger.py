"""Summing what became of calls: by agent or by day, from the facts."""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.eligibility import SKIP_REASONS
from app.store.spans import cut, days_only

_KEYS = {"agent": "agent_id", "day": "day::text", "reason": "''"}
_COUNTS = (
    *("n", "answered", "invited", "invited_unanswered"),
    *(f"skipped_{reason}" for reason in SKIP_REASONS),
)


class Volume(NamedTuple):
    calls: int
    answered: int
    offered: int
    invited_unanswered: int


class LedgerSum(NamedTuple):
    """`key`: an agent's id ('' for none), a day, or '' for all in one. `skipped`: by reason, zeros included."""

    key: str
    volume: Volume
    skipped: dict[str, int]
    rebuilt_at: datetime


def sum_ledger(
    session: Session, account_id: UUID, *, group_by: str, start: date, end: date
) -> list[LedgerSum]:
    """The cells of start..end, both included; `group_by`: agent, day or reason."""
    spans = days_only(start, end) if group_by == "day" else cut(start, end)
    values: dict[str, Any] = {"account_id": account_id}
    for number, (_, low, high) in enumerate(spans):
        values |= {f"low{number}": low, f"high{number}": high}
    cells = " union all ".join(
        f"select {_KEYS[group_by]} as key, rebuilt_at, {', '.join(_COUNTS)} from {table}"  # noqa: S608
        f" where account_id = :account_id and day >= :low{number} and day < :high{number}"
        " and metric = 'volume' and definition = '1'"
        for number, (table, _, _) in enumerate(spans)
    )
    counts = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in _COUNTS)
    rows = session.execute(
        text(f"select key, max(rebuilt_at), {counts} from ({cells}) cell group by 1 order by 1"),  # noqa: S608
        values,
    )
    return [
        LedgerSum(
            key=key,
            volume=Volume(*found[:4]),
            skipped=dict(zip(SKIP_REASONS, found[4:], strict=True)),
            rebuilt_at=rebuilt_at,
        )
        for key, rebuilt_at, *found in rows
    ]
