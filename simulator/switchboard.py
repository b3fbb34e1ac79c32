"""The switchboard: hangs up calls, as a telephony platform that reports each end to the service."""

import json
import threading
from collections import deque
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest

from simulator.calls import call_end
from simulator.doors import read_json
from simulator.service import Reply, Service
from simulator.stream import Bell
from simulator.voice_stay import Stays

_SKIPPED = {
    "ask_false": "the call was reported as history (ask: false)",
    "survey_off": "the survey is switched off",
    "not_answered": "nobody answered the call",
    "too_old": "the call ended too long ago",
    "too_short": "the talk was too short to ask about",
    "no_contact": "the call has no phone number to text",
    "masked_phone": "the phone number is masked",
    "invalid_phone": "the phone number is not valid",
    "no_sender": "no sender is set up for this number",
    "sampled_out": "the survey asks a sample of calls, and this one is not in it",
    "opted_out": "the customer has opted out",
    "survey_open": "the customer still has a survey open",
    "asked_recently": "the customer was asked recently",
    "country_not_allowed": "nothing is sent to that country",
    "daily_cap": "enough was sent today",
    "wrong_direction": "the survey is not about calls of that direction",
    "wrong_queue": "the survey is not about that queue's calls",
    "wrong_tags": "the survey is not about calls with those tags",
    "wrong_attributes": "the survey is not about calls with those attributes",
    "transferred": "the survey is not about calls that were transferred",
    "excluded": "nobody is asked about calls of that time",
    "internal_number": "the number is an internal one",
    "agents_number": "the number is an agent's own",
    "premium_number": "the number is a premium one",
    "suppressed": "the account does not want this customer to be asked",
    "no_consent": "the customer has not consented",
    "customer_cap": "the customer was asked often enough",
    "agent_cap": "enough of the agent's customers are asked today",
    "survey_cap": "enough customers are asked today",
    "outside_hours": "no lawful hour is left to send in",
    "dry_run": "its queue or source is only tried",
}


class Switchboard:
    """The newest calls that were hung up here. Thread-safe."""

    def __init__(self, service: Service, bell: Bell, stays: Stays) -> None:
        self._service = service
        self._stays = stays
        self._bell = bell
        self._lock = threading.Lock()
        self._calls: deque[dict[str, Any]] = deque(maxlen=200)

    def hang_up(self, order: dict[str, Any], base_url: str = "") -> Reply:
        """End a call; every field of `order` is optional. `base_url` is where the carrier was reached.

        With `stay` the customer remains when the agent has left, and is handed to the service; "first" does so
        before the end is reported. `timed` then gives them the time-outs of a person. Raises BadRequest.
        """
        order = dict(order)
        stay, timed = order.pop("stay", False), order.pop("timed", False)
        if stay not in {True, False, "first"} or not isinstance(timed, bool):
            raise BadRequest('stay: true, false or "first"; timed: true or false')
        if stay:
            order["call_id"] = self._stays.call_id(order)
        ended_at = datetime.now(UTC)
        call = call_end(order, ended_at)
        hand_over = self._stays.hold(call, base_url, timed) if stay else None
        if hand_over and stay == "first":
            hand_over()
        reply = self._service.post_call(json.dumps(call).encode())
        if hand_over and stay != "first":
            hand_over()
        decided = outcome(reply, datetime.now(UTC))
        if stay and decided["kind"] == "invited":
            decided["words"] = "The customer stays on the line and is asked there."
        with self._lock:
            self._calls.append({"at": ended_at.isoformat(), "call": call, **decided})
        self._bell.ring("calls")
        return reply

    def recent(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(reversed(self._calls))


def switchboard_room(switchboard: Switchboard) -> Blueprint:
    room = Blueprint("switchboard", __name__, url_prefix="/switchboard")

    @room.post("/calls")
    def hang_up() -> Response:
        """Ends a call. Answers with the service's own status and body, 502 for none."""
        reply = switchboard.hang_up(read_json(), request.host_url.rstrip("/"))
        if reply.status is None:
            response = jsonify(error="The service can't be reached.", detail=reply.error)
            response.status_code = 502
            return response
        return Response(reply.body, reply.status, content_type=reply.content_type)

    @room.get("/calls.json")
    def recent() -> Response:
        """The newest calls first, each with what the service decided, in words."""
        return jsonify(switchboard.recent())

    return room


def outcome(reply: Reply, now: datetime) -> dict[str, Any]:
    """`kind`: invited | skipped | refused | unreachable, with `words` for a person and the reply's `status`."""
    if reply.status is None:
        return {"kind": "unreachable", "status": None, "words": "The service can't be reached."}
    body = _object(reply.body)
    if reply.status >= 300:
        words = f"Refused ({reply.status}): {_complaint(body)}"
        return {"kind": "refused", "status": reply.status, "words": words}
    decision = body if "skipped" in body or "invitation" in body else body.get("call")
    decision = decision if isinstance(decision, dict) else {}
    skipped, invitation = decision.get("skipped"), decision.get("invitation")
    if isinstance(skipped, dict):
        reason = str(skipped.get("reason"))
        words = f"Not asked: {_SKIPPED.get(reason, reason)}."
        return {"kind": "skipped", "status": reply.status, "reason": reason, "words": words}
    words = "The customer will be asked."
    if isinstance(invitation, dict):
        words = f"The customer will be asked{_by(invitation)}{_when(invitation, now)}."
    return {"kind": "invited", "status": reply.status, "words": words}


def _object(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _complaint(problem: dict[str, Any]) -> str:
    """What an RFC 9457 problem says, by field where it names fields."""
    errors = problem.get("errors")
    named = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    if named:
        return "; ".join(f"{str(e.get('pointer', '')).lstrip('#/')}: {e.get('detail')}" for e in named[:3])
    return str(problem.get("detail") or problem.get("title") or "no reason given")


def _by(invitation: dict[str, Any]) -> str:
    channel = invitation.get("channel")
    return f" by {'text' if channel == 'sms' else channel}" if channel else ""


def _when(invitation: dict[str, Any], now: datetime) -> str:
    try:
        seconds = (datetime.fromisoformat(invitation["due_at"]) - now).total_seconds()
    except (KeyError, TypeError, ValueError):
        return ""
    for unit, size in (("hours", 3600), ("minutes", 60), ("seconds", 1)):
        if seconds >= 2 * size:
            return f" in {seconds / size:.0f} {unit}"
    return " now"
