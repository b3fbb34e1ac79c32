"""What an operator watches, read from the database. Process liveness says little; the oldest due row says much."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Gauges:
    """Ages in seconds, 0 where nothing waits; counts stop at `MOST`, so that a flood can't slow the scrape."""

    oldest_due_seconds: float
    in_doubt: int
    quarantined: int
    stale_cells: int


MOST = 10_000

# each part is served by a partial index or bounded by a limit
_READ = text(
    f"""
    select
        (select coalesce(greatest(0, extract(epoch from clock_now() - min(due_at))), 0)
            from message where state = 'due' and due_at <= clock_now()) as oldest_due_seconds,
        (select count(*) from (select from message where state = 'in_doubt' limit {MOST}) m) as in_doubt,
        (select count(*) from (select from message where state = 'quarantined' limit {MOST}) m) as quarantined,
        (select count(*) from (select from stale_cell limit {MOST}) s) as stale_cells
    """  # noqa: S608  # MOST is the number above
)

_MEANINGS = {
    "oldest_due_seconds": "Age of the oldest message that is due and not sent",
    "in_doubt": "Messages whose outcome the carrier could not tell in time",
    "quarantined": "Messages set aside because sending them kept failing",
    "stale_cells": "Changes not yet rolled up into results",
}


def read_gauges(session: Session) -> Gauges:
    row = session.execute(_READ).one()
    return Gauges(
        oldest_due_seconds=float(row.oldest_due_seconds),
        in_doubt=row.in_doubt,
        quarantined=row.quarantined,
        stale_cells=row.stale_cells,
    )


class GaugeCollector(Collector):
    """Figures read once, for one scrape."""

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        for name, meaning in _MEANINGS.items():
            yield GaugeMetricFamily(f"postcall_{name}", meaning, value=getattr(self._gauges, name))
