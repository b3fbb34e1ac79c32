"""What the bridge counts, for Prometheus: answered on this machine alone, where a port is given."""

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from app.bridge.hook import Said
from app.bridge.spool import Spool


class Figures:
    def __init__(self, spool: Spool) -> None:
        self.registry = CollectorRegistry()
        self._events = Counter(
            "postcall_bridge_events", "Events of Asterisk that were kept", ("event",), registry=self.registry
        )
        self._deliveries = Counter(
            "postcall_bridge_deliveries", "Requests to the service", ("said",), registry=self.registry
        )
        self._blind = Counter(
            "postcall_bridge_blind_seconds",
            "Time without a connection to Asterisk, seen at its end",
            registry=self.registry,
        )
        self._connected = Gauge(
            "postcall_bridge_connected", "1 while Asterisk is listened to", registry=self.registry
        )
        for name, meaning, read in (
            ("waiting", "Reports that wait to be delivered", lambda: len(spool.waiting())),
            ("oldest_seconds", "For how long the oldest of them has waited", spool.oldest_seconds),
            ("refused", "Reports that the service refused, kept aside", spool.refused),
        ):
            Gauge(f"postcall_bridge_{name}", meaning, registry=self.registry).set_function(read)

    def serve(self, port: int) -> None:
        start_http_server(port, addr="127.0.0.1", registry=self.registry)

    def kept(self, event: str) -> None:
        self._events.labels(event).inc()

    def delivered(self, said: Said) -> None:
        self._deliveries.labels(said.value).inc()

    def blind(self, seconds: float) -> None:
        self._blind.inc(max(0.0, seconds))

    def connected(self, *, now: bool) -> None:
        self._connected.set(int(now))
