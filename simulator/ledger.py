"""Every message that passed the carrier. What it accepted from the service is the oracle of "at most once"."""

import threading
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from simulator.segments import count_segments
from simulator.service import Reply

_REPLIES_KEPT = 100


@dataclass(frozen=True)
class Message:
    """`direction`: outbound-api (from the service) | inbound (from a phone) | outbound-reply (the carrier's)."""

    sid: str
    account_sid: str
    sender: str
    recipient: str
    body: str
    direction: str
    status: str
    created_at: datetime
    updated_at: datetime
    segments: int
    sent_at: datetime | None = None
    messaging_service_sid: str | None = None
    status_callback: str | None = None
    error_code: int | None = None
    replies: tuple[Reply, ...] = ()  # what the service answered to an inbound message, once per delivery


def new_message(
    account_sid: str,
    *,
    sender: str,
    recipient: str,
    body: str,
    direction: str,
    status: str,
    sid: str | None = None,
) -> Message:
    now = datetime.now(UTC)
    return Message(
        sid=sid or f"SM{uuid.uuid4().hex}",
        account_sid=account_sid,
        sender=sender,
        recipient=recipient,
        body=body,
        direction=direction,
        status=status,
        created_at=now,
        updated_at=now,
        segments=count_segments(body),
        sent_at=now if status in {"received", "delivered"} else None,
    )


def resource(message: Message) -> dict[str, Any]:
    """Twilio's Message resource. Sent by a messaging service, it has no sender until it leaves the queue."""
    unassigned = message.status == "accepted"
    uri = f"/2010-04-01/Accounts/{message.account_sid}/Messages/{message.sid}"
    return {
        "account_sid": message.account_sid,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": format_datetime(message.created_at),
        "date_sent": format_datetime(message.sent_at) if message.sent_at else None,
        "date_updated": format_datetime(message.updated_at),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": None,
        "from": None if unassigned else message.sender,
        "messaging_service_sid": message.messaging_service_sid,
        "num_media": "0",
        "num_segments": "0" if unassigned else str(message.segments),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.recipient,
        "uri": f"{uri}.json",
    }


class Ledger:
    """The newest `limit` messages, found by sid and by either party. Thread-safe; messages don't change.

    `tell` is called with each message that is new or was replaced; it must neither wait nor raise.
    """

    def __init__(self, limit: int, tell: Callable[[Message], None] = lambda _message: None) -> None:
        self._lock = threading.Lock()
        self._tell = tell
        self._limit = limit
        self._messages: OrderedDict[str, Message] = OrderedDict()
        self._parties: dict[str, deque[str]] = {}

    def add(self, message: Message) -> Message:
        """Returns the message that stands under this sid: the one given, or the one that came before it."""
        with self._lock:
            if message.sid in self._messages:
                return self._messages[message.sid]
            self._messages[message.sid] = message
            for party in {message.sender, message.recipient}:
                self._parties.setdefault(party, deque()).append(message.sid)
            if len(self._messages) > self._limit:
                self._forget_oldest()
        self._tell(message)
        return message

    def _forget_oldest(self) -> None:
        _, oldest = self._messages.popitem(last=False)
        for party in {oldest.sender, oldest.recipient}:
            self._parties[party].popleft()
            if not self._parties[party]:
                del self._parties[party]

    def get(self, sid: str) -> Message | None:
        with self._lock:
            return self._messages.get(sid)

    def change(self, sid: str, **fields: Any) -> Message | None:
        """Returns the message with `fields` replaced, or None when it has been forgotten."""
        with self._lock:
            if sid not in self._messages:
                return None
            message = replace(self._messages[sid], updated_at=datetime.now(UTC), **fields)
            self._messages[sid] = message
        self._tell(message)
        return message

    def answered(self, sid: str, replies: tuple[Reply, ...]) -> Message | None:
        """Adds what the service replied to an inbound message."""
        with self._lock:
            if sid not in self._messages:
                return None
            message = self._messages[sid]
            message = replace(message, replies=(*message.replies, *replies)[-_REPLIES_KEPT:])
            self._messages[sid] = message
        self._tell(message)
        return message

    def all(self) -> list[Message]:
        """Oldest first, as all lists here."""
        with self._lock:
            return list(self._messages.values())

    def of(self, party: str) -> list[Message]:
        """Messages that `party` sent or was sent."""
        with self._lock:
            return [self._messages[sid] for sid in self._parties.get(party, ())]

    def parties(self) -> list[tuple[str, Message, int]]:
        """Each number with its newest message and how many it has."""
        with self._lock:
            return [(party, self._messages[sids[-1]], len(sids)) for party, sids in self._parties.items()]


def accepted(messages: Iterable[Message]) -> list[Message]:
    """Those that the service asked the carrier to send."""
    return [message for message in messages if message.direction == "outbound-api"]


def ledger_room(ledger: Ledger) -> Blueprint:
    room = Blueprint("ledger", __name__)

    @room.get("/ledger.json")
    def show() -> Response:
        return jsonify(
            [
                resource(message)
                | {
                    "from": message.sender,
                    "accepted_at": message.created_at.isoformat(),
                    "status_callback": message.status_callback,
                }
                for message in accepted(ledger.all())
            ]
        )

    return room
