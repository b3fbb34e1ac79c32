"""Results per agent, team, vendor or queue: every number with how far it may be trusted."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.metrics import Metric, account_metrics
from app.domain.rates import Volume, rates
from app.domain.scoring import Tally, final_on, score, status
from app.errors import Invalid
from app.flow.views import iso
from app.store.accounts import Account, get_account
from app.store.facts import Agent
from app.store.results import counted_until, sum_facts

# without dates: the rolling period over which scores are held against targets
DEFAULT_DAYS = 90
_VOLUME = ("answered", "invited", "delivered", "delivered_receipt", "responded", "completed")
_DURATIONS = ("talk", "hold", "wrap", "wait")
_NOTHING = Tally()
# always shown, answered or not; others only where they were asked
_HEADLINES = ("csat", "nps", "ownership")


def read_results(
    session: Session,
    *,
    account_id: UUID,
    group_by: str,
    start: date | None,
    end: date | None,
    bucket: str,
    agent_id: str | None = None,
) -> dict[str, Any]:
    """`start` to `end`, both included, are days of calls in the account's time zone; default the last 90.

    Agents' figures are unweighted, all others weighted by inverse selection probability. `as_of`: all that
    was committed until then is in the numbers; the same figures keep the same one.
    """
    account = get_account(session, account_id)
    now, waiting_since = counted_until(session, account_id)
    today = now.astimezone(ZoneInfo(account.timezone)).date()
    end = end or today
    start = start or end - timedelta(days=DEFAULT_DAYS - 1)
    if start > end:
        raise Invalid(
            "There is no such period.", {"from": f"lies after {end.isoformat()}, where the period ends"}
        )
    metrics = account_metrics(account.settings.get("targets", {}), account.settings.get("thresholds", {}))
    sums = sum_facts(
        session,
        account_id,
        group_by=group_by,
        bucket=bucket,
        start=start,
        end=end,
        agent_id=agent_id,
    )
    groups: dict[tuple[date | None, str], list[Any]] = defaultdict(list)
    for row in sums:
        # calls that nobody took belong to a queue and an account, to no agent
        if group_by != "agent" or row.key:
            groups[row.bucket_start, row.key].append(row)
    labels = _labels(session, account, group_by)
    newest: datetime | None = max((row.rebuilt_at for row in sums), default=None)
    # never the time of reading where it can be avoided: the ETag would change with every look
    as_of = iso(waiting_since or (newest and min(newest, now)))
    rows = [
        {
            **labels(key),
            **_period(bucket_start, bucket, start, end, today),
            "as_of": as_of,
            **_figures(parts, metrics, weighted=group_by != "agent"),
        }
        for (bucket_start, key), parts in groups.items()
    ]
    return {
        "group_by": group_by,
        "bucket": bucket,
        "from": start.isoformat(),
        "to": end.isoformat(),
        "timezone": account.timezone,
        "as_of": as_of,
        "rows": rows,
    }


def _labels(session: Session, account: Account, group_by: str) -> Any:
    if group_by != "agent":
        return lambda key: {group_by: key or None}
    known = {
        agent.id: agent
        for agent in session.execute(
            select(Agent.id, Agent.name, Agent.team, Agent.vendor).where(Agent.account_id == account.id)
        )
    }

    def label(key: str) -> dict[str, Any]:
        agent = known.get(key)
        return {
            "agent": {
                "id": key,
                "name": agent and agent.name,
                "team": agent and agent.team,
                "vendor": agent and agent.vendor,
            }
        }

    return label


def _period(bucket_start: date | None, bucket: str, start: date, end: date, today: date) -> dict[str, Any]:
    first, last = start, end
    if bucket_start is not None:
        first = max(start, bucket_start)
        last = min(end, _bucket_end(bucket_start, bucket))
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "status": status(last, today),
        "final_on": final_on(last).isoformat(),
    }


def _bucket_end(bucket_start: date, bucket: str) -> date:
    if bucket == "day":
        return bucket_start
    if bucket == "week":
        return bucket_start + timedelta(days=6)
    return (bucket_start + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _figures(parts: list[Any], metrics: dict[str, Metric], *, weighted: bool) -> dict[str, Any]:
    by_metric = {row.metric: row for row in parts}
    volume = by_metric.get("volume")
    counted = Volume(
        calls=volume.n if volume else 0,
        **{name: getattr(volume, name) if volume else 0 for name in _VOLUME},
    )
    shown: dict[str, Any] = {
        "calls": counted.calls,
        **{name: getattr(counted, name) for name in _VOLUME if name != "delivered_receipt"},
        "skipped": {
            name.removeprefix("skip."): row.n
            for name, row in sorted(by_metric.items())
            if name.startswith("skip.")
        },
        "rates": {name: rate.to_dict() for name, rate in rates(counted).items()},
        "mean_seconds": {
            name: _mean(getattr(volume, f"{name}_seconds"), getattr(volume, f"{name}_n")) if volume else None
            for name in _DURATIONS
        },
    }
    for key, metric in metrics.items():
        row = by_metric.get(key)
        if row is not None or key in _HEADLINES:
            shown[key] = score(metric, _tally(metric, row), weighted=weighted).to_dict()
    return shown


def _mean(total: int, n: int) -> float | None:
    return round(float(total) / n, 1) if n else None


def _tally(metric: Metric, row: Any) -> Tally:
    if row is None:
        return _NOTHING
    return Tally(
        counts=tuple(getattr(row, f"v{value}") for value in metric.values),
        weight=row.weight,
        weight_squared=row.weight_squared,
        weight_top=row.weight_top,
        weight_bottom=row.weight_bottom,
        weight_value=row.weight_value,
    )
