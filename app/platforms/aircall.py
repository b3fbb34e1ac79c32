"""Aircall's webhooks: `call.hungup` at once, `call.ended` half a minute later with all that is known."""

from collections.abc import Sequence
from typing import Any

from app.platforms.bodies import first, json_object, part
from app.platforms.face import Dialect, Ignored, Platform, RawRequest, Reading, Unreadable
from app.platforms.fields import between, call_ended, text
from app.platforms.proofs import is_one_of

_HUNG_UP_WAITS = 120


def verify(raw: RawRequest, secrets: Sequence[str]) -> str | None:
    """`secrets`: the webhook's tokens, one of which stands in the body."""
    if not secrets:
        return "no_secret"
    try:
        given = text(json_object(raw.body).get("token"))
    except Unreadable:
        return "not_signed"
    if given is None:
        return "not_signed"
    return None if is_one_of(given, secrets) else "wrong_secret"


def read(raw: RawRequest, dialect: Dialect, secrets: Sequence[str]) -> Reading:  # noqa: ARG001
    document = json_object(raw.body)
    event, call = text(document.get("event")) or "", part(document.get("data"))
    if document.get("resource") != "call":
        return Ignored("not_a_call", event[:40])
    if event not in ("call.ended", "call.hungup"):
        return Ignored("not_final", event[:40])
    user, number = part(call.get("user")), part(call.get("number"))
    tags = call.get("tags")
    known: dict[str, Any] = {
        "call_id": call.get("id"),
        "direction": call.get("direction"),
        "phone": call.get("raw_digits"),
        "started_at": call.get("started_at"),
        "answered_at": call.get("answered_at"),
        "ended_at": call.get("ended_at"),
        "agent_id": user.get("id"),
        "agent_name": user.get("name"),
        "team": first(call.get("teams")).get("name"),
        "queue": number.get("name") or number.get("id"),
        # `duration` includes the ringing
        "talk_seconds": between(call.get("answered_at"), call.get("ended_at"))
        if call.get("answered_at")
        else 0,
        "tags": [part(one).get("name") for one in tags] if isinstance(tags, list) else None,
    }
    return call_ended(known, document, raw, dialect, waits=_HUNG_UP_WAITS if event == "call.hungup" else 0)


PLATFORM = Platform("aircall", "Aircall", verify, read, documented_only=True)
