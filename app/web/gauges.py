"""The operator's figures in Prometheus' form."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.store.gauges import Gauges

_MEANINGS = {
    "oldest_due_seconds": "Age of the oldest message that is due and not sent",
    "in_doubt": "Messages whose outcome the carrier could not tell in time",
    "quarantined": "Messages set aside because sending them kept failing",
    "stale_cells": "Changes not yet rolled up into results",
}


class GaugeCollector(Collector):
    """Figures read once, for one scrape."""

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        for name, meaning in _MEANINGS.items():
            yield GaugeMetricFamily(f"postcall_{name}", meaning, value=getattr(self._gauges, name))
