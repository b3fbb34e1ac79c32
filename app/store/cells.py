"""Rebuilding fact cells from the calls and answers themselves.

The order of the statements is what keeps the numbers right, see docs/decisions.md: pick log rows; lock each
(account, agent, month) in a statement of its own; delete exactly the picked rows; rebuild the days in a later
statement, the weeks in one later still, then the months, since each needs a newer snapshot than the lock. READ
COMMITTED.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.eligibility import SKIP_REASONS
from app.domain.metrics import METRICS
from app.store.facts import SHAPE, FactDay
from app.store.spans import month_of, week_of

_PICK = text(
    "select id, account_id, agent_id, day from stale_cell order by id limit :most for update skip locked"
)

_LOCK = text(
    """
    select pg_advisory_xact_lock(hashtextextended(k, 0))
    from (select distinct unnest(cast(:keys as text[])) as k order by 1) sorted
    """
)

_TAKE = text("delete from stale_cell where id = any(:ids) returning account_id, agent_id, day")

_KEYS = (
    "account_id",
    "agent_id",
    "day",
    "team",
    "vendor",
    "queue",
    "survey",
    "channel",
    "metric",
    "definition",
)
SUMS = [
    column.name for column in FactDay.__table__.columns if column.name not in (*_KEYS, "rebuilt_at", "shape")
]

_CELLS = "unnest(cast(:accounts as uuid[]), cast(:agents as text[]), cast(:days as date[]))"

_CLEAR = f"""
    delete from fact_day f using (select distinct * from {_CELLS}) as cell (account_id, agent_id, day)
    where f.account_id = cell.account_id and f.agent_id = cell.agent_id and f.day = cell.day
"""  # noqa: S608  # made of this file's own names

_SKIPPED = ", ".join(
    f"nullif(count(*) filter (where skip_reason = '{reason}'), 0) as skipped_{reason}"
    for reason in SKIP_REASONS
)
_NO_SKIPPED = ", ".join("null" for _ in SKIP_REASONS)

# One row per call with what became of it; then one cell row for the volume, and one per metric.
# A test call counts nowhere. Weights are inverse selection probabilities. The offer rate is a share of the
# answered calls: who was asked after a call that nobody took is in no part of it.
# "offset 0" has invitations and answers looked up call by call: the calls of a cell without an agent are many, and
# taking every cell for one of those the planner reads all invitations that there are (5 s of six million).
_REBUILD_DAYS = f"""
with cell as (
    select distinct * from {_CELLS} as c (account_id, agent_id, day)
), told as (
    select c.account_id, coalesce(c.agent_id, '') as agent_id, c.ended_on as day,
           coalesce(c.team, '') as team, coalesce(c.vendor, '') as vendor, coalesce(c.queue, '') as queue,
           coalesce(i.survey_key, '') as survey, coalesce(i.channel, '') as channel,
           c.is_answered, c.talk_seconds, c.hold_seconds, c.wrap_seconds, c.wait_seconds,
           i.id as invitation_id, i.skip_reason, i.delivered_at, i.delivered_basis, i.responded_at,
           i.completed_at, 1 / case when i.probability > 0 then i.probability else 1 end as w
    from cell
    cross join lateral (
        select * from call
        where account_id = cell.account_id and agent_id = cell.agent_id and ended_on = cell.day
        union all  -- and not "is not distinct from", which no index serves
        select * from call
        where account_id = cell.account_id and agent_id is null and ended_on = cell.day and cell.agent_id = ''
    ) c
    cross join lateral (
        select * from invitation where account_id = c.account_id and call_id = c.id offset 0
    ) i
    where not c.is_test
), metric as (
    select * from unnest(cast(:metrics as text[]), cast(:definitions as text[]),
                         cast(:tops as int4range[]), cast(:bottoms as int4range[]), cast(:outsides as int4range[]))
        as m (metric, definition, top, bottom, outside)
), rows as (
    select account_id, agent_id, day, team, vendor, queue, survey, channel,
           'volume' as metric, '1' as definition, count(*) as n,
           {", ".join(f"0 as v{value}" for value in range(11))},
           0 as weight, 0 as weight_squared, 0 as weight_top, 0 as weight_bottom, 0 as weight_value,
           count(*) filter (where is_answered) as answered,
           count(*) filter (where is_answered and skip_reason is null) as invited,
           count(*) filter (where delivered_at is not null) as delivered,
           count(*) filter (where delivered_basis = 'receipt') as delivered_receipt,
           count(*) filter (where responded_at is not null) as responded,
           count(*) filter (where completed_at is not null) as completed,
           coalesce(sum(talk_seconds), 0) as talk_seconds, count(talk_seconds) as talk_n,
           coalesce(sum(hold_seconds), 0) as hold_seconds, count(hold_seconds) as hold_n,
           coalesce(sum(wrap_seconds), 0) as wrap_seconds, count(wrap_seconds) as wrap_n,
           coalesce(sum(wait_seconds), 0) as wait_seconds, count(wait_seconds) as wait_n,
           nullif(count(*) filter (where not is_answered and skip_reason is null), 0) as invited_unanswered,
           {_SKIPPED}
    from told group by 1, 2, 3, 4, 5, 6, 7, 8
    union all
    select t.account_id, t.agent_id, t.day, t.team, t.vendor, t.queue, t.survey, t.channel,
           m.metric, m.definition, count(*) filter (where not a.value <@ m.outside),
           {", ".join(f"count(*) filter (where a.value = {value})" for value in range(11))},
           coalesce(sum(t.w) filter (where not a.value <@ m.outside), 0),
           coalesce(sum(t.w * t.w) filter (where not a.value <@ m.outside), 0),
           coalesce(sum(t.w) filter (where a.value <@ m.top), 0),
           coalesce(sum(t.w) filter (where a.value <@ m.bottom), 0),
           coalesce(sum(t.w * a.value) filter (where not a.value <@ m.outside), 0),
           {", ".join("0" for _ in range(14))}, null, {_NO_SKIPPED}
    from told t
    cross join lateral (
        select metric, value from answer
        where account_id = t.account_id and invitation_id = t.invitation_id and is_current and value is not null
        offset 0
    ) a
    join metric m on m.metric = a.metric
    group by 1, 2, 3, 4, 5, 6, 7, 8, m.metric, m.definition
)
insert into fact_day ({", ".join((*_KEYS, *SUMS))}, shape)
select {", ".join((*_KEYS, *SUMS))}, {SHAPE} from rows
"""  # noqa: S608  # made of this file's own names and numbers

_PARENTS = """
    unnest(cast(:accounts as uuid[]), cast(:agents as text[]), cast(:days as date[]), cast(:stops as date[]))
        as cell (account_id, agent_id, day, stop)
"""

_CLEAR_PARENTS = f"""
    delete from {{table}} f using {_PARENTS}
    where f.account_id = cell.account_id and f.agent_id = cell.agent_id and f.day = cell.day
"""  # noqa: S608  # as above

_SUM_PARENTS = f"""
insert into {{table}} ({", ".join((*_KEYS, *SUMS))})
select f.account_id, f.agent_id, cell.day, {", ".join("f." + key for key in _KEYS[3:])},
       {", ".join(f"sum(f.{name})" for name in SUMS)}
from {_PARENTS}
join {{parts}} f on f.account_id = cell.account_id and f.agent_id = cell.agent_id
               and f.day >= cell.day and f.day < cell.stop
group by f.account_id, f.agent_id, cell.day, {", ".join("f." + key for key in _KEYS[3:])}
"""  # noqa: S608  # as above

# what is summed from what, in this order
_PARENTS_OF = (("fact_week", "fact_day", week_of), ("fact_month", "fact_week", month_of))

# by the newest call of all: the rebuild of an old day must not bring an old team back
_LABEL_AGENTS = f"""
insert into agent (account_id, id, name, team, vendor)
select a.account_id, a.agent_id, c.agent_name, c.team, c.vendor
from (select distinct account_id, agent_id from {_CELLS} as u (account_id, agent_id, day)) a
cross join lateral (
    select agent_name, team, vendor from call
    where account_id = a.account_id and agent_id = a.agent_id and not is_test
    order by ended_on desc, ended_at desc limit 1
) c
order by a.account_id, a.agent_id
on conflict on constraint pk_agent do update set name = coalesce(excluded.name, agent.name),
    team = excluded.team, vendor = excluded.vendor
where (agent.name, agent.team, agent.vendor)
      is distinct from (coalesce(excluded.name, agent.name), excluded.team, excluded.vendor)
"""  # noqa: S608  # as above

# last, since it is held until the commit; sorted, like all that two workers lock
_COUNT_ON = f"""
insert into fact_version (account_id, version)
select distinct account_id, 1 from {_CELLS} as c (account_id, agent_id, day) order by 1
on conflict on constraint pk_fact_version do update set version = fact_version.version + 1
"""  # noqa: S608  # as above


@dataclass(frozen=True)
class Cell:
    account_id: UUID
    agent_id: str
    day: date

    @property
    def lock_key(self) -> str:
        return f"{self.account_id}:{self.agent_id}:{self.day:%Y-%m}"


def pick_stale(session: Session, most: int) -> Sequence[Any]:
    """Rows of the log, oldest first, leaving out those that another worker holds."""
    return session.execute(_PICK, {"most": most}).all()


def lock_months(session: Session, cells: Sequence[Cell]) -> None:
    """One rebuild at a time per agent and month; sorted, so that two workers never wait for each other."""
    session.execute(_LOCK, {"keys": [cell.lock_key for cell in cells]})


def take_stale(session: Session, ids: list[int]) -> list[Cell]:
    """Exactly the rows picked: lower ids may still be committed later."""
    return [Cell(*row) for row in session.execute(_TAKE, {"ids": ids})]


def rebuild(session: Session, cells: Sequence[Cell]) -> None:
    """Make the cells anew from calls and answers. The caller holds their months' locks."""
    values = {
        "accounts": [cell.account_id for cell in cells],
        "agents": [cell.agent_id for cell in cells],
        "days": [cell.day for cell in cells],
    }
    metrics = list(METRICS.values())
    definitions = {
        "metrics": [metric.key for metric in metrics],
        "definitions": [f"{metric.name}.{metric.version}" for metric in metrics],
        "tops": [_range(metric.top) for metric in metrics],
        "bottoms": [_range(metric.bottom) for metric in metrics],
        "outsides": [_range(metric.outside) for metric in metrics],
    }
    # a plan that is kept from when the tables were empty would read them whole for each of 500 cells
    session.execute(text("select set_config('plan_cache_mode', 'force_custom_plan', true)"))
    session.execute(text(_CLEAR), values)
    session.execute(text(_REBUILD_DAYS), values | definitions)
    for table, parts, span_of in _PARENTS_OF:
        parents = sorted({(cell.account_id, cell.agent_id, *span_of(cell.day)) for cell in cells})
        sums = {
            name: [parent[at] for parent in parents]
            for at, name in enumerate(("accounts", "agents", "days", "stops"))
        }
        session.execute(text(_CLEAR_PARENTS.format(table=table)), sums)
        session.execute(text(_SUM_PARENTS.format(table=table, parts=parts)), sums)
    session.execute(text(_LABEL_AGENTS), values)
    session.execute(text(_COUNT_ON), values)


def _range(values: range) -> str:
    return f"[{values.start},{values.stop})" if values else "empty"
