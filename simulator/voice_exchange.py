"""The telephone exchange: makes telephones ring, and takes what their owners do to the calls.

Each of a telephone's doors returns the call once the service's documents were followed as far as they go. They
raise NotFound for a call that there is not, and Conflict for what can't be done with it now.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial

from werkzeug.exceptions import Conflict, NotFound

from simulator.faults import FaultBoard
from simulator.voice_calls import Call, new_sid
from simulator.voice_line import Line, Step, Wires


class Exchange:
    def __init__(self, wires: Wires, faults: FaultBoard, step_seconds: float) -> None:
        self._wires = wires
        self._faults = faults
        self._step_seconds = step_seconds
        self._lock = threading.Lock()
        self._lines: dict[str, Line] = {}

    # -- the carrier's side

    def dial(self, call: Call) -> None:
        """Ring the telephone of an accepted call, in the background unless its callbacks come first."""
        line = self._open(call)
        if call.fate.first:
            self._ring(line)
        else:
            self._wires.courier.after(self._step_seconds, partial(self._ring, line))

    def join(self, call: Call, step: Step, timed: bool) -> Call:
        """A call that is talked on already is handed to the service."""
        line = self._open(call)
        with line.lock:
            line.timed = timed
            line.take(step)
        return line.call

    def end(self, call: Call, status: str) -> Call:
        """The service ends a call, perhaps while it is asked for its next document: nothing is waited for."""
        ended = self._wires.calls.change(call, status=status, ended_at=datetime.now(UTC), waiting=None)
        with self._lock:
            line = self._lines.get(call.sid)
        if line:
            self._wires.courier.after(0, partial(line.end, status))
        return ended

    def divert(self, call: Call, step: Step | None, twiml: str | None) -> None:
        """The service gives a call that is talked on another document, once the one before lets it."""

        def errand() -> None:
            with suppress(NotFound, Conflict), self._talking(call.phone, call.sid) as line:
                line.take(step, twiml)

        self._wires.courier.after(0, errand)

    def _ring(self, line: Line) -> None:
        with line.lock:
            call = line.call
            if call.status != "queued":
                return
            self._wires.receipts.progress(call, "initiated")
            end = self._faults.now.call_ends.get(call.recipient)
            if end != "failed":
                call = line.change(status="ringing", started_at=datetime.now(UTC))
                if call.is_over:
                    return
                self._wires.receipts.progress(call, "ringing")
            seconds = self._step_seconds if end else call.ring_seconds * self._wires.second
            self._wires.courier.after(seconds, partial(self._ring_out, line, end or "no-answer"))

    def _ring_out(self, line: Line, status: str) -> None:
        with line.lock:
            if line.call.answered_at is None:
                line.end(status)

    # -- the telephone's side

    def answer(self, phone: str, sid: str, answered_by: str, timed: bool) -> Call:
        line = self._ringing(phone, sid)
        with line.lock:
            if line.call.status != "ringing":
                raise Conflict(f"The call is {line.call.status}.")
            line.timed = timed
            now = datetime.now(UTC)
            call = line.change(status="in-progress", answered_at=now, answered_by=answered_by)
            self._wires.receipts.progress(call, "answered")
            if call.time_limit:
                seconds = call.time_limit * self._wires.second
                self._wires.courier.after(seconds, partial(line.end, "completed"))
            line.begin()
        return line.call

    def reject(self, phone: str, sid: str, status: str) -> Call:
        line = self._ringing(phone, sid)
        with line.lock:
            if line.call.status != "ringing":
                raise Conflict(f"The call is {line.call.status}.")
            line.end(status)
        return line.call

    def press(self, phone: str, sid: str, digits: str) -> Call:
        with self._talking(phone, sid) as line:
            line.press(digits)
        return line.call

    def speak(self, phone: str, sid: str, text: str, end: str) -> Call:
        with self._talking(phone, sid) as line:
            line.speak(text, end)
        return line.call

    def leave(self, phone: str, sid: str, status: str) -> Call:
        """The agent leaves, or never came: the end of a Dial or an Enqueue."""
        with self._talking(phone, sid) as line:
            if not line.leave(dial_end(status), queue_end()):
                raise Conflict("There is no agent in the call.")
        return line.call

    def hang_up(self, phone: str, sid: str) -> Call:
        with self._talking(phone, sid) as line:
            line.end("completed")
        return line.call

    # -- lines

    def _open(self, call: Call) -> Line:
        with self._lock:
            forget = partial(self._lines.pop, call.sid, None)
            return self._lines.setdefault(call.sid, Line(self._wires, call, forget))

    def _line(self, phone: str, sid: str) -> Line:
        call = self._wires.calls.get(sid)
        if call is None or call.phone != phone:
            raise NotFound("This telephone has no such call.")
        with self._lock:
            line = self._lines.get(sid)
        if line is None:
            raise Conflict(f"The call is {call.status}.")
        return line

    def _ringing(self, phone: str, sid: str) -> Line:
        """A line that rings by now: nobody has to wait for the carrier's first step."""
        line = self._line(phone, sid)
        self._ring(line)
        return line

    @contextmanager
    def _talking(self, phone: str, sid: str) -> Iterator[Line]:
        line = self._line(phone, sid)
        with line.lock:
            if line.call.status != "in-progress":
                raise Conflict(f"The call is {line.call.status}.")
            yield line


def dial_end(status: str, seconds: int = 60) -> dict[str, str]:
    """What a Dial's action is told."""
    if status != "completed":
        return {"DialCallStatus": status}
    return {
        "DialBridged": "true",
        "DialCallDuration": str(seconds),
        "DialCallSid": new_sid("CA"),
        "DialCallStatus": status,
    }


def queue_end(seconds: int = 8) -> dict[str, str]:
    """What an Enqueue's action is told."""
    return {"QueueResult": "bridged", "QueueSid": new_sid("QU"), "QueueTime": str(seconds)}
