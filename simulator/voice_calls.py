"""Every call that the carrier carries. What it accepted from the service is the oracle of "rung once"."""

import threading
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from simulator.faults import CallbackFate
from simulator.refusals import CARRIER_PREFIX
from simulator.twiml import AgentLeg, Gather, Record

ENDED = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
EVENTS = ("initiated", "ringing", "answered", "completed")


@dataclass(frozen=True)
class Callbacks:
    """Where the progress of a call is told."""

    url: str
    method: str
    events: tuple[str, ...]


@dataclass(frozen=True)
class Script:
    """The first document of a call: at `url`, or `twiml` itself. `fallback_url` where that fails."""

    url: str | None = None
    method: str = "POST"
    twiml: str | None = None
    fallback_url: str | None = None
    fallback_method: str = "POST"


@dataclass(frozen=True)
class Call:
    """`phone` is the person's number, whichever side of the call it is on.

    `direction`: outbound-api (the service rings) | inbound (the person rang). `heard` is all that was said so
    far; `waiting` what the call waits for, as the door shows it; `trouble` what the carrier complained of.
    """

    sid: str
    account_sid: str
    sender: str
    recipient: str
    phone: str
    direction: str
    status: str
    created_at: datetime
    updated_at: datetime
    base_url: str  # where the carrier was reached, for the addresses that it gives out
    script: Script
    fate: CallbackFate  # of its callbacks
    callbacks: Callbacks | None = None
    ring_seconds: float = 60
    time_limit: float | None = None
    machine_detection: bool = False
    amd_callback: str | None = None
    answered_by: str | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    heard: tuple[str, ...] = ()
    waiting: Mapping[str, Any] | None = None
    twiml: str | None = None
    trouble: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.status in ENDED

    @property
    def seconds(self) -> int:
        """How long it was talked: 0 unless it was answered and is over."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return max(1, round((self.ended_at - self.answered_at).total_seconds()))


def new_sid(kind: str) -> str:
    return kind + uuid.uuid4().hex


def new_call(account_sid: str, *, sender: str, recipient: str, phone: str, **more: Any) -> Call:
    now = datetime.now(UTC)
    fields: dict[str, Any] = {"sid": new_sid("CA"), "direction": "outbound-api", "status": "queued", **more}
    return Call(
        account_sid=account_sid,
        sender=sender,
        recipient=recipient,
        phone=phone,
        created_at=now,
        updated_at=now,
        **fields,
    )


def resource(call: Call) -> dict[str, Any]:
    """Twilio's Call resource."""
    uri = f"{CARRIER_PREFIX}Accounts/{call.account_sid}/Calls/{call.sid}"
    parts = (
        ("events", "Events"),
        ("notifications", "Notifications"),
        ("payments", "Payments"),
        ("recordings", "Recordings"),
        ("siprec", "Siprec"),
        ("streams", "Streams"),
        ("transcriptions", "Transcriptions"),
        ("user_defined_message_subscriptions", "UserDefinedMessageSubscriptions"),
        ("user_defined_messages", "UserDefinedMessages"),
    )
    return {
        "account_sid": call.account_sid,
        "answered_by": call.answered_by if call.machine_detection else None,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": format_datetime(call.created_at),
        "date_updated": format_datetime(call.updated_at),
        "direction": call.direction,
        "duration": str(call.seconds) if call.is_over else None,
        "end_time": _written(call.ended_at),
        "forwarded_from": None,
        "from": call.sender,
        "from_formatted": call.sender,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": _written(call.started_at),
        "status": call.status,
        "subresource_uris": {name: f"{uri}/{part}.json" for name, part in parts},
        "to": call.recipient,
        "to_formatted": call.recipient,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def _written(time: datetime | None) -> str | None:
    return format_datetime(time) if time else None


def awaited(verb: Gather | Record | AgentLeg) -> dict[str, Any]:
    """What a call waits for, as its telephone shows it."""
    if isinstance(verb, Record):
        return {"kind": "record"}
    if isinstance(verb, AgentLeg):
        return {"kind": "agent"}
    return {
        "kind": "gather",
        "num_digits": verb.num_digits,
        "finish_on_key": verb.finish_on_key,
        "input": verb.input,
    }


def view(call: Call) -> dict[str, Any]:
    """A call as its telephone shows it."""
    return {
        "sid": call.sid,
        "status": call.status,
        "direction": call.direction,
        "from": call.sender,
        "to": call.recipient,
        "at": call.created_at.isoformat(),
        "answered_at": call.answered_at.isoformat() if call.answered_at else None,
        "answered_by": call.answered_by,
        "heard": list(call.heard),
        "waiting": call.waiting,
        "twiml": call.twiml,
        "trouble": list(call.trouble),
    }


class Calls:
    """The newest `limit` calls, found by sid and by the person's number. Thread-safe; calls don't change.

    `tell` is called when a call is new or was replaced; it must neither wait nor raise.
    """

    def __init__(self, limit: int, tell: Callable[[], None] = lambda: None) -> None:
        self._lock = threading.Lock()
        self._tell = tell
        self._limit = limit
        self._calls: OrderedDict[str, Call] = OrderedDict()
        self._phones: dict[str, deque[str]] = {}

    def add(self, call: Call) -> Call:
        with self._lock:
            self._calls[call.sid] = call
            self._phones.setdefault(call.phone, deque()).append(call.sid)
            if len(self._calls) > self._limit:
                self._forget_oldest()
        self._tell()
        return call

    def _forget_oldest(self) -> None:
        _, oldest = self._calls.popitem(last=False)
        self._phones[oldest.phone].popleft()
        if not self._phones[oldest.phone]:
            del self._phones[oldest.phone]

    def get(self, sid: str) -> Call | None:
        with self._lock:
            return self._calls.get(sid)

    def change(self, call: Call, **fields: Any) -> Call:
        """Returns the call with `fields` replaced. One that is over stays as it ended; a forgotten one is gone."""
        with self._lock:
            standing = self._calls.get(call.sid)
            if standing is None or (standing.is_over and fields.keys() & {"status", "waiting"}):
                return standing or replace(call, status="failed")
            changed = replace(standing, updated_at=datetime.now(UTC), **fields)
            self._calls[call.sid] = changed
        self._tell()
        return changed

    def all(self) -> list[Call]:
        """Oldest first, as all lists here."""
        with self._lock:
            return list(self._calls.values())

    def of(self, phone: str) -> list[Call]:
        with self._lock:
            return [self._calls[sid] for sid in self._phones.get(phone, ())]


def calls_room(calls: Calls) -> Blueprint:
    room = Blueprint("calls", __name__)

    @room.get("/calls.json")
    def show() -> Response:
        """All calls that the service asked the carrier to make."""
        return jsonify(
            [
                resource(call)
                | {
                    "accepted_at": call.created_at.isoformat(),
                    "status_callback": call.callbacks.url if call.callbacks else None,
                    "url": call.script.url,
                    "heard": list(call.heard),
                }
                for call in calls.all()
                if call.script.url or call.script.twiml
            ]
        )

    @room.get("/ringing.json")
    def ringing() -> Response:
        """The telephones that ring or are talked on, the newest call last."""
        return jsonify(
            [
                {"number": call.phone, "sid": call.sid, "status": call.status}
                for call in calls.all()
                if call.status in {"ringing", "in-progress"}
            ]
        )

    return room
