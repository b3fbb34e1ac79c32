"""Genesys Cloud: detail events of conversations, by EventBridge or a trigger.

`user.end` comes for each agent: one whose call was transferred waits for the next. `customer.end` alone is a call
that nobody took.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from app.platforms.bodies import json_object, part
from app.platforms.face import Answer, Dialect, Ignored, Platform, RawRequest, Reading
from app.platforms.fields import call_ended, moment, text
from app.platforms.proofs import make_secret, shared_secret

# after a transfer the next agent may talk for long; after its customer's end, the agent's is a matter of moments
_TRANSFERRED_WAITS, _CUSTOMER_WAITS = 3600, 120
_ENDED_BY = {"CLIENT": "agent", "ENDPOINT": "agent", "PEER": "customer", "SYSTEM": "system"}


def _milliseconds(value: Any) -> int | None:
    right = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e12
    return int(value / 1000) if right else None


def read(raw: RawRequest, dialect: Dialect, secrets: Sequence[str]) -> Reading:  # noqa: ARG001
    document = json_object(raw.body)
    detail = part(document.get("detail")) or document
    body = part(detail.get("eventBody"))
    topic = text(detail.get("topicName")) or text(document.get("detail-type")) or ""
    if not body or "conversation" not in topic:
        return Ignored("not_a_call", topic[:80])
    if (text(body.get("mediaType")) or "VOICE").upper() != "VOICE":
        return Ignored("not_voice", (text(body.get("mediaType")) or "")[:40])
    if not topic.endswith((".user.end", ".customer.end")):
        return Ignored("not_final", topic.rpartition("}.")[2][:40])
    talked, held, rang = (
        _milliseconds(body.get(f"{name}DurationMs")) for name in ("interacting", "held", "alerting")
    )
    ended_at = moment(body.get("eventTime"))
    lasted = timedelta(seconds=sum(one or 0 for one in (talked, held, rang)))
    outbound = (text(body.get("direction")) or "").upper() == "OUTBOUND"
    left = (text(body.get("disconnectType")) or "").upper()
    known: dict[str, Any] = {
        "call_id": body.get("conversationId"),
        "direction": body.get("direction"),
        "phone": body.get("dnis") if outbound else body.get("ani"),
        "started_at": ended_at - lasted if ended_at else None,
        "ended_at": ended_at or body.get("eventTime"),
        "queue": body.get("queueId"),
    }
    if topic.endswith(".customer.end"):
        return call_ended(known, document, raw, dialect, waits=_CUSTOMER_WAITS)
    known |= {
        "agent_id": body.get("userId"),
        "talk_seconds": talked,
        "hold_seconds": held,
        "ended_by": _ENDED_BY.get(left),
    }
    return call_ended(
        known,
        document,
        raw,
        dialect,
        waits=_TRANSFERRED_WAITS if left == "TRANSFER" else 0,
        leg=body.get("sessionId") or body.get("participantId"),
    )


PLATFORM = Platform(
    "genesys",
    "Genesys Cloud (EventBridge)",
    shared_secret,
    read,
    make_secret=make_secret,
    answer=Answer(tells=True),
)
