"""Amazon Connect: contact events, sent on by an EventBridge rule to an API destination.

The event has no telephone number: the rule's input transformer has to add it, as `phone`. Vendor documents write
names with a small and with a capital letter: both are read.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from app.platforms.bodies import json_object, part
from app.platforms.face import Answer, Dialect, Ignored, Platform, RawRequest, Reading
from app.platforms.fields import between, call_ended, text
from app.platforms.proofs import make_secret, shared_secret

_ENDED = frozenset({"DISCONNECTED", "COMPLETED"})
_CUSTOMER_LEFT = frozenset({"CUSTOMER_DISCONNECT", "CONTACT_FLOW_DISCONNECT"})


def _small(value: Any) -> dict[str, Any]:
    return {name[:1].lower() + name[1:]: inner for name, inner in part(value).items()}


def _named(arn: Any) -> str | None:
    """The id at the end of an ARN, which is what an agent or a queue is known by."""
    found = text(arn)
    return found.rpartition("/")[2] if found else None


def read(raw: RawRequest, dialect: Dialect, secrets: Sequence[str]) -> Reading:  # noqa: ARG001
    document = json_object(raw.body)
    detail = _small(document.get("detail")) or _small(document)
    if "contactId" not in detail:
        return Ignored("not_a_call", (text(document.get("detail-type")) or "")[:60])
    if (text(detail.get("channel")) or "voice").casefold() != "voice":
        return Ignored("not_voice", (text(detail.get("channel")) or "")[:40])
    event = (text(detail.get("eventType")) or "").upper()
    if event not in _ENDED:
        return Ignored("not_final", event[:40])
    agent, queue, customer = (
        _small(detail.get(name)) for name in ("agentInfo", "queueInfo", "customerEndpoint")
    )
    connected, ended = agent.get("connectedToAgentTimestamp"), detail.get("disconnectTimestamp")
    began = queue.get("enqueueTimestamp") or detail.get("connectedToSystemTimestamp")
    known: dict[str, Any] = {
        # a transfer is a contact of its own, which names the first one
        "call_id": detail.get("initialContactId") or detail.get("contactId"),
        "direction": detail.get("initiationMethod"),
        "phone": document.get("phone") or detail.get("phone") or customer.get("address"),
        "started_at": detail.get("initiationTimestamp"),
        "answered_at": connected,
        "ended_at": ended,
        "agent_id": _named(agent.get("agentArn")),
        "queue": _named(queue.get("queueArn")),
        "talk_seconds": between(connected, ended) if connected else 0,
        "wait_seconds": between(began, connected),
        "hold_seconds": agent.get("agentInitiatedHoldDuration"),
        "wrap_seconds": between(
            agent.get("afterContactWorkStartTimestamp"), agent.get("afterContactWorkEndTimestamp")
        ),
        "ended_by": _ended_by(detail),
        "language": part(detail.get("attributes")).get("language"),
    }
    return call_ended(known, document, raw, dialect, leg=detail.get("contactId"))


def _ended_by(detail: Mapping[str, Any]) -> str | None:
    reason = (text(detail.get("disconnectReason")) or "").upper()
    if reason in _CUSTOMER_LEFT:
        return "customer"
    return "agent" if reason == "AGENT_DISCONNECT" else None


PLATFORM = Platform(
    "amazon_connect",
    "Amazon Connect (EventBridge)",
    shared_secret,
    read,
    make_secret=make_secret,
    answer=Answer(tells=True),
)
