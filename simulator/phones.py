"""Telephones: what reached them, and what their owners text back."""

import re
import threading
from typing import Any

from flask import Blueprint, Response, jsonify
from werkzeug.exceptions import BadRequest

from simulator.config import SimulatorConfig
from simulator.doors import read_json
from simulator.ledger import Ledger, Message, new_message
from simulator.numbers import E164, country
from simulator.optouts import OptOuts
from simulator.questions import asked
from simulator.service import Reply, Service

_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
_MOST_REPEATS = 100


class Phones:
    def __init__(self, config: SimulatorConfig, ledger: Ledger, optouts: OptOuts, service: Service) -> None:
        self._config = config
        self._ledger = ledger
        self._optouts = optouts
        self._service = service
        self._hook = f"{service.url}/hooks/twilio/inbound"

    def lines(self) -> list[dict[str, Any]]:
        """All telephones with their newest message, the liveliest first."""
        lines = [
            {"number": number, "count": count, "last": _bubble(last, number)}
            for number, last, count in self._ledger.parties()
            if number not in self._config.numbers
        ]
        return sorted(lines, key=lambda line: line["last"]["at"], reverse=True)

    def messages(self, number: str) -> list[dict[str, Any]]:
        return [_bubble(message, number) for message in self._ledger.of(number)]

    def text(self, number: str, order: dict[str, Any]) -> dict[str, Any]:
        """The owner of `number` texts as ordered: `body`, and perhaps `to`, `message_sid` and `repeat`.

        Without `to` it answers who texted last. A `message_sid` that is known makes the same message come once
        more, and `repeat` makes so many more deliveries at the same time, as carriers sometimes do. Returns the
        message with what the service answered to each delivery. Raises BadRequest.
        """
        repeat = order.get("repeat", 0)
        if type(repeat) is not int or not 0 <= repeat <= _MOST_REPEATS:
            raise BadRequest(f"repeat: a whole number from 0 to {_MOST_REPEATS}")
        message = self._written(number, order)
        replies: list[Reply] = []

        def deliver() -> None:
            replies.append(self._service.post_signed(self._hook, _inbound_fields(message)))

        others = [threading.Thread(target=deliver, daemon=True) for _ in range(repeat)]
        for other in others:
            other.start()
        deliver()
        for other in others:
            other.join()
        return _bubble(self._ledger.answered(message.sid, tuple(replies)) or message, number)

    def _written(self, number: str, order: dict[str, Any]) -> Message:
        """The message that the order means, a new one or one that is known."""
        sid, body = order.get("message_sid"), order.get("body")
        if not E164.fullmatch(number):
            raise BadRequest("A phone's number is like +447700900123")
        if sid is not None and not (isinstance(sid, str) and _SID.fullmatch(sid)):
            raise BadRequest("message_sid: SM and 32 hexadecimal digits")
        known = self._ledger.get(sid) if sid else None
        if known is None:
            return self._write(number, order.get("to") or self._last_sender(number), body, sid)
        if known.sender != number or body not in {None, known.body}:
            raise BadRequest("message_sid: belongs to another message")
        return known

    def _write(self, number: str, to: object, body: object, sid: str | None) -> Message:
        if not isinstance(body, str):
            raise BadRequest("body: the text")
        if not isinstance(to, str) or not E164.fullmatch(to):
            raise BadRequest("to: a number like +15005550006")
        # a network never carries half a surrogate pair
        body = body.encode("utf-8", "replace").decode()
        account_sid = self._config.account_sid
        message = new_message(
            account_sid,
            sender=number,
            recipient=to,
            body=body,
            direction="inbound",
            status="received",
            sid=sid,
        )
        standing = self._ledger.add(message)
        if standing is message and (said := self._optouts.hear(to, number, body)):
            self._ledger.add(
                new_message(
                    account_sid,
                    sender=to,
                    recipient=number,
                    body=said,
                    direction="outbound-reply",
                    status="delivered",
                )
            )
        return standing

    def _last_sender(self, number: str) -> str:
        received = (m.sender for m in reversed(self._ledger.of(number)) if m.recipient == number)
        return next(received, self._config.number)


def _inbound_fields(message: Message) -> dict[str, str]:
    return {
        "AccountSid": message.account_sid,
        "ApiVersion": "2010-04-01",
        "Body": message.body,
        "From": message.sender,
        "FromCity": "",
        "FromCountry": country(message.sender),
        "FromState": "",
        "FromZip": "",
        "MessageSid": message.sid,
        "NumMedia": "0",
        "NumSegments": str(message.segments),
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "To": message.recipient,
        "ToCity": "",
        "ToCountry": country(message.recipient),
        "ToState": "",
        "ToZip": "",
    }


def _bubble(message: Message, number: str) -> dict[str, Any]:
    """A message as the phone shows it; `by` is service, carrier (its own replies to STOP) or phone.

    `asks` is the scale of the answer that a text of the service is waiting for.
    """
    return {
        "direction": "to_phone" if message.recipient == number else "from_phone",
        "body": message.body,
        "at": message.created_at.isoformat(),
        "sid": message.sid,
        "status": message.status,
        "error_code": message.error_code,
        "from": message.sender,
        "to": message.recipient,
        "by": {"outbound-api": "service", "outbound-reply": "carrier"}.get(message.direction, "phone"),
        "segments": message.segments,
        "asks": asked(message.body) if message.direction == "outbound-api" else None,
        "deliveries": [
            {"status": reply.status, "body": reply.body, "error": reply.error} for reply in message.replies
        ],
    }


def phones_room(phones: Phones) -> Blueprint:
    room = Blueprint("phones", __name__)

    @room.get("/phones.json")
    def lines() -> Response:
        return jsonify(phones.lines())

    @room.get("/phones/<number>/messages.json")
    def messages(number: str) -> Response:
        return jsonify(phones.messages(number))

    @room.post("/phones/<number>/messages")
    def text(number: str) -> tuple[Response, int]:
        """201 with the message and the service's answers; 502 when it answered to no delivery."""
        bubble = phones.text(number, read_json("body", "to", "message_sid", "repeat"))
        answered = any(delivery["status"] is not None for delivery in bubble["deliveries"])
        return jsonify(bubble), 201 if answered else 502

    return room
