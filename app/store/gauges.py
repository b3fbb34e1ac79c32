"""What an operator watches, read from the database. Process liveness says little; the oldest due row says much."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Gauges:
    """Ages in seconds, 0 where nothing waits; counts stop at `MOST`, so that a flood can't slow the scrape."""

    oldest_due_seconds: float
    unknown: int
    in_doubt: int
    quarantined: int
    paused: int
    stale_cells: int
    stale_oldest_seconds: float
    outbox_oldest_seconds: float


MOST = 10_000

# The oldest due row is the first of each sender's and account's queue: a plain minimum would walk a whole backlog,
# and health would go quiet just when it is asked for. The counts are served by partial indexes, and bounded.
_READ = text(
    f"""
    select
        (select coalesce(greatest(0, extract(epoch from clock_now() - min(first.due_at))), 0)::float8
            from sender_account a
            cross join lateral (
                select m.due_at from message m
                where m.sender_id = a.sender_id and m.account_id = a.account_id
                  and m.state = 'due' and m.due_at <= clock_now()
                order by m.due_at limit 1) first) as oldest_due_seconds,
        (select count(*) from (select from message where state = 'unknown' limit {MOST}) m) as unknown,
        (select count(*) from (select from message where state = 'in_doubt' limit {MOST}) m) as in_doubt,
        (select count(*) from (select from message where state = 'quarantined' limit {MOST}) m) as quarantined,
        (select count(*) from sending_pause) as paused,
        (select count(*) from (select from stale_cell limit {MOST}) s) as stale_cells,
        coalesce((select greatest(0, extract(epoch from clock_now() - created_at))::float8
                  from stale_cell order by id limit 1), 0) as stale_oldest_seconds,
        coalesce((select greatest(0, extract(epoch from clock_now() - created_at))::float8 from event
                  where published_at is null order by created_at limit 1), 0) as outbox_oldest_seconds
    """  # noqa: S608  # MOST is the number above
)


def read_gauges(session: Session) -> Gauges:
    return Gauges(**session.execute(_READ).one()._mapping)
