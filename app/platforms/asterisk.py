"""Asterisk, which has no HTTP of its own: a queue's event, posted by curl or by our bridge, with AMI's names.

An agent's end by a transfer waits for the next agent's, a queue that was left for the next queue, either at most
until the caller hangs up.
"""

from collections.abc import Sequence
from typing import Any

from app.platforms.bodies import json_or_form
from app.platforms.face import Answer, Dialect, Ignored, Platform, RawRequest, Reading
from app.platforms.fields import call_ended, text
from app.platforms.proofs import make_secret, shared_secret

# of the manager interface, and of queue_log
_TRANSFERRED = frozenset({"transfer", "blindtransfer", "attendedtransfer"})
_TALKED = frozenset({"", "agentcomplete", "completecaller", "completeagent"}) | _TRANSFERRED
# the manager's word is the same for a queue's time-out, from where the caller may go on to another queue
_LEFT = "queuecallerabandon"
# the last is the bridge's own, after one of the others
_NOBODY_TALKED = frozenset({_LEFT, "abandon", "callerhangup"})
# the next agent may talk for long
_GOES_ON_SECONDS = 3600
_UNKNOWN = "<unknown>"
_ENDED_BY = {"caller": "customer", "completecaller": "customer", "agent": "agent", "completeagent": "agent"}


def read(raw: RawRequest, dialect: Dialect, secrets: Sequence[str]) -> Reading:  # noqa: ARG001
    document = json_or_form(raw)
    said = {name.casefold(): value for name, value in document.items() if value != _UNKNOWN}
    event = (text(said.get("event")) or "").casefold()
    if event not in _TALKED | _NOBODY_TALKED:
        return Ignored("not_final", event[:40])
    reason = (text(said.get("reason")) or event).casefold()
    member = text(said.get("interface")) or text(said.get("member")) or text(said.get("membername"))
    known: dict[str, Any] = {
        # of a caller who hung up first, AgentComplete may know the agent's channel alone
        "call_id": said.get("linkedid") or said.get("destlinkedid") or said.get("uniqueid"),
        "direction": said.get("direction"),
        "phone": said.get("calleridnum") or said.get("callerid") or said.get("destconnectedlinenum"),
        "agent_id": member,
        "agent_name": said.get("membername"),
        "queue": said.get("queue"),
        "talk_seconds": None if event in _NOBODY_TALKED else said.get("talktime") or said.get("calltime"),
        "wait_seconds": said.get("holdtime"),
        "ended_at": said.get("endtime") or said.get("timestamp"),
        "ended_by": _ENDED_BY.get(reason),
        "transferred_to": said.get("transferredto"),
        "language": said.get("language"),
    }
    waits = _GOES_ON_SECONDS if reason in _TRANSFERRED or event == _LEFT else 0
    return call_ended(known, document, raw, dialect, waits=waits, leg=said.get("destuniqueid"))


PLATFORM = Platform(
    "asterisk",
    "Asterisk (queue event by curl, or the bridge)",
    shared_secret,
    read,
    make_secret=make_secret,
    answer=Answer(tells=True),
)
