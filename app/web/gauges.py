"""The operator's figures in Prometheus' form."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.store.gauges import Gauges

_MEANINGS = {
    "oldest_due_seconds": "Age of the oldest message that is due and not sent",
    "unknown": "Messages whose outcome is being looked up at the carrier",
    "in_doubt": "Messages whose outcome the carrier could not tell in time",
    "quarantined": "Messages set aside because sending them kept failing",
    "paused": "Pauses of sending in force, one per account or one for all",
    "stale_cells": "Changes not yet rolled up into results",
    "stale_oldest_seconds": "Age of the oldest change that is not yet in the results",
    "outbox_oldest_seconds": "Age of the oldest event that nobody was told of",
}


class GaugeCollector(Collector):
    """Figures read once, for one scrape."""

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        for name, meaning in _MEANINGS.items():
            yield GaugeMetricFamily(f"postcall_{name}", meaning, value=getattr(self._gauges, name))
