"""jambonz: the status hook of a call, and of the calls that it dialled."""

from collections.abc import Sequence
from typing import Any

from app.platforms.bodies import json_object, part
from app.platforms.face import Dialect, Ignored, Platform, RawRequest, Reading
from app.platforms.fields import call_ended, plus, seconds, text
from app.platforms.proofs import hex_hmac, is_one_of, timely

_MISSED = frozenset({"failed", "busy", "no-answer"})
_LEG_WAITS = 120
_MOST_PARTS = 10


def verify(raw: RawRequest, secrets: Sequence[str]) -> str | None:
    """`secrets`: webhook secrets."""
    if not secrets:
        return "no_secret"
    listed = raw.header("jambonz-signature").split(",")[:_MOST_PARTS]
    parts = [one.strip().partition("=") for one in listed]
    timestamp = next((value for name, _, value in parts if name == "t"), "")
    given = [value for name, _, value in parts if name == "v1"]
    if not timestamp or not given:
        return "not_signed"
    if not timely(timestamp, raw.now):
        return "clock"
    expected = [hex_hmac(secret, f"{timestamp}.".encode() + raw.body) for secret in secrets]
    return None if any(is_one_of(one, expected) for one in given) else "wrong_signature"


def read(raw: RawRequest, dialect: Dialect, secrets: Sequence[str]) -> Reading:  # noqa: ARG001
    said = json_object(raw.body)
    status = (text(said.get("call_status")) or "").casefold()
    if not said.get("call_sid"):
        return Ignored("not_a_call", status[:40])
    if status != "completed" and status not in _MISSED:
        return Ignored("not_final", status[:40])
    outbound, parent = said.get("direction") == "outbound", said.get("parent_call_sid")
    extra = part(said.get("customerData"))
    known: dict[str, Any] = {
        "call_id": parent or said.get("call_sid"),
        "agent_id": extra.get("agent") or raw.query.get("agent"),
        "queue": extra.get("queue") or said.get("queue"),
        "talk_seconds": said.get("duration") if status == "completed" else 0,
        "wait_seconds": said.get("queue_time"),
    }
    if parent:
        if not seconds(known["talk_seconds"]):
            return Ignored("not_answered_leg", status)
        return call_ended(known, said, raw, dialect, waits=_LEG_WAITS)
    near, far = ("agent", "customer") if outbound else ("customer", "agent")
    known |= {
        "direction": said.get("direction"),
        "phone": plus(said.get("to" if outbound else "from")),
        "ended_by": {"caller": near, "callee": far}.get(text(said.get("call_termination_by")) or ""),
    }
    return call_ended(known, said, raw, dialect)


PLATFORM = Platform("jambonz", "jambonz", verify, read, documented_only=True)
