"""What this process counts, for Prometheus. Requests by route template: a path would hold ids and tokens."""

import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# a webhook is meant to be answered within a second, and anything over 10 s has been ended by a time-out
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Stage(NamedTuple):
    meaning: str
    labels: tuple[str, ...]


# Each stage of the main job, in its order; counted by app.tally when the stage is committed.
STAGES: Mapping[str, Stage] = {
    "calls": Stage(
        "Calls reported, by what was decided: scheduled, skipped or repeat", ("decision", "reason")
    ),
    "call_events": Stage(
        "What platforms posted: accepted, ignored or refused, and why", ("platform", "outcome", "reason")
    ),
    "claims": Stage("Messages claimed for sending", ()),
    "attempts": Stage("Requests to carriers, by what they came to", ("outcome", "code")),
    "looks": Stage("Look-ups of unclear sends: found, empty or unreadable", ("result",)),
    "fallbacks": Stage("Surveys that went on by another channel", ("from", "to")),
    "doubles": Stage("Messages that a carrier took twice", ()),
    "resends": Stage("Messages that a person had sent again, by the state they were in", ("state",)),
    "resend_doubles": Stage("Messages that a carrier took twice since a person had them sent again", ()),
    "receipts": Stage("Receipts of carriers, each counted once", ("status", "code")),
    "messages_ended": Stage("Messages that ended without being accepted, by state", ("state",)),
    "texts": Stage("Texts of customers, by what was understood", ("understood",)),
    "answers": Stage("Answers kept, revisions included", ("channel", "question")),
    "opt_outs": Stage("Opt-outs kept, by who said so: customer or carrier", ("by",)),
    "invitations": Stage("Moves of invitations, by the state they came to", ("state",)),
    "calls_answered": Stage("Calls of ours that were answered, by whom: person or machine", ("by",)),
    "recordings": Stage("Spoken comments done with, by what became of the audio", ("state",)),
    "rolled_up": Stage("Changes rolled up into facts", ()),
}


class Metrics:
    """With PROMETHEUS_MULTIPROC_DIR set, `render` adds up the files of all processes that share it."""

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
        self._refused = Counter(
            "postcall_refused_requests",
            "Requests refused at the door, since the service was full or they came too slowly",
            ("reason",),
            registry=self._registry,
        )
        self._unheard_rings = Counter(
            "postcall_unheard_rings",
            "Times that the broker could not be told of work, which then waited for beat",
            registry=self._registry,
        )
        self._stages = {
            name: Counter(f"postcall_{name}", stage.meaning, stage.labels, registry=self._registry)
            for name, stage in STAGES.items()
        }

    def count_refused(self, reason: str) -> None:
        self._refused.labels(reason).inc()

    def count_unheard_ring(self) -> None:
        self._unheard_rings.inc()

    def count(self, stage: str, labels: tuple[str, ...], times: int = 1) -> None:
        """So many more; for app.tally."""
        counter = self._stages[stage]
        (counter.labels(*labels) if labels else counter).inc(times)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def render(self, gauges: Iterable[Collector] = ()) -> bytes:
        """The exposition text: the counters, and `gauges` read for this one scrape."""
        passing = CollectorRegistry()
        for gauge in gauges:
            passing.register(gauge)
        return generate_latest(self._counted()) + generate_latest(passing)

    def serve(self, port: int) -> None:
        """A door of its own, for a process that has none: answers on all addresses, from a thread."""
        start_http_server(port, registry=self._counted())

    def _counted(self) -> CollectorRegistry:
        if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            return self._registry
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry
