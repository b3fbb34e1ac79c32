"""Twilio Programmable Voice: the status callback of a call, and of the calls that it dialled.

Of a dialled one (ParentCallSid) the caller's number is not to be had: it only adds to the call that dialled it.
"""

import re
from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from app.platforms.bodies import form, pairs
from app.platforms.face import Answer, Dialect, Ignored, Platform, RawRequest, Reading, Unreadable
from app.platforms.fields import call_ended, later, moment, seconds
from app.signatures.twilio import verify as signed

_CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
_ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
_LEG_WAITS = 120


def verify(raw: RawRequest, secrets: Sequence[str]) -> str | None:
    """`secrets`: auth tokens."""
    if not secrets:
        return "no_secret"
    signature = raw.header("x-twilio-signature")
    if not signature:
        return "not_signed"
    try:
        fields: MultiDict[str, Any] = MultiDict(pairs(raw.body))
    except Unreadable:
        return "wrong_signature"
    return None if signed(raw.url, fields, signature, secrets) else "wrong_signature"


def read(raw: RawRequest, dialect: Dialect, secrets: Sequence[str]) -> Reading:  # noqa: ARG001
    said = form(raw.body)
    sid, parent = said.get("CallSid", ""), said.get("ParentCallSid", "")
    # names and values are signed without separators: only what has its own form is taken for a field
    if not _CALL_SID.fullmatch(sid) or (parent and not _CALL_SID.fullmatch(parent)):
        return Ignored("not_understood" if sid else "no_call_id", "CallSid")
    status = said.get("CallStatus", "")
    if status not in _ENDED:
        return Ignored("not_final", status[:40])
    lasted = seconds(said.get("CallDuration")) or 0
    # whom a machine heard, nobody talked to
    talked = 0 if said.get("AnsweredBy", "").startswith(("machine", "fax")) else lasted
    known: dict[str, Any] = {
        "call_id": parent or sid,
        "ended_at": said.get("Timestamp"),
        "started_at": later(moment(said.get("Timestamp")), -lasted),
        "talk_seconds": talked,
        "agent_id": raw.query.get("agent"),
        "agent_name": raw.query.get("agent_name"),
        "queue": raw.query.get("queue"),
        "language": raw.query.get("language"),
    }
    if parent:
        if not lasted:
            return Ignored("not_answered_leg", status)
        return call_ended({**known, "direction": None}, said, raw, dialect, waits=_LEG_WAITS, leg=sid)
    outbound = said.get("Direction", "").startswith("outbound")
    known |= {
        "direction": "outbound" if outbound else "inbound",
        "phone": said.get("To" if outbound else "From"),
    }
    return call_ended(known, said, raw, dialect)


PLATFORM = Platform(
    "twilio_voice",
    "Twilio Programmable Voice",
    verify,
    read,
    answer=Answer(204),
)
