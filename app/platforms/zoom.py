"""Zoom Phone: `phone.callee_ended` of calls that came in, `phone.caller_ended` of those that went out."""

from collections.abc import Sequence
from typing import Any

from app.platforms.bodies import json_object, part
from app.platforms.face import Dialect, Ignored, Platform, RawRequest, Reading, Reply
from app.platforms.fields import between, call_ended, text
from app.platforms.proofs import hex_hmac, is_one_of, timely

_ENDED = frozenset({"phone.callee_ended", "phone.caller_ended"})
_HANDSHAKE = "endpoint.url_validation"


def verify(raw: RawRequest, secrets: Sequence[str]) -> str | None:
    """`secrets`: the app's secret tokens."""
    if not secrets:
        return "no_secret"
    given, timestamp = raw.header("x-zm-signature"), raw.header("x-zm-request-timestamp")
    if not given or not timestamp:
        return "not_signed"
    if not timely(timestamp, raw.now):
        return "clock"
    content = f"v0:{timestamp}:".encode() + raw.body
    expected = [f"v0={hex_hmac(secret, content)}" for secret in secrets]
    return None if is_one_of(given, expected) else "wrong_signature"


def read(raw: RawRequest, dialect: Dialect, secrets: Sequence[str]) -> Reading:
    document = json_object(raw.body)
    event, payload = text(document.get("event")) or "", part(document.get("payload"))
    if event == _HANDSHAKE:
        plain = text(payload.get("plainToken")) or ""
        secret = secrets[0] if secrets else ""
        return Reply({"plainToken": plain, "encryptedToken": hex_hmac(secret, plain.encode())})
    call = part(payload.get("object"))
    if event not in _ENDED:
        return Ignored("not_final" if event.startswith("phone.") else "not_a_call", event[:60])
    came_in = event == "phone.callee_ended"
    caller, callee = part(call.get("caller")), part(call.get("callee"))
    ours, theirs = (callee, caller) if came_in else (caller, callee)
    forwarded = part(call.get("forwarded_by"))
    answered, ended = call.get("answer_start_time"), call.get("call_end_time")
    known: dict[str, Any] = {
        "call_id": call.get("call_id"),
        # both sides of a call within the house have a user
        "direction": "internal" if theirs.get("user_id") else "inbound" if came_in else "outbound",
        "phone": theirs.get("phone_number"),
        "started_at": call.get("ringing_start_time"),
        "answered_at": answered,
        "ended_at": ended,
        "talk_seconds": between(answered, ended) if answered else 0,
        "agent_id": ours.get("user_id") or ours.get("extension_number"),
        "agent_name": ours.get("name"),
        "queue": forwarded.get("name") if forwarded.get("extension_type") == "callQueue" else None,
    }
    return call_ended(known, document, raw, dialect)


PLATFORM = Platform("zoom", "Zoom Phone", verify, read, documented_only=True)
