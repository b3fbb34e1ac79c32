"""Twilio TaskRouter and Flex: the workspace's event callback.

A reservation's end names the worker, and decides. A task that ends without one was abandoned.
"""

from collections.abc import Sequence
from typing import Any

from app.platforms.bodies import form, part
from app.platforms.face import Answer, Dialect, Ignored, Platform, RawRequest, Reading
from app.platforms.fields import call_ended, later, moment, seconds
from app.platforms.twilio_voice import verify

_WORKED = frozenset({"reservation.wrapup", "reservation.completed"})
_ABANDONED = frozenset({"task.canceled"})
_VOICE = frozenset({"", "voice", "default"})


def read(raw: RawRequest, dialect: Dialect, secrets: Sequence[str]) -> Reading:  # noqa: ARG001
    said = form(raw.body)
    event = said.get("EventType", "")
    if not event.startswith(("task.", "reservation.")):
        return Ignored("not_a_call", event[:40])
    if event not in _WORKED | _ABANDONED:
        return Ignored("not_final", event[:40])
    if said.get("TaskChannelUniqueName", "") not in _VOICE:
        return Ignored("not_voice", said["TaskChannelUniqueName"][:40])
    task, worker = part(said.get("TaskAttributes")), part(said.get("WorkerAttributes"))
    call_sid = task.get("call_sid") or task.get("callSid")
    if not call_sid and said.get("TaskChannelUniqueName") != "voice":
        return Ignored("not_voice", "the task has no call_sid")
    outbound = task.get("direction") == "outbound"
    ended_at = moment(said.get("TimestampMs") or said.get("Timestamp"))
    age = seconds(said.get("TaskAge"))
    known: dict[str, Any] = {
        "call_id": call_sid or said.get("TaskSid"),
        "direction": "outbound" if outbound else "inbound",
        "phone": (task.get("outbound_to") or task.get("to")) if outbound else task.get("from"),
        "customer_name": task.get("customer_name"),
        "queue": said.get("TaskQueueName"),
        "ended_at": ended_at,
        "started_at": None if age is None else later(ended_at, -age),
        "language": task.get("language"),
    }
    if event in _WORKED:
        known |= {
            "agent_id": said.get("WorkerSid"),
            "agent_name": worker.get("full_name") or said.get("WorkerName"),
            "team": worker.get("team_name"),
        }
    else:
        known["talk_seconds"] = 0
    return call_ended(known, said, raw, dialect, leg=said.get("ReservationSid"))


PLATFORM = Platform(
    "twilio_taskrouter",
    "Twilio TaskRouter and Flex",
    verify,
    read,
    answer=Answer(204, content_type="application/json"),
)
