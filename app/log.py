"""JSON logs, one object a line, on stderr. Ids travel in the context; no phone number or text gets in."""

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import orjson
import structlog

# a run of 7 or more digits, perhaps with separators: an address slipped into an error text
_DIGITS = re.compile(r"\+?\d(?:[ ().-]?\d){6,}")
# line breaks, escapes and direction marks can forge or hide a line in a terminal
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# these tell of every tick
_TALKATIVE = ("celery.worker.strategy", "celery.app.trace", "celery.beat", "alembic.runtime.migration")
_PLAIN_KEYS = frozenset({"timestamp", "level", "event", "logger"})


def _neutral(value: object) -> object:
    if isinstance(value, str):
        return _UNSAFE.sub(" ", _DIGITS.sub("[number]", value))
    return value


def _neutralise(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask anything like a phone number and everything that is not printable; ids (with hyphens) pass."""
    for key, value in event.items():
        if key not in _PLAIN_KEYS and not key.endswith("_id"):
            event[key] = _neutral(value)
    event["event"] = _neutral(event.get("event", ""))
    return event


def _render(_logger: object, _method: str, event: MutableMapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(event, default=repr)
    except TypeError:  # a lone surrogate, a number over 64 bits: no reason to lose the line
        return json.dumps(event, default=repr).encode()


# one list, however often logging is configured: loggers keep the one that they began with
_PROCESSORS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    _neutralise,
    _render,
]


def _stderr() -> TextIO:
    """The process's own: what stands in for it (a test's, a worker's redirection) may be closed before us."""
    assert sys.__stderr__ is not None  # noqa: S101  # only a program without a console has none
    return sys.__stderr__


def configure_logging(level: str) -> None:
    """Send structlog and the standard library's loggers to stderr as JSON. Called by entry points only.

    Our own lines don't pass through the standard library: each call writes two, and a tenth of its time went there.
    """
    structlog.configure(
        processors=_PROCESSORS,
        logger_factory=structlog.BytesLoggerFactory(_stderr().buffer),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(_stderr())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_PROCESSORS[:-1],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _rendered_text],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _rendered_text(logger: object, method: str, event: MutableMapping[str, Any]) -> str:
    return _render(logger, method, event).decode()


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(name)
    return logger
