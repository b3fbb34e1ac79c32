"""What the carrier tells the service about a call: its progress, in Twilio's fields."""

from collections.abc import Mapping
from email.utils import format_datetime
from functools import partial
from typing import Any

from simulator.courier import Courier
from simulator.faults import CallbackFate
from simulator.numbers import country
from simulator.service import Service
from simulator.voice_calls import EVENTS, Call

_STATUS = {"initiated": "initiated", "ringing": "ringing", "answered": "in-progress"}
_SIP_CODES = {"completed": 200, "busy": 486, "no-answer": 487, "canceled": 487, "failed": 404}


def call_fields(call: Call) -> dict[str, str]:
    """The fields of every request about a call."""
    parties = {"From": call.sender, "Caller": call.sender, "To": call.recipient, "Called": call.recipient}
    places = {
        f"{party}{part}": country(number) if part == "Country" else ""
        for party, number in parties.items()
        for part in ("City", "Country", "State", "Zip")
    }
    return places | {
        **parties,
        "AccountSid": call.account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": call.sid,
        "CallStatus": call.status,
        "Direction": call.direction,
    }


class VoiceReceipts:
    """Callbacks are made at once and in order, unless a fault breaks it, so that a trial shows the same twice."""

    def __init__(self, service: Service, courier: Courier) -> None:
        self._service = service
        self._courier = courier

    def progress(self, call: Call, event: str) -> None:
        """Tell that `call` is now initiated, ringing, answered or completed, if the service asked to hear of it."""
        if call.callbacks is None:
            return
        events = [event]
        if call.fate.shuffle:
            # the last is told first, and so the others wait for it
            events = [] if event != EVENTS[-1] else [past for past in reversed(EVENTS) if _was(call, past)]
        for told in events:
            if told in call.callbacks.events:
                self.tell(call.fate, call.callbacks.method, call.callbacks.url, _progress_fields(call, told))

    def tell(self, fate: CallbackFate, method: str, url: str, fields: Mapping[str, str]) -> None:
        """One callback, with what befalls the callbacks of its call."""
        for _ in range(0 if fate.none else 2 if fate.duplicate else 1):
            errand = partial(self._post, method, url, fields)
            if fate.delay_seconds:
                self._courier.after(fate.delay_seconds, errand)
            else:
                errand()

    def _post(self, method: str, url: str, fields: Mapping[str, str]) -> None:
        self._service.ask_signed(method, url, fields)


def _was(call: Call, event: str) -> bool:
    return {"ringing": call.started_at, "answered": call.answered_at}.get(event, call) is not None


def _progress_fields(call: Call, event: str) -> dict[str, str]:
    fields = call_fields(call) | {
        "CallbackSource": "call-progress-events",
        "CallStatus": _STATUS.get(event, call.status),
        "SequenceNumber": str(sum(_was(call, past) for past in EVENTS[: EVENTS.index(event)])),
        "Timestamp": format_datetime(call.updated_at),
    }
    if event == EVENTS[-1]:
        fields |= _ending(call)
    return fields


def _ending(call: Call) -> dict[str, str]:
    fields: dict[str, Any] = {
        "CallDuration": call.seconds,
        "Duration": -(-call.seconds // 60),
        "SipResponseCode": _SIP_CODES.get(call.status, 200),
    }
    if call.machine_detection and call.answered_by:
        fields["AnsweredBy"] = call.answered_by
    return {name: str(value) for name, value in fields.items()}
