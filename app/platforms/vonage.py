"""Vonage Voice: events of a call's legs. A conversation's inbound leg is the call; so is an outbound one alone."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import orjson

from app.platforms.bodies import json_object, part
from app.platforms.face import Dialect, Ignored, Platform, RawRequest, Reading
from app.platforms.fields import call_ended, plus, seconds, text, utc
from app.platforms.proofs import is_one_of, timely

_MISSED = frozenset({"busy", "cancelled", "failed", "rejected", "timeout", "unanswered"})
_LEG_WAITS = 120


def verify(raw: RawRequest, secrets: Sequence[str]) -> str | None:
    """`secrets`: signature secrets. A JWT (HS256) that holds the hash of the body."""
    if not secrets:
        return "no_secret"
    scheme, _, token = raw.header("authorization").strip().partition(" ")
    parts = token.strip().split(".")
    if scheme.lower() != "bearer" or len(parts) != 3:
        return "not_signed"
    head, claims = (part(_decoded(one)) for one in parts[:2])
    signed = ".".join(parts[:2]).encode("utf-8", "replace")
    expected = [_encoded(hmac.digest(secret.encode(), signed, hashlib.sha256)) for secret in secrets]
    if head.get("alg") != "HS256" or not is_one_of(parts[2], expected):
        return "wrong_signature"
    if not is_one_of(str(claims.get("payload_hash")), [hashlib.sha256(raw.body).hexdigest()]):
        return "wrong_signature"
    return None if timely(str(claims.get("iat")), raw.now) else "clock"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text_: str) -> Any:
    try:
        return orjson.loads(base64.urlsafe_b64decode(text_ + "=" * (-len(text_) % 4)))
    except (binascii.Error, ValueError):
        return None


def read(raw: RawRequest, dialect: Dialect, secrets: Sequence[str]) -> Reading:  # noqa: ARG001
    said = json_object(raw.body)
    status = (text(said.get("status")) or "").casefold()
    if not said.get("uuid"):
        return Ignored("not_a_call", status[:40])
    if status != "completed" and status not in _MISSED:
        return Ignored("not_final", status[:40])
    outbound = said.get("direction") == "outbound"
    talked = seconds(said.get("duration"))
    known: dict[str, Any] = {
        "call_id": said.get("conversation_uuid") or said.get("uuid"),
        "direction": said.get("direction"),
        "phone": plus(said.get("to" if outbound else "from")),
        "started_at": utc(said.get("start_time")),
        "ended_at": utc(said.get("end_time") or said.get("timestamp")),
        "talk_seconds": 0 if status in _MISSED else talked,
        # a leg that nobody answered says nothing of who did
        "agent_id": raw.query.get("agent") if talked or not outbound else None,
        "queue": raw.query.get("queue"),
    }
    return call_ended(
        known,
        said,
        raw,
        dialect,
        waits=_LEG_WAITS if outbound else 0,
        leg=said.get("uuid") if outbound else None,
    )


PLATFORM = Platform("vonage", "Vonage Voice", verify, read, documented_only=True)
