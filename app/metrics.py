"""Counters of requests, by route template: never by path, which holds ids and survey tokens."""

import os
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# a webhook is meant to be answered within a second, and anything over 10 s has been ended by a time-out
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What one process counts. With PROMETHEUS_MULTIPROC_DIR set, `render` adds up all processes' files."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "postcall_http_requests",
            "Requests answered",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "postcall_http_request_seconds",
            "Time to answer a request",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )

        self._unheard_rings = Counter(
            "postcall_unheard_rings",
            "Times that the broker could not be told of work, which then waited for beat",
            registry=self._registry,
        )

    def count_unheard_ring(self) -> None:
        self._unheard_rings.inc()

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def render(self, gauges: Iterable[Collector] = ()) -> bytes:
        """The exposition text: the counters, and `gauges` read for this one scrape."""
        registry = CollectorRegistry()
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            text = generate_latest(registry)
        else:
            text = generate_latest(self._registry)
        passing = CollectorRegistry()
        for gauge in gauges:
            passing.register(gauge)
        return text + generate_latest(passing)
