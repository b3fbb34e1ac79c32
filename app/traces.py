"""Where the time of a request or a task went, for those who collect traces. Off by default, and then free.

The OpenTelemetry packages are an extra (`pip install postcall[traces]`), so nothing here imports them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Protocol

from sqlalchemy import Engine

from app.errors import ConfigurationError


class Span(Protocol):
    """Something that takes time, under way."""

    trace_id: str | None  # 32 hexadecimal digits; None where nothing is traced

    def end(self, *, failed: bool = False, **attributes: str | int) -> None: ...


class Traces(Protocol):
    def begin(self, name: str, caller: str | None = None, /, **attributes: str | int) -> Span:
        """Start a span inside the one that this thread is in, or for a `caller`: their `traceparent`, or ''.

        To be ended by the same thread. Attributes are ids and codes, never addresses or words.
        """
        ...

    def watch(self, engine: Engine) -> None:
        """A span for each statement, with its text and never its values."""
        ...


@contextmanager
def span(traces: Traces, name: str, **attributes: str | int) -> Iterator[None]:
    begun = traces.begin(name, **attributes)
    try:
        yield
    except BaseException:
        begun.end(failed=True)
        raise
    begun.end()


class _NoSpan:
    trace_id: str | None = None

    def end(self, *, failed: bool = False, **attributes: str | int) -> None:
        pass


class NoTraces:
    def begin(self, name: str, caller: str | None = None, /, **attributes: str | int) -> Span:  # noqa: ARG002
        return _NO_SPAN

    def watch(self, engine: Engine) -> None:
        pass


_NO_SPAN = _NoSpan()


def make_traces(kind: str, part: str) -> Traces:
    """`kind`: `off`, or `otlp` for a collector named by OTEL_EXPORTER_OTLP_ENDPOINT; `part`: web, worker.

    Raises ConfigurationError for another kind, and where the extra is not installed.
    """
    if kind == "off":
        return NoTraces()
    if kind != "otlp":
        raise ConfigurationError(f"TRACES is off or otlp, not {kind!r}.")
    try:
        otlp = import_module("app.otlp")
    except ModuleNotFoundError as error:
        raise ConfigurationError("TRACES=otlp needs the extra: pip install 'postcall[traces]'.") from error
    made: Traces = otlp.OtlpTraces(part)
    return made
