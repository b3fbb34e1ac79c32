"""What Twilio posts to us of a call: what came back in a survey, how the call goes, and what was recorded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.channels.twilio_hooks import ACCOUNT_SID, CALL_SID, Fields
from app.domain.text import clean

RECORDING_SID = re.compile(r"RE[0-9a-fA-F]{32}")

_WORD = re.compile(r"[a-z][a-z_-]{0,31}")
_DIGITS = re.compile(r"[0-9*#]{1,40}|hangup")
_SECONDS = re.compile(r"[0-9]{1,6}")
_SHORT = re.compile(r".{0,200}", re.DOTALL)
_ANYTHING = re.compile(r".*", re.DOTALL)
# a survey is for who has talked with somebody: of a bridge that never came about there is nothing to ask
_BRIDGED = {"DialCallStatus": "completed", "QueueResult": "bridged"}


@dataclass(frozen=True)
class VoiceRequest:
    """What Twilio asks a document for. `sender` and `to` are as received: numbers, "anonymous", SIP addresses.

    `digits`: what was pressed, "" for nothing. `words`: what was said, "" for nothing. `recording_sid` and
    `recording_seconds`: after a recording. `talk_seconds` and `wait_seconds`: of the part of the call before the
    survey, None where they are not told.
    """

    call_sid: str
    account_sid: str
    sender: str = field(repr=False)
    to: str
    is_outbound: bool
    answered_by: str | None
    bridged: bool
    digits: str
    words: str = field(repr=False)
    recording_sid: str | None
    recording_seconds: int | None
    talk_seconds: int | None
    wait_seconds: int | None

    @property
    def customer(self) -> str:
        return self.to if self.is_outbound else self.sender


@dataclass(frozen=True)
class CallReport:
    """A status callback of a call that we made."""

    call_sid: str
    account_sid: str
    status: str
    answered_by: str | None


@dataclass(frozen=True)
class RecordingReport:
    """`status`: of a recording (completed, absent, failed) or of what was written down of it, which is `words`."""

    recording_sid: str
    call_sid: str
    account_sid: str
    status: str
    seconds: int | None = None
    words: str = field(default="", repr=False)


def read_voice(form: Mapping[str, str]) -> VoiceRequest:
    """The fields of a request for a document. Raises Invalid naming those that are missing or malformed."""
    fields = Fields(form)
    call_sid = fields.required("CallSid", CALL_SID)
    account_sid = fields.required("AccountSid", ACCOUNT_SID)
    sender = fields.optional("From", _SHORT)
    to = fields.optional("To", _SHORT)
    direction = fields.optional("Direction", _SHORT) or ""
    answered_by = fields.optional("AnsweredBy", _WORD)
    bridges = [
        fields.optional(name, _SHORT) == bridged
        for name, bridged in _BRIDGED.items()
        if fields.optional(name, _SHORT)
    ]
    digits = fields.optional("Digits", _DIGITS) or ""
    words = fields.optional("SpeechResult", _ANYTHING) or ""
    recording = fields.optional("RecordingSid", RECORDING_SID)
    durations = [
        fields.optional(name, _SECONDS) for name in ("RecordingDuration", "DialCallDuration", "QueueTime")
    ]
    fields.check()
    recorded, talked, waited = (None if duration is None else int(duration) for duration in durations)
    return VoiceRequest(
        call_sid=call_sid,
        account_sid=account_sid,
        sender=sender or "",
        to=to or "",
        is_outbound=direction.startswith("outbound"),
        answered_by=answered_by,
        bridged=all(bridges),
        digits=digits,
        words=clean(words, 1000).strip(),
        recording_sid=recording,
        recording_seconds=recorded,
        talk_seconds=talked,
        wait_seconds=waited,
    )


def read_call_report(form: Mapping[str, str]) -> CallReport:
    """A status callback's fields. Raises Invalid naming those that are missing or malformed."""
    fields = Fields(form)
    report = CallReport(
        call_sid=fields.required("CallSid", CALL_SID),
        account_sid=fields.required("AccountSid", ACCOUNT_SID),
        status=fields.required("CallStatus", _WORD),
        answered_by=fields.optional("AnsweredBy", _WORD),
    )
    fields.check()
    return report


def read_recording(form: Mapping[str, str]) -> RecordingReport:
    """A recording's status callback. Raises Invalid naming the fields that are missing or malformed."""
    fields = Fields(form)
    seconds = fields.optional("RecordingDuration", _SECONDS)
    report = RecordingReport(
        recording_sid=fields.required("RecordingSid", RECORDING_SID),
        call_sid=fields.required("CallSid", CALL_SID),
        account_sid=fields.required("AccountSid", ACCOUNT_SID),
        status=fields.required("RecordingStatus", _WORD),
        seconds=int(seconds) if seconds else None,
    )
    fields.check()
    return report


def read_transcription(form: Mapping[str, str]) -> RecordingReport:
    """What Twilio wrote down of a recording. Raises Invalid naming the fields that are missing or malformed."""
    fields = Fields(form)
    report = RecordingReport(
        recording_sid=fields.required("RecordingSid", RECORDING_SID),
        call_sid=fields.required("CallSid", CALL_SID),
        account_sid=fields.required("AccountSid", ACCOUNT_SID),
        status=fields.required("TranscriptionStatus", _WORD),
        words=clean(fields.optional("TranscriptionText", _ANYTHING) or "").strip(),
    )
    fields.check()
    return report
