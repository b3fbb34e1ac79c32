"""3CX: the `ReportCall` request of a CRM template, with the fields that docs/platforms.md gives it.

It has no id of a call: an agent and the moment at which their call began are one.
"""

from collections.abc import Sequence
from typing import Any

from app.platforms.bodies import json_or_form
from app.platforms.face import Answer, Dialect, Ignored, Platform, RawRequest, Reading
from app.platforms.fields import call_ended, text, utc
from app.platforms.proofs import make_secret, shared_secret

_DIRECTIONS = {"inbound": "inbound", "missed": "inbound", "outbound": "outbound", "notanswered": "outbound"}
_MISSED = frozenset({"missed", "notanswered"})


def read(raw: RawRequest, dialect: Dialect, secrets: Sequence[str]) -> Reading:  # noqa: ARG001
    said = json_or_form(raw)
    kind = (text(said.get("CallType")) or "").casefold()
    if kind and kind not in _DIRECTIONS:
        return Ignored("not_a_call", kind[:40])
    agent, began = text(said.get("Agent")), text(said.get("CallStartTimeUTC"))
    known: dict[str, Any] = {
        "call_id": said.get("CallId") or (f"{agent or '-'}/{began}"[:200] if began else None),
        "direction": _DIRECTIONS.get(kind),
        "phone": said.get("Number"),
        "agent_id": agent,
        "agent_name": said.get("AgentName"),
        "queue": said.get("QueueExtension"),
        "started_at": utc(began),
        "ended_at": utc(said.get("CallEndTimeUTC")),
        "talk_seconds": 0 if kind in _MISSED else said.get("Duration"),
    }
    return call_ended(known, said, raw, dialect)


PLATFORM = Platform(
    "3cx",
    "3CX (CRM template)",
    shared_secret,
    read,
    make_secret=make_secret,
    answer=Answer(tells=True),
    documented_only=True,
)
