"""Traces are off, and free; switched on they reach a collector, with the caller's trace and without any address."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app.errors import ConfigurationError
from app.settings import Settings
from app.traces import NoTraces, make_traces

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PHONE = "+447700900123"

SCRIPT = f"""
import sys
from app.log import configure_logging
from app.settings import load_settings
from app.web.application import create_app, make_services

settings = load_settings()
configure_logging(settings.log_level)
services = make_services(settings)
client = create_app(settings, services).test_client()
client.get("/readyz?phone={PHONE}", headers={{"traceparent": "{CALLER}"}})
key = {{"Authorization": "Bearer pc_{"x" * 40}"}}
client.post("/v1/calls", json={{"customer": {{"phone": "{PHONE}"}}}}, headers=key)
services.traces.close()
"""


class Collector(BaseHTTPRequestHandler):
    bodies: list[bytes]

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[HTTPServer]:
    Collector.bodies = []
    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_request_and_its_statements_reach_the_collector(settings: Settings, collector: HTTPServer) -> None:
    names = ("database_url", "redis_url", "public_url", "secret_keys")
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={
            **os.environ,
            **{name.upper(): getattr(settings, name) for name in names},
            "TRACES": "otlp",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}",
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    spans = [
        span
        for body in Collector.bodies
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    ready = next(span for span in spans if span.name == "GET /readyz")
    assert ready.trace_id.hex() == CALLER.split("-")[1]
    statements = [span for span in spans if span.parent_span_id == ready.span_id]
    assert any("from message" in str(span.attributes) for span in statements)
    assert next(span for span in spans if span.name == "POST /v1/calls").trace_id != ready.trace_id
    assert not any(PHONE.encode() in body for body in Collector.bodies)
    line = next(line for line in map(json.loads, run.stderr.splitlines()) if line.get("route") == "/readyz")
    assert line["trace_id"] == CALLER.split("-")[1]


def test_without_the_setting_nothing_is_traced_and_nothing_imported() -> None:
    traces = make_traces("off", "web")
    assert isinstance(traces, NoTraces)
    assert traces.begin("anything", CALLER).trace_id is None
    script = "import sys, app.web.application, workers.parts; sys.exit('app.otlp' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_another_kind_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="'zipkin'"):
        make_traces("zipkin", "web")
