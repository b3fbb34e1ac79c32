"""Asterisk, which has no HTTP of its own: a queue's event, posted by curl with AMI's names for its fields."""

from collections.abc import Sequence
from typing import Any

from app.platforms.bodies import json_or_form
from app.platforms.face import Answer, Dialect, Ignored, Platform, RawRequest, Reading
from app.platforms.fields import call_ended, text
from app.platforms.proofs import make_secret, shared_secret

# of the manager interface, and of queue_log
_TALKED = frozenset({"", "agentcomplete", "completecaller", "completeagent"})
_ABANDONED = frozenset({"queuecallerabandon", "abandon"})
_ENDED_BY = {"caller": "customer", "completecaller": "customer", "agent": "agent", "completeagent": "agent"}


def read(raw: RawRequest, dialect: Dialect, secrets: Sequence[str]) -> Reading:  # noqa: ARG001
    document = json_or_form(raw)
    said = {name.casefold(): value for name, value in document.items()}
    event = (text(said.get("event")) or "").casefold()
    if event not in _TALKED | _ABANDONED:
        return Ignored("not_final", event[:40])
    reason = (text(said.get("reason")) or event).casefold()
    member = text(said.get("interface")) or text(said.get("member")) or text(said.get("membername"))
    known: dict[str, Any] = {
        "call_id": said.get("linkedid") or said.get("uniqueid"),
        "direction": said.get("direction"),
        "phone": said.get("calleridnum") or said.get("callerid"),
        "agent_id": member,
        "agent_name": said.get("membername"),
        "queue": said.get("queue"),
        "talk_seconds": 0 if event in _ABANDONED else said.get("talktime") or said.get("calltime"),
        "wait_seconds": said.get("holdtime"),
        "ended_at": said.get("endtime") or said.get("timestamp"),
        "ended_by": _ENDED_BY.get(reason),
        "language": said.get("language"),
    }
    return call_ended(known, document, raw, dialect)


PLATFORM = Platform(
    "asterisk",
    "Asterisk (queue event by curl)",
    shared_secret,
    read,
    make_secret=make_secret,
    answer=Answer(tells=True),
)
