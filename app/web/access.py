"""Around every request: its id, one log line, its count, and the headers that browsers are to obey."""

import re
import time
import uuid

import structlog
from flask import Flask, Response, g, request

from app.log import get_logger
from app.web.announced import add_announced
from app.web.unit import services

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_YEAR = 365 * 86_400

log = get_logger(__name__)


def request_id() -> str:
    """The id under which this request is found in the logs; sent back as X-Request-Id."""
    found: str = g.get("request_id", "-")
    return found


def _route() -> str:
    """The template, not the path: a path holds ids, and on the survey page the customer's token."""
    return request.url_rule.rule if request.url_rule else "unmatched"


def _begin() -> None:
    g.started = time.perf_counter()
    proposed = request.headers.get("X-Request-Id", "")
    g.request_id = proposed if _SANE_ID.fullmatch(proposed) else uuid.uuid4().hex
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id, method=request.method, route=_route())
    g.span = services().traces.begin(f"{_method()} {_route()}", request.headers.get("traceparent", ""))
    if g.span.trace_id:
        structlog.contextvars.bind_contextvars(trace_id=g.span.trace_id)


def _method() -> str:
    """What a scanner sends as a method is text of its own choosing: one label for all of it."""
    return request.method if request.url_rule or request.method in ("GET", "POST") else "OTHER"


def _finish(response: Response) -> Response:
    seconds = time.perf_counter() - g.started
    _set_headers(response)
    services().metrics.observe(_method(), _route(), response.status_code, seconds)
    log.info("request", status=response.status_code, milliseconds=round(seconds * 1000, 1))
    _end_span(response.status_code)
    return response


def _end_span(status: int = 500) -> None:
    """Once, however the request ends."""
    if span := g.pop("span", None):
        span.end(failed=status >= 500, **{"http.response.status_code": status})


def _set_headers(response: Response) -> None:
    add_announced(response)
    headers = response.headers
    headers.add("X-Request-Id", request_id())
    headers.setdefault("Content-Security-Policy", _CONTENT_POLICY)
    headers.setdefault("Cache-Control", "no-store")
    for name, value in _ALWAYS:  # nobody else sets them: adding asks no questions
        headers.add(name, value)
    if services().settings.public_url.startswith("https:"):
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}"


def watch_requests(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(lambda _: _end_span())
