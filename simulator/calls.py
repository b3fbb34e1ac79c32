"""The end of a call, made up from as little as is given."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

_AGENT = {"id": "101", "name": "Agent 101", "team": "Billing", "vendor": "In-house"}
_PHONE = "+447700900123"
_TALK_SECONDS = 60
_WAIT_SECONDS = 8
# of the customer, and short for it in an order
_SHORT = ("phone", "email", "language")


def call_end(order: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The body of POST /v1/calls for `order`: by default an answered call that ended at `now`.

    `phone`, `email` and `language` are short for the customer's. A field given as null is left out, and so is the
    answer time of a call without an agent. Anything else passes as it is, wrong values too: refusing them is
    the service's job.
    """
    call = {
        "call_id": f"call-{uuid.uuid4().hex[:12]}",
        "direction": "inbound",
        "agent": _AGENT,
        **{name: value for name, value in order.items() if name not in {*_SHORT, "customer"}},
        "customer": _customer(order),
    }
    return {name: value for name, value in (_times(call, now) | call).items() if value is not None}


def _customer(order: Mapping[str, Any]) -> Any:
    short = {name: order[name] for name in _SHORT if name in order}
    customer = order.get("customer", {"phone": _PHONE})
    if not isinstance(customer, dict):
        return customer
    return {name: value for name, value in (customer | short).items() if value is not None}


def _times(call: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What is not given, fitted to what is: started, answered and ended in this order."""
    ended = _time(call.get("ended_at")) or now.replace(microsecond=now.microsecond // 1000 * 1000)
    started = _time(call.get("started_at"))
    wait = _number(call.get("wait_seconds"), _WAIT_SECONDS)
    if call.get("answered_at", ...) is None or (call.get("agent") is None and "answered_at" not in call):
        return _written(started_at=started or ended - timedelta(seconds=wait), ended_at=ended)
    talk = _number(call.get("talk_seconds"), _TALK_SECONDS)
    answered = _time(call.get("answered_at")) or ended - timedelta(seconds=talk)
    if started and "talk_seconds" not in call:
        answered = max(answered, min(started, ended))
    started = started or answered - timedelta(seconds=wait)
    return _written(started_at=started, answered_at=answered, ended_at=ended) | {
        "talk_seconds": max(0, round((ended - answered).total_seconds())),
        "wait_seconds": max(0, round((answered - started).total_seconds())),
    }


def _written(**times: datetime) -> dict[str, Any]:
    return {name: time.isoformat(timespec="milliseconds") for name, time in times.items()}


def _time(value: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time and time.tzinfo is None else time


def _number(value: object, default: float) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1_000_000
    return value if good else default  # type: ignore[return-value]
