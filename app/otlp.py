"""Traces sent by OTLP over HTTP. Imported only where TRACES=otlp; the standard OTEL_* variables say where to."""

from typing import Any

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode, format_trace_id
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import Engine, event

from app.store.direct import WATCHED

_MOST_TEXT = 2_000


class _OtlpSpan:
    def __init__(self, span: trace.Span) -> None:
        self._span = span
        self._token = context.attach(trace.set_span_in_context(span))
        self.trace_id: str | None = format_trace_id(span.get_span_context().trace_id)

    def end(self, *, failed: bool = False, **attributes: str | int) -> None:
        self._span.set_attributes(attributes)
        if failed:
            self._span.set_status(Status(StatusCode.ERROR))
        context.detach(self._token)
        self._span.end()


class OtlpTraces:
    """Spans are sent by a thread of the exporter's own; a collector that is away costs nobody any time."""

    def __init__(self, part: str) -> None:
        provider = TracerProvider(resource=Resource.create({"service.name": f"postcall-{part}"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._provider = provider
        self._tracer = provider.get_tracer("postcall")

    def begin(self, name: str, caller: str | None = None, /, **attributes: str | int) -> _OtlpSpan:
        # what the caller says it is part of; without it, whatever this thread is in
        parent = None
        if caller is not None:
            parent = TraceContextTextMapPropagator().extract({"traceparent": caller}, Context())
        kind = SpanKind.INTERNAL if caller is None else SpanKind.SERVER
        return _OtlpSpan(
            self._tracer.start_span(name, context=parent, kind=kind, attributes=dict(attributes))
        )

    def watch(self, engine: Engine) -> None:
        engine.update_execution_options(**{WATCHED: True})

        def begun(_c: Any, _cursor: Any, statement: str, _p: Any, execution: Any, _many: bool) -> None:
            name = statement.split(None, 1)[0].lower() if statement.strip() else "statement"
            execution.traced = self._tracer.start_span(
                name,
                kind=SpanKind.CLIENT,
                attributes={"db.system.name": "postgresql", "db.query.text": statement[:_MOST_TEXT]},
            )

        def ended(_c: Any, _cursor: Any, _statement: str, _p: Any, execution: Any, _many: bool) -> None:
            execution.traced.end()

        def failed(details: Any) -> None:
            span = getattr(details.execution_context, "traced", None)
            if span is not None:
                span.set_status(Status(StatusCode.ERROR))
                span.end()

        event.listen(engine, "before_cursor_execute", begun)
        event.listen(engine, "after_cursor_execute", ended)
        event.listen(engine, "handle_error", failed)

    def close(self) -> None:
        """Send what is waiting."""
        self._provider.shutdown()
