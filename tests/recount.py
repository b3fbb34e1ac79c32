"""After a test: does the ledger add up?

Every call has one invitation, which is asked or skipped with a known reason; and what was rolled up, and not
touched since, counts the same calls.
"""

from typing import Any

from sqlalchemy import Connection, text

from app.domain.eligibility import SKIP_REASONS

_SKIPPED = [f"coalesce(f.skipped_{reason}, 0)" for reason in SKIP_REASONS]
_REASONS = ", ".join(f"'{reason}'" for reason in SKIP_REASONS)

# of cells by day without a mark in the log, whose calls are all there: some tests write facts by hand
_RECOUNT = text(
    f"""
    with counted as (
        select c.account_id, c.id, count(i.id) as invitations,
               count(*) filter (where i.skip_reason is null and i.state <> 'skipped') as invited,
               count(*) filter (where i.state = 'skipped' and i.skip_reason in ({_REASONS})) as skipped
        from call c left join invitation i on i.account_id = c.account_id and i.call_id = c.id
        group by c.account_id, c.id
    ), rolled_up as (
        select f.account_id, f.agent_id, f.day, sum(f.n) as calls,
               sum(f.invited + coalesce(f.invited_unanswered, 0) + {" + ".join(_SKIPPED)}) as told
        from fact_day f
        where f.metric = 'volume'
          and exists (select from call c where c.account_id = f.account_id and c.ended_on = f.day
                      and coalesce(c.agent_id, '') = f.agent_id)
          and not exists (select from stale_cell s where s.account_id = f.account_id and s.day = f.day
                          and s.agent_id = f.agent_id)
        group by 1, 2, 3
    )
    select 'call ' || id as what, invitations, invited, skipped from counted
    where invitations <> 1 or invited + skipped <> 1
    union all
    select 'facts of ' || agent_id || ' ' || day, calls, told, null from rolled_up where calls <> told
    limit 10
    """  # noqa: S608  # made of the service's own names
)


def recount(connection: Connection) -> list[Any]:
    """What does not add up; empty also where the test has left the transaction broken."""
    driver: Any = connection.connection.driver_connection
    if driver.info.transaction_status.name == "INERROR":
        return []
    return [tuple(row) for row in connection.execute(_RECOUNT)]
