"""The doors of a telephone: what it rings for, what is heard on it, and what its owner does."""

from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest

from simulator.doors import read_json
from simulator.voice_calls import Calls, view
from simulator.voice_exchange import Exchange

_ANSWERERS = frozenset(
    {
        "human",
        "fax",
        "unknown",
        "machine_start",
        "machine_end_beep",
        "machine_end_silence",
        "machine_end_other",
    }
)
_UNANSWERED = frozenset({"busy", "no-answer", "failed"})
_KEYS = frozenset("0123456789*#")


def voice_phones_room(calls: Calls, exchange: Exchange) -> Blueprint:
    room = Blueprint("voice_phones", __name__, url_prefix="/phones/<number>")

    @room.get("/calls.json")
    def show(number: str) -> Response:
        """The telephone's calls, the newest last."""
        return jsonify([view(call) for call in calls.of(number)])

    @room.post("/calls/<sid>/answer")
    def answer(number: str, sid: str) -> Response:
        """`answered_by` is what machine detection finds; `timed` gives the person as long as the documents do."""
        order = _order("answered_by", "timed")
        answered_by, timed = order.get("answered_by", "human"), order.get("timed", False)
        if answered_by not in _ANSWERERS:
            raise BadRequest(f"answered_by: one of {', '.join(sorted(_ANSWERERS))}")
        if not isinstance(timed, bool):
            raise BadRequest("timed: true or false")
        return jsonify(view(exchange.answer(number, sid, answered_by, timed)))

    @room.post("/calls/<sid>/reject")
    def reject(number: str, sid: str) -> Response:
        status = _order("status").get("status", "busy")
        if status not in _UNANSWERED:
            raise BadRequest(f"status: one of {', '.join(sorted(_UNANSWERED))}")
        return jsonify(view(exchange.reject(number, sid, status)))

    @room.post("/calls/<sid>/press")
    def press(number: str, sid: str) -> Response:
        """`digits` are pressed one after the other; none of them is silence until the time is out."""
        digits = _order("digits").get("digits")
        if not isinstance(digits, str) or set(digits) - _KEYS:
            raise BadRequest("digits: some of 0123456789*#, or none for silence")
        return jsonify(view(exchange.press(number, sid, digits)))

    @room.post("/calls/<sid>/speak")
    def speak(number: str, sid: str) -> Response:
        """`end` is what follows what was said to a recording: "" for silence, a key, or "hangup"."""
        order = _order("text", "end")
        text, end = order.get("text"), order.get("end", "")
        if not isinstance(text, str) or not text.strip():
            raise BadRequest("text: what is said")
        if end != "hangup" and not (isinstance(end, str) and len(end) <= 1 and set(end) <= _KEYS):
            raise BadRequest("end: a key, hangup, or nothing")
        return jsonify(view(exchange.speak(number, sid, text, end)))

    @room.post("/calls/<sid>/leave")
    def leave(number: str, sid: str) -> Response:
        """The agent leaves a Dial or an Enqueue; with a `status` other than completed, none came."""
        status = _order("status").get("status", "completed")
        if status not in _UNANSWERED | {"completed"}:
            raise BadRequest("status: completed, busy, failed or no-answer")
        return jsonify(view(exchange.leave(number, sid, status)))

    @room.post("/calls/<sid>/hangup")
    def hang_up(number: str, sid: str) -> Response:
        _order()
        return jsonify(view(exchange.hang_up(number, sid)))

    return room


def _order(*allowed: str) -> dict[str, Any]:
    """The request's JSON object, which may be left out altogether."""
    return read_json(*allowed) if request.get_data() else {}
