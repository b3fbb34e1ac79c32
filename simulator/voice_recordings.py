"""What people said after the tone: Twilio's recordings, their audio, and what a transcription makes of them."""

import struct
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from typing import Any

from flask import Blueprint, Response

from simulator.courier import Courier
from simulator.faults import FaultBoard
from simulator.refusals import CARRIER_PREFIX, Refusal
from simulator.twiml import Record
from simulator.voice_calls import Call, new_sid
from simulator.voice_receipts import VoiceReceipts, call_fields

_KEPT = 1000
_SILENT = 16102
_RATE = 8000
# silence: a frame of 32 kbit/s and 44.1 kHz, one channel, is 104 bytes and 1152 samples
_MP3_FRAME = b"\xff\xfb\x10\xc0" + bytes(100)
_MP3_FRAMES_A_SECOND = 38


@dataclass(frozen=True)
class Recording:
    sid: str
    call: Call
    text: str  # what was said
    seconds: int
    created_at: datetime
    is_ready: bool = False

    @property
    def url(self) -> str:
        return f"{self.call.base_url}{_path(self.call.account_sid)}/{self.sid}"

    def fields(self) -> dict[str, str]:
        return {"RecordingDuration": str(self.seconds), "RecordingSid": self.sid, "RecordingUrl": self.url}


class Recordings:
    """The newest that were made, until the service deletes them. Thread-safe."""

    def __init__(
        self, courier: Courier, receipts: VoiceReceipts, faults: FaultBoard, step_seconds: float
    ) -> None:
        self._courier = courier
        self._receipts = receipts
        self._faults = faults
        self._step_seconds = step_seconds
        self._lock = threading.Lock()
        self._recordings: OrderedDict[str, Recording] = OrderedDict()

    def make(self, call: Call, text: str, verb: Record, absolute: Callable[[str], str]) -> Recording:
        """What `text` was said to; audio and transcription come later. `absolute` reads a document's addresses."""
        seconds = min(max(1, round(len(text) / 12)), verb.max_length)
        recording = Recording(new_sid("RE"), call, text, seconds, datetime.now(UTC))
        with self._lock:
            self._recordings[recording.sid] = recording
            while len(self._recordings) > _KEPT:
                self._recordings.popitem(last=False)
        callback = verb.callback and absolute(verb.callback)
        transcription = verb.transcribe_callback and absolute(verb.transcribe_callback)
        lag = self._step_seconds + self._faults.now.recording_lag
        self._courier.after(lag, partial(self._finish, recording, verb, callback, transcription))
        return recording

    def note_silence(self, call: Call, verb: Record, absolute: Callable[[str], str]) -> None:
        """Nothing was said, and so nothing was recorded."""
        if verb.callback and "absent" in verb.callback_events:
            recording = Recording(new_sid("RE"), call, "", 0, datetime.now(UTC))
            told = recording.fields() | _outcome(recording, "absent", _SILENT)
            self._receipts.tell(call.fate, verb.callback_method, absolute(verb.callback), told)

    def _finish(
        self, recording: Recording, verb: Record, callback: str | None, transcription: str | None
    ) -> None:
        call = recording.call
        with self._lock:
            if recording.sid in self._recordings:
                self._recordings[recording.sid] = replace(recording, is_ready=True)
        if callback and "completed" in verb.callback_events:
            told = recording.fields() | _outcome(recording, "completed", 0)
            self._receipts.tell(call.fate, verb.callback_method, callback, told)
        if transcription:
            told = call_fields(call) | _transcription(recording)
            errand = partial(self._receipts.tell, call.fate, "POST", transcription, told)
            self._courier.after(self._step_seconds, errand)

    def get(self, sid: str) -> Recording:
        """Raises Refusal."""
        with self._lock:
            recording = self._recordings.get(sid)
        if recording is None:
            raise Refusal(20404)
        return recording

    def delete(self, sid: str) -> None:
        """Raises Refusal."""
        self.get(sid)
        with self._lock:
            self._recordings.pop(sid, None)

    def audio(self, sid: str) -> Recording:
        """Raises Refusal until it is ready."""
        recording = self.get(sid)
        if not recording.is_ready:
            raise Refusal(20404)
        return recording


def recordings_room(recordings: Recordings, authenticate: Callable[[str], None]) -> Blueprint:
    """`authenticate` refuses a request without the credentials of the account in its path."""
    room = Blueprint("recordings", __name__, url_prefix=_path("<account_sid>"))

    @room.get("/<sid>.json")
    def show(account_sid: str, sid: str) -> dict[str, Any]:
        authenticate(account_sid)
        return _resource(recordings.get(sid))

    @room.delete("/<sid>.json")
    @room.delete("/<sid>")
    def delete(account_sid: str, sid: str) -> tuple[str, int]:
        authenticate(account_sid)
        recordings.delete(sid)
        return "", 204

    @room.get("/<sid>.wav")
    @room.get("/<sid>")
    def wav(account_sid: str, sid: str) -> Response:
        authenticate(account_sid)
        return Response(wave(recordings.audio(sid)), content_type="audio/x-wav")

    @room.get("/<sid>.mp3")
    def mp3(account_sid: str, sid: str) -> Response:
        authenticate(account_sid)
        frames = recordings.audio(sid).seconds * _MP3_FRAMES_A_SECOND
        return Response(_MP3_FRAME * frames, content_type="audio/mpeg")

    return room


def wave(recording: Recording) -> bytes:
    """A hum of the right length, with the words in its comment, where a transcriber may read them."""
    wavelength = bytes(128 + height for height in (0, 12, 20, 24, 20, 12, 0, -12, -20, -24, -20, -12))
    samples = (wavelength * (recording.seconds * _RATE // len(wavelength) + 1))[: recording.seconds * _RATE]
    sound = struct.pack("<HHIIHH", 1, 1, _RATE, _RATE, 1, 8)
    comment = b"INFO" + _chunk(b"ICMT", recording.text.encode() + b"\0")
    parts = _chunk(b"fmt ", sound) + _chunk(b"data", samples) + _chunk(b"LIST", comment)
    return _chunk(b"RIFF", b"WAVE" + parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def _path(account_sid: str) -> str:
    return f"{CARRIER_PREFIX}Accounts/{account_sid}/Recordings"


def _outcome(recording: Recording, status: str, error_code: int) -> dict[str, str]:
    return {
        "AccountSid": recording.call.account_sid,
        "CallSid": recording.call.sid,
        "ErrorCode": str(error_code),
        "RecordingChannels": "1",
        "RecordingSource": "RecordVerb",
        "RecordingStartTime": format_datetime(recording.created_at),
        "RecordingStatus": status,
        "RecordingTrack": "inbound",
    }


def _transcription(recording: Recording) -> dict[str, str]:
    """Twilio's recognizer knows American English alone: of other scripts it makes nothing."""
    readable = any(letter.isascii() and letter.isalpha() for letter in recording.text)
    sid = new_sid("TR")
    return {
        "RecordingSid": recording.sid,
        "RecordingUrl": recording.url,
        "TranscriptionSid": sid,
        "TranscriptionStatus": "completed" if readable else "failed",
        "TranscriptionText": recording.text if readable else "",
        "TranscriptionType": "fast",
        "TranscriptionUrl": f"{recording.url}/Transcriptions/{sid}",
    }


def _resource(recording: Recording) -> dict[str, Any]:
    """Twilio's Recording resource."""
    uri = f"{_path(recording.call.account_sid)}/{recording.sid}"
    created = format_datetime(recording.created_at)
    parts = {"add_on_results": "AddOnResults", "transcriptions": "Transcriptions"}
    return {
        "account_sid": recording.call.account_sid,
        "api_version": "2010-04-01",
        "call_sid": recording.call.sid,
        "channels": 1,
        "conference_sid": None,
        "date_created": created,
        "date_updated": created,
        "duration": str(recording.seconds) if recording.is_ready else None,
        "encryption_details": None,
        "error_code": None,
        "media_url": recording.url,
        "price": None,
        "price_unit": "USD",
        "sid": recording.sid,
        "source": "RecordVerb",
        "start_time": created,
        "status": "completed" if recording.is_ready else "processing",
        "subresource_uris": {name: f"{uri}/{part}.json" for name, part in parts.items()},
        "uri": f"{uri}.json",
    }
